/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "loader/stream/redact.h"
#include "loader/stream/strings.h"

/* A match that takes more than that is given up: some milliseconds, and KiB of memory. */
#define MATCH_STEPS 200000
#define MATCH_KIB   4096

#define PATTERNS_MAX 32

struct redaction {
	pcre2_code *patterns[PATTERNS_MAX];
	unsigned int count;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	char argv[ARGV_BYTES_MAX], env[ENV_BYTES_MAX];
	char subject[ARGV_BYTES_MAX]; /* what is matched: the same with blanks in place of NULs */
};

/* ---- patterns ------------------------------------------------------------ */

static struct redaction *redaction_new(void)
{
	struct redaction *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->limits = pcre2_match_context_create(NULL);
	r->data = pcre2_match_data_create(2, NULL);
	if (!r->limits || !r->data) {
		redaction_free(r);
		return NULL;
	}
	pcre2_set_match_limit(r->limits, MATCH_STEPS);
	pcre2_set_heap_limit(r->limits, MATCH_KIB);
	return r;
}

void redaction_free(struct redaction *r)
{
	if (!r)
		return;
	while (r->count)
		pcre2_code_free(r->patterns[--r->count]);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	free(r);
}

int redaction_add(struct redaction **redaction, const char *pattern, struct offsets_error *error)
{
	PCRE2_UCHAR why[128];
	PCRE2_SIZE at;
	pcre2_code *code;
	int number;

	if (!*redaction)
		*redaction = redaction_new();
	if (!*redaction)
		return offsets_fail(error, -ENOMEM, "out of memory");
	if ((*redaction)->count == PATTERNS_MAX)
		return offsets_fail(error, -EINVAL, "too many patterns to redact: %s", pattern);
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &number, &at, NULL);
	if (!code) {
		pcre2_get_error_message(number, why, sizeof(why));
		return offsets_fail(error, -EINVAL, "not a pattern: %s (at character %zu: %s)",
		                    pattern, at + 1, (const char *)why);
	}
	(*redaction)->patterns[(*redaction)->count++] = code;
	return 0;
}

/* ---- matches ------------------------------------------------------------- */

/* Strings, as they are and as they are matched. */
struct strings {
	char *bytes, *subject;
	size_t size;
};

/* Puts REDACTED in the place of some bytes, or as much of it as there is room for. */
static size_t replace(struct strings *s, size_t from, size_t to)
{
	size_t put = strlen(REDACTED) < to - from ? strlen(REDACTED) : to - from;

	memcpy(s->bytes + from, REDACTED, put);
	memcpy(s->subject + from, REDACTED, put);
	memmove(s->bytes + from + put, s->bytes + to, s->size - to);
	memmove(s->subject + from + put, s->subject + to, s->size - to);
	s->size -= to - from - put;
	return from + put;
}

/* What a pattern matches. -1: it would take too long. */
static int pattern_apply(const struct redaction *r, const pcre2_code *pattern, struct strings *s)
{
	PCRE2_SIZE at = 0, from, to;
	const PCRE2_SIZE *ends;
	int count, found = 0;

	while (at < s->size) {
		count = pcre2_match(pattern, (PCRE2_SPTR)s->subject, s->size, at, 0, r->data,
		                    r->limits);
		if (count == PCRE2_ERROR_NOMATCH)
			break;
		if (count < 0)
			return -1;
		ends = pcre2_get_ovector_pointer(r->data);
		from = count != 1 && ends[2] != PCRE2_UNSET ? ends[2] : ends[0];
		to = count != 1 && ends[2] != PCRE2_UNSET ? ends[3] : ends[1];
		/* \K can set the beginning behind the end. */
		if (from >= to || to > s->size) {
			at = (ends[1] > at ? ends[1] : at) + 1;
			continue;
		}
		at = replace(s, from, to);
		found++;
	}
	return found;
}

/* kept: of what could not be matched, so many bytes stay. Returns how many parts were replaced. */
static unsigned int strings_apply(struct redaction *r, struct strings *s, size_t kept)
{
	unsigned int i, all = 0;
	size_t j;
	int found;

	for (j = 0; j < s->size; j++)
		s->subject[j] = s->bytes[j] ? s->bytes[j] : ' ';
	for (i = 0; i < r->count; i++) {
		found = pattern_apply(r, r->patterns[i], s);
		if (found < 0) {
			if (kept < s->size)
				replace(s, kept, s->size);
			return all + 1;
		}
		all += found;
	}
	return all;
}

static unsigned int argv_apply(struct redaction *r, struct event *ev)
{
	struct strings s = { r->argv, r->subject, ev->exec.argv_size };
	size_t length, kept;
	unsigned int found;

	if (!s.size || s.size > sizeof(r->argv))
		return 0;
	memcpy(r->argv, ev->argv, s.size);
	kept = strings_next(r->argv, s.size, &length);
	found = strings_apply(r, &s, kept);
	ev->argv = r->argv;
	ev->exec.argv_size = s.size;
	return found;
}

/* Each variable alone: "NAME=" is kept. */
static unsigned int env_apply(struct redaction *r, struct event *ev)
{
	size_t at, next, length, name, size = 0;
	unsigned int found = 0;
	struct strings s;

	if (!ev->exec.env_size || ev->exec.env_size > sizeof(r->env))
		return 0;
	for (at = 0; at < ev->exec.env_size; at += next) {
		next = strings_next(ev->env + at, ev->exec.env_size - at, &length);
		memcpy(r->env + size, ev->env + at, next);
		s = (struct strings){ r->env + size, r->subject, length };
		name = strnlen(s.bytes, length);
		name = memchr(s.bytes, '=', name) ? (char *)memchr(s.bytes, '=', name) - s.bytes + 1
		                                  : 0;
		found += strings_apply(r, &s, name);
		if (next > length)
			s.bytes[s.size++] = '\0';
		size += s.size;
	}
	ev->env = r->env;
	ev->exec.env_size = size;
	return found;
}

/* Of what could not be matched nothing is kept. */
static unsigned int terminal_apply(struct redaction *r, struct event *ev)
{
	struct strings s = { r->argv, r->subject, ev->text_size };
	unsigned int found;

	if (!s.size || s.size > sizeof(r->argv))
		return 0;
	memcpy(r->argv, ev->text, s.size);
	found = strings_apply(r, &s, 0);
	ev->text = r->argv;
	ev->text_size = s.size;
	return found;
}

unsigned int redaction_apply(struct redaction *r, struct event *ev)
{
	if (!r)
		return 0;
	if (ev->header.type == EVENT_TERMINAL)
		return terminal_apply(r, ev);
	return ev->header.type == EVENT_EXEC ? argv_apply(r, ev) + env_apply(r, ev) : 0;
}
