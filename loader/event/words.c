/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/event/words.h"

/* Bytes of which a word may consist without quotes: no blank, quote, backslash, bracket, ?. */
static const unsigned char bare[256] = {
	['!'] = 1, ['#' ... '&'] = 1, ['*' ... '>'] = 1, ['@' ... 'Z'] = 1, ['^' ... '~'] = 1,
};

static bool is_bare(const unsigned char *s, size_t size)
{
	size_t i;

	for (i = 0; i < size && bare[s[i]]; i++)
		continue;
	return size && i == size;
}

/* In quotes: \\ and \' for those two, \xNN for what is no printable ASCII. */
static char *quoted_byte(char *at, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	if (c >= 0x20 && c < 0x7f) {
		if (c == '\\' || c == '\'')
			*at++ = '\\';
		*at++ = c;
		return at;
	}
	*at++ = '\\';
	*at++ = 'x';
	*at++ = digits[c >> 4];
	*at++ = digits[c & 15];
	return at;
}

/* Text of hostile origin, as one word that cannot look like two, or like the end of the line. */
void words_word(struct jsonw *out, const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	char part[4 * 64 + 1], *at = part;
	size_t i;

	if (is_bare(s, size)) {
		jsonw_put(out, text, size);
		return;
	}
	jsonw_put(out, "'", 1);
	for (i = 0; i < size; i++) {
		at = quoted_byte(at, s[i]);
		if (i % 64 == 63) {
			jsonw_put(out, part, at - part);
			at = part;
		}
	}
	*at++ = '\'';
	jsonw_put(out, part, at - part);
}

/* What could not be read; a text is never that without quotes. */
void words_unknown(struct jsonw *out)
{
	jsonw_put(out, "?", 1);
}

void words_comm(struct jsonw *out, const char *name)
{
	words_word(out, name, strnlen(name, EVENTS_COMM_BYTES));
}

void words_text(struct jsonw *out, const struct event *ev, enum event_text text)
{
	if (event_unread(ev, FIELD_TEXTS + text))
		words_unknown(out);
	else
		words_word(out, ev->texts[text].text, ev->texts[text].size);
}

void words_parent(struct jsonw *out, const struct event *ev, const struct parent_ids *p)
{
	if (event_unread(ev, FIELD_PARENT)) {
		jsonw_printf(out, " (parent ?)");
		return;
	}
	jsonw_printf(out, " (parent %u ", p->pid);
	words_comm(out, p->comm);
	jsonw_put(out, ")", 1);
}

void words_uid(struct jsonw *out, uint32_t id, bool unread)
{
	if (unread)
		jsonw_printf(out, " uid ?");
	else
		jsonw_printf(out, " uid %u", id);
}
