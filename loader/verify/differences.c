/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/verify/differences.h"
#include "offsets/facts.h"
#include "offsets/util/escape.h"

static void line_add(struct differences *d, enum event_type type, unsigned int field,
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

void differences_missing(struct differences *d, enum event_type type, unsigned int field)
{
	line_add(d, type, field, "the event", "none", "one");
}

void differences_add(struct differences *d, enum event_type type, unsigned int field,
                     const char *what, const char *seen, const char *truth)
{
	d->compared[type] |= 1U << field;
	d->differing[type] |= 1U << field;
	if (!*field_get(type, field)->of)
		d->wrong |= 1U << type;
	line_add(d, type, field, what, seen, truth);
}

void differences_number(struct differences *d, enum event_type type, unsigned int field,
                        const char *what, uint64_t seen, uint64_t truth)
{
	char a[32], b[32];

	d->compared[type] |= 1U << field;
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

	d->compared[type] |= 1U << field;
	if (seen_size == truth_size && (!seen_size || !memcmp(seen, truth, seen_size)))
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

/* ---- the facts in question -------------------------------------------- */

/* Sets the facts of fields (1 << number) of a class to a value. */
static void facts_set(enum event_type type, unsigned int fields, bool value, bool facts[LAYOUT_MAX])
{
	unsigned int field, i;

	for (field = 0; field < fields_count(type); field++) {
		const struct field *f = field_get(type, field);

		for (i = 0; fields & (1U << field) && i < f->count; i++)
			facts[f->facts[i]] = value;
	}
}

static void facts_of(const struct differences *d, unsigned int classes, bool without_right,
                     bool facts[LAYOUT_MAX])
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		facts_set(type, classes & (1U << type) ? d->differing[type] : 0, true, facts);
	for (type = 0; without_right && type < EVENT_TYPES; type++)
		facts_set(type, d->compared[type] & ~d->differing[type], false, facts);
}

static size_t facts_count(const bool facts[LAYOUT_MAX])
{
	size_t i, count = 0;

	for (i = 0; i < LAYOUT_MAX; i++)
		count += facts[i];
	return count;
}

/* Room for " and 200 more". */
#define MORE_BYTES 16

void differences_facts(const struct differences *d, unsigned int classes, char *ret,
                       size_t ret_size)
{
	bool facts[LAYOUT_MAX] = { false };
	size_t i, left, used = 0;

	facts_of(d, classes, true, facts);
	if (!facts_count(facts)) /* each is a fact of something that is right, too */
		facts_of(d, classes, false, facts);
	ret[0] = '\0';
	left = facts_count(facts);
	for (i = 0; i < LAYOUT_MAX; i++) {
		const char *name = offsets_fact_name(i);

		if (!facts[i])
			continue;
		if (used + strlen(name) + 2 + MORE_BYTES >= ret_size)
			break;
		used += snprintf(ret + used, ret_size - used, "%s%s", used ? ", " : "", name);
		left--;
	}
	if (left)
		snprintf(ret + used, ret_size - used, " and %zu more", left);
}
