/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalogue as tables: which members to look for in debug data, and how a
 * kernel's facts become the BPF map's value.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "offsets/offsets.h"

struct entry {
	const char *type;
	const char *members; /* alternatives, separated by '|' */
	const char *name;
};

/* What a type's name begins and ends with, by the kind of its facts. */
static const struct {
	const char *prefix, *suffix;
} kinds[FACT_KINDS] = {
	[FACT_MEMBER] = { "", "" },
	[FACT_ENUMERATOR] = { "enum ", "" },
	[FACT_ARGUMENT] = { "", "()" },
	[FACT_SYMBOL] = { ".symtab", "" },
};

static const struct entry entries[LAYOUT_MAX] = {
#define FACT(id, type, members, why) [LAYOUT_##id] = { #type, members, #type "." members },
	CATALOGUE(FACT)
#undef FACT
};

/* No fact has more alternatives than this, with the size. */
#define ALTERNATIVES_MAX 5
static struct wanted wanted[LAYOUT_MAX * ALTERNATIVES_MAX];
static char names[LAYOUT_MAX * 64];
static size_t wanted_count;

static int wanted_compare(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;
	int c = strcmp(x->type, y->type);

	return c ? c : strcmp(x->member, y->member);
}

static void wanted_add(const char *type, const char *member)
{
	wanted[wanted_count++] = (struct wanted){ type, member };
}

/* Once, before main: the tables never change, so threads may share them. */
__attribute__((constructor)) static void wanted_init(void)
{
	char *next = names;
	size_t i, kept = 0;

	for (i = 0; i < LAYOUT_MAX; i++) {
		char *save = NULL, *member;
		char *copy = next;

		strcpy(copy, entries[i].members);
		next += strlen(copy) + 1;
		for (member = strtok_r(copy, "|", &save); member;
		     member = strtok_r(NULL, "|", &save))
			wanted_add(entries[i].type, member);
		/* Where a struct ends, so that what lies outside of it is seen to. */
		if (offsets_fact_kind(entries[i].type) == FACT_MEMBER)
			wanted_add(entries[i].type, "sizeof");
	}
	qsort(wanted, wanted_count, sizeof(wanted[0]), wanted_compare);
	for (i = 0; i < wanted_count; i++)
		if (!kept || wanted_compare(&wanted[kept - 1], &wanted[i]))
			wanted[kept++] = wanted[i];
	wanted_count = kept;
}

const struct wanted *offsets_wanted_all(size_t *ret_count)
{
	*ret_count = wanted_count;
	return wanted;
}

enum fact_kind offsets_fact_kind(const char *type)
{
	size_t len = strlen(type);

	if (!strcmp(type, kinds[FACT_SYMBOL].prefix))
		return FACT_SYMBOL;
	if (!strncmp(type, "enum ", 5))
		return FACT_ENUMERATOR;
	return len > 2 && !strcmp(type + len - 2, "()") ? FACT_ARGUMENT : FACT_MEMBER;
}

/* As strcmp(type, prefix name suffix), without building that. */
static int type_compare(const char *type, enum fact_kind kind, const char *name)
{
	const char *parts[] = { kinds[kind].prefix, name };
	size_t i;

	for (i = 0; i < 2; i++) {
		size_t len = strlen(parts[i]);
		int c = strncmp(type, parts[i], len);

		if (c)
			return c;
		type += len;
	}
	return strcmp(type, kinds[kind].suffix);
}

const struct wanted *offsets_wanted_of(enum fact_kind kind, const char *name, size_t *ret_count)
{
	size_t low = 0, high = wanted_count, end;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (type_compare(wanted[middle].type, kind, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < wanted_count && !type_compare(wanted[end].type, kind, name); end++)
		;
	*ret_count = end - low;
	return end > low ? &wanted[low] : NULL;
}

const char *offsets_fact_name(enum layout_id id)
{
	return entries[id].name;
}

const struct fact *offsets_row_alternative(const struct kernel_row *row, enum layout_id id,
                                           size_t *at)
{
	const char *members = entries[id].members;

	while (members[*at]) {
		size_t len = strcspn(members + *at, "|");
		const struct fact *fact;
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, members + *at);
		*at += len + (members[*at + len] == '|');
		fact = offsets_row_fact(row, entries[id].type, name);
		if (fact)
			return fact;
	}
	return NULL;
}

void offsets_row_layout(const struct kernel_row *row, struct layout *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < LAYOUT_MAX; i++) {
		size_t at = 0;
		const struct fact *fact = offsets_row_alternative(row, i, &at);

		if (!fact || fact->offset >= LAYOUT_ABSENT) {
			ret->facts[i].offset = LAYOUT_ABSENT;
			continue;
		}
		ret->facts[i].offset = fact->offset;
		ret->facts[i].size = fact->size < 0xffff ? fact->size : 0xffff;
		ret->facts[i].bit_offset = fact->bit_offset;
		ret->facts[i].bit_size = fact->bit_size;
	}
}
