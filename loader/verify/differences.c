/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/verify/differences.h"
#include "offsets/facts.h"
#include "offsets/util/escape.h"

void differences_add(struct differences *d, enum event_type type, unsigned int field,
                     const char *what, const char *seen, const char *truth)
{
	const struct field *f = field_get(type, field);
	unsigned int i;

	d->failed |= 1U << type;
	jsonw_printf(&d->lines, "self-test of %s: %s: got %s, expected %s", event_type_name(type),
	             what, seen, truth);
	for (i = 0; i < f->count; i++)
		jsonw_printf(&d->lines, "%s %s",
		             i ? "," : "; offsets involved:", offsets_fact_name(f->facts[i]));
	jsonw_printf(&d->lines, "\n");
}

void differences_number(struct differences *d, enum event_type type, unsigned int field,
                        const char *what, uint64_t seen, uint64_t truth)
{
	char a[32], b[32];

	if (seen == truth)
		return;
	snprintf(a, sizeof(a), "%llu", (unsigned long long)seen);
	snprintf(b, sizeof(b), "%llu", (unsigned long long)truth);
	differences_add(d, type, field, what, a, b);
}

/* Bytes of hostile origin (a wrong offset shows anything): quoted, and not at length. */
static void quote(const char *text, size_t size, char *ret, size_t ret_size)
{
	static const char whole[] = "'", cut[] = "..'";
	size_t shown = escape_text(text, size, ret + 1, ret_size - sizeof(cut));

	ret[0] = '\'';
	strcat(ret, shown < size ? cut : whole);
}

void differences_bytes(struct differences *d, enum event_type type, unsigned int field,
                       const char *what, const char *seen, size_t seen_size, const char *truth,
                       size_t truth_size)
{
	char a[160], b[160];

	if (seen_size == truth_size && !memcmp(seen, truth, seen_size))
		return;
	quote(seen, seen_size, a, sizeof(a));
	quote(truth, truth_size, b, sizeof(b));
	differences_add(d, type, field, what, a, b);
}

void differences_report(const struct differences *d)
{
	const char *at = d->lines.text, *end = at ? at + d->lines.size : NULL;

	for (; at < end; at = (const char *)memchr(at, '\n', end - at) + 1)
		log_line(LEVEL_WARNING, "%.*s",
		         (int)((const char *)memchr(at, '\n', end - at) - at), at);
}
