/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/audit/audit.h"

#define SECOND_NS 1000000000ULL

/* ---- records ------------------------------------------------------------ */

void audit_open(struct audit *a, struct format *f, uint64_t time_ns)
{
	uint64_t wall_ns = time_ns + f->clock.monotonic_ns;
	struct jsonw *out = &f->json;

	jsonw_reset(out);
	jsonw_put(out, " msg=audit(", 11);
	jsonw_digits(out, wall_ns / SECOND_NS, 10, 0);
	jsonw_put(out, ".", 1);
	jsonw_digits(out, wall_ns % SECOND_NS / 1000000, 10, 3);
	jsonw_put(out, ":", 1);
	jsonw_digits(out, (uint32_t)(f->run + f->audit_events++), 10, 0);
	jsonw_put(out, "):", 2);
	a->format = f;
	a->out = out;
	a->stamp_size = out->failed ? 0 : out->size;
	memcpy(a->stamp, out->text, a->stamp_size);
	jsonw_reset(out);
}

_Static_assert(sizeof(((struct audit *)0)->stamp) >= 11 + 20 + 1 + 3 + 1 + 10 + 2,
               "the time has twenty digits at most, the serial number ten");

void audit_record(struct audit *a, const char *type)
{
	if (a->out->size)
		jsonw_put(a->out, "\n", 1);
	jsonw_put(a->out, "type=", 5);
	jsonw_put(a->out, type, strlen(type));
	jsonw_put(a->out, a->stamp, a->stamp_size);
}

void audit_eoe(struct audit *a)
{
	audit_record(a, "EOE");
	jsonw_put(a->out, " ", 1);
}

/* ---- fields ------------------------------------------------------------- */

static void key_put(struct audit *a, const char *key)
{
	jsonw_put(a->out, " ", 1);
	jsonw_put(a->out, key, strlen(key));
	jsonw_put(a->out, "=", 1);
}

/* What may stand in quotes: audit_string_contains_control(). */
static const unsigned char plain[256] = { ['!'] = 1, ['#' ... '~'] = 1 };

bool audit_needs_hex(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i;

	for (i = 0; i < size && plain[s[i]]; i++)
		continue;
	return i < size;
}

void audit_bytes(struct jsonw *out, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	char *at = jsonw_room(out, 2 * size);
	const unsigned char *s = bytes;
	size_t i;

	if (!at)
		return;
	for (i = 0; i < size; i++) {
		*at++ = digits[s[i] >> 4];
		*at++ = digits[s[i] & 15];
	}
	out->size = at - out->text;
}

/* audit_log_n_untrustedstring() */
void audit_string(struct jsonw *out, const char *text, size_t size)
{
	if (audit_needs_hex(text, size)) {
		audit_bytes(out, text, size);
		return;
	}
	jsonw_put(out, "\"", 1);
	jsonw_put(out, text, size);
	jsonw_put(out, "\"", 1);
}

void audit_text(struct audit *a, const char *key, const char *text, size_t size)
{
	key_put(a, key);
	audit_string(a->out, text, size);
}

void audit_word(struct audit *a, const char *key, const char *word)
{
	key_put(a, key);
	jsonw_put(a->out, word, strlen(word));
}

void audit_number(struct audit *a, const char *key, uint64_t value)
{
	key_put(a, key);
	jsonw_digits(a->out, value, 10, 0);
}

void audit_signed(struct audit *a, const char *key, int64_t value)
{
	key_put(a, key);
	if (value < 0)
		jsonw_put(a->out, "-", 1);
	jsonw_digits(a->out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 0);
}

void audit_hexadecimal(struct audit *a, const char *key, uint64_t value, unsigned int width)
{
	key_put(a, key);
	jsonw_digits(a->out, value, 16, width);
}

/* ---- what several records have ------------------------------------------ */

void audit_path(struct audit *a, const char *key, const struct event *ev, enum event_text text)
{
	const struct event_path *p = &ev->texts[text];
	size_t size = p->size < AUDIT_PATH_BYTES ? p->size : AUDIT_PATH_BYTES;

	if (event_unread(ev, FIELD_TEXTS + text))
		audit_word(a, key, "(null)");
	else
		audit_text(a, key, p->text + p->size - size, size);
}

void audit_comm(struct audit *a, const char *key, const char *name)
{
	audit_text(a, key, name, strnlen(name, EVENTS_COMM_BYTES));
}

/* isprint() of the kernel (lib/ctype.c): all of Latin-1 but its control characters. */
static bool is_printable(unsigned char c)
{
	return c >= 0xa0 || (c >= ' ' && c < 0x7f);
}

/* audit_proctitle_rtrim(): what is not printable at the end is left out. */
void audit_title(struct audit *a, const char *args, size_t size)
{
	size = size < AUDIT_TITLE_BYTES ? size : AUDIT_TITLE_BYTES;
	while (size && !is_printable(args[size - 1]))
		size--;
	audit_record(a, "PROCTITLE");
	if (size)
		audit_text(a, "proctitle", args, size);
	else
		audit_word(a, "proctitle", "(null)");
}
