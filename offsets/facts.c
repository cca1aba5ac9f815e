/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue as sorted tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/facts.h"

struct entry {
	const char *type;
	const char *typed; /* members with their types, as the catalogue has them */
};

/* What the name of a type begins and ends with, by kind of fact. */
static const struct {
	const char *prefix, *suffix;
} kinds[OFFSETS_FACT_KINDS] = {
	[OFFSETS_FACT_MEMBER] = { "", "" },
	[OFFSETS_FACT_ENUMERATOR] = { "enum ", "" },
	[OFFSETS_FACT_ARGUMENT] = { "", "()" },
	[OFFSETS_FACT_SYMBOL] = { ".symtab", "" },
};

static const struct entry entries[LAYOUT_MAX] = {
#define FACT(id, type, members, why) [LAYOUT_##id] = { #type, members },
	CATALOGUE(FACT)
#undef FACT
};

#define NAME_MAX_BYTES 128

/* Names per fact at most, including "sizeof". */
#define ALTERNATIVES_MAX 5
static struct offsets_wanted wanted[LAYOUT_MAX * ALTERNATIVES_MAX];
static char texts[LAYOUT_MAX * 256];
static size_t wanted_count;

/* Without types. */
static struct {
	const char *name;    /* "task_struct.start_boottime|real_start_time" */
	const char *members; /* its end: alternatives, separated by '|' */
} plain[LAYOUT_MAX];

static int wanted_compare(const void *a, const void *b)
{
	const struct offsets_wanted *x = a, *y = b;
	int c = strcmp(x->type, y->type);

	return c ? c : strcmp(x->member, y->member);
}

static void wanted_add(const char *type, const char *member, const char *expected)
{
	wanted[wanted_count++] = (struct offsets_wanted){ type, member, expected };
}

/* Each of "start_boottime:8|real_start_time:8,timespec". Returns behind the text that it needs. */
static char *members_add(const char *type, const char *typed, char *text)
{
	char *save = NULL, *member, *end = text + strlen(typed) + 1;

	strcpy(text, typed);
	for (member = strtok_r(text, "|", &save); member; member = strtok_r(NULL, "|", &save)) {
		char *types = strchr(member, ':');

		if (types)
			*types++ = '\0';
		wanted_add(type, member, types);
	}
	return end;
}

static char *plain_make(size_t id, char *text)
{
	const char *at = entries[id].typed;

	plain[id].name = text;
	text += sprintf(text, "%s.", entries[id].type);
	plain[id].members = text;
	while (*at) {
		size_t name = strcspn(at, ":|"), types = strcspn(at, "|");

		memcpy(text, at, name);
		text += name;
		at += types;
		if (*at)
			*text++ = *at++;
	}
	*text = '\0';
	return text + 1;
}

/* Runs before main(). The tables never change after it, so threads may share them. */
__attribute__((constructor)) static void wanted_init(void)
{
	char *next = texts;
	size_t i, kept = 0;

	for (i = 0; i < LAYOUT_MAX; i++) {
		next = plain_make(i, next);
		next = members_add(entries[i].type, entries[i].typed, next);
		/*
		 * The size of each struct, so that 'lkccb verify' can check the
		 * members against it.
		 */
		if (offsets_fact_kind(entries[i].type) == OFFSETS_FACT_MEMBER)
			wanted_add(entries[i].type, "sizeof", NULL);
	}
	qsort(wanted, wanted_count, sizeof(wanted[0]), wanted_compare);
	for (i = 0; i < wanted_count; i++)
		if (!kept || wanted_compare(&wanted[kept - 1], &wanted[i]))
			wanted[kept++] = wanted[i];
	wanted_count = kept;
}

const struct offsets_wanted *offsets_wanted_all(size_t *ret_count)
{
	*ret_count = wanted_count;
	return wanted;
}

enum offsets_fact_kind offsets_fact_kind(const char *type)
{
	size_t len = strlen(type);

	if (!strcmp(type, kinds[OFFSETS_FACT_SYMBOL].prefix))
		return OFFSETS_FACT_SYMBOL;
	if (!strncmp(type, "enum ", 5))
		return OFFSETS_FACT_ENUMERATOR;
	return len > 2 && !strcmp(type + len - 2, "()") ? OFFSETS_FACT_ARGUMENT
	                                                : OFFSETS_FACT_MEMBER;
}

/* As strcmp(type, prefix name suffix), without building that string. */
static int type_compare(const char *type, enum offsets_fact_kind kind, const char *name)
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

const struct offsets_wanted *offsets_wanted_of(enum offsets_fact_kind kind, const char *name,
                                               size_t *ret_count)
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
	return plain[id].name;
}

const struct offsets_fact *offsets_kernel_alternative(const struct offsets_kernel *kernel,
                                                      enum layout_id id, size_t *at)
{
	const char *members = plain[id].members;

	while (members[*at]) {
		size_t len = strcspn(members + *at, "|");
		const struct offsets_fact *fact;
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, members + *at);
		*at += len + (members[*at + len] == '|');
		fact = offsets_kernel_fact(kernel, entries[id].type, name);
		if (fact)
			return fact;
	}
	return NULL;
}

/* Is the member one of "start_boottime|real_start_time"? */
static bool alternative_is(const char *members, const char *member)
{
	size_t len = strlen(member);

	for (;; members++) {
		if (!strncmp(members, member, len) && strchr("|", members[len]))
			return true;
		members = strchr(members, '|');
		if (!members)
			return false;
	}
}

const struct offsets_wanted *offsets_wanted_find(const char *type, const char *member)
{
	const struct offsets_wanted key = { .type = type, .member = member };

	return bsearch(&key, wanted, wanted_count, sizeof(key), wanted_compare);
}

static int lookup(const struct offsets_kernel *kernel, const char *type, const char *member,
                  const struct offsets_fact **ret)
{
	const struct offsets_fact *fact = offsets_kernel_fact(kernel, type, member);
	size_t i;

	for (i = 0; !fact && i < LAYOUT_MAX; i++) {
		size_t at = 0;

		if (!strcmp(entries[i].type, type) && alternative_is(plain[i].members, member))
			fact = offsets_kernel_alternative(kernel, i, &at);
	}
	if (!fact)
		return offsets_wanted_find(type, member) ? -ENOENT : -EINVAL;
	*ret = fact;
	return 0;
}

/* ---- types ------------------------------------------------------------ */

/* "*" stands for what follows it, too. */
static bool type_is(const char *expected, size_t len, const char *type)
{
	return !strncmp(expected, type, len) && (expected[len - 1] == '*' || !type[len]);
}

bool offsets_type_expected(const struct offsets_wanted *w, const char *type)
{
	const char *at = w->expected;

	while (at && *at) {
		size_t len = strcspn(at, ",");

		if (type_is(at, len, type))
			return true;
		at += len + (at[len] == ',');
	}
	return !w->expected;
}

bool offsets_size_expected(const struct offsets_wanted *w, uint32_t size)
{
	const char *at = w->expected;

	while (at && *at) {
		size_t len = strcspn(at, ",");
		unsigned long number = strtoul(at, NULL, 10);

		if (*at == '*' ? size == 8 : !number || number == size)
			return true;
		at += len + (at[len] == ',');
	}
	return !w->expected;
}

int offsets_type_note(const struct offsets_wanted *w, const char *type,
                      struct offsets_kernel *kernel)
{
	const char *origin = offsets_kernel_key(kernel, OFFSETS_KEY_ORIGIN);
	char note[NAME_MAX_BYTES + 128], text[1024];
	int err;

	snprintf(note, sizeof(note), "%s.%s is left out: its type is '%.60s', not '%s'", w->type,
	         w->member, type, w->expected);
	if (origin && strstr(origin, note))
		return 0;
	snprintf(text, sizeof(text), "%s%s%s", origin ? origin : "", origin ? "; " : "", note);
	err = offsets_kernel_set(kernel, OFFSETS_KEY_ORIGIN, text);
	return err == -EINVAL ? 0 : err; /* too long: the fact is absent all the same */
}

int offsets_kernel_lookup(const struct offsets_kernel *kernel, const char *name,
                          const struct offsets_fact **ret)
{
	const char *dot = strchr(*name == '.' ? name + 1 : name, '.');
	char type[NAME_MAX_BYTES];

	if (!dot || dot - name >= NAME_MAX_BYTES)
		return -EINVAL;
	snprintf(type, sizeof(type), "%.*s", (int)(dot - name), name);
	return lookup(kernel, type, dot + 1, ret);
}

void offsets_kernel_layout(const struct offsets_kernel *kernel, struct layout *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < LAYOUT_MAX; i++) {
		size_t at = 0;
		const struct offsets_fact *fact = offsets_kernel_alternative(kernel, i, &at);

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

/* ---- differences ------------------------------------------------------ */

static int fact_compare(const struct offsets_fact *a, const struct offsets_fact *b)
{
	int c = strcmp(a->type, b->type);

	return c ? c : strcmp(a->member, b->member);
}

size_t offsets_kernel_differences(const struct offsets_kernel *a, const struct offsets_kernel *b,
                                  offsets_difference_fn fn, void *arg)
{
	const struct offsets_fact *x = offsets_kernel_fact_at(a, 0);
	const struct offsets_fact *y = offsets_kernel_fact_at(b, 0);
	size_t i = 0, j = 0, count = 0;

	while (x || y) {
		int c = !x ? 1 : !y ? -1 : fact_compare(x, y);

		if (c || !offsets_fact_same(x, y)) {
			count++;
			if (fn)
				fn(c <= 0 ? x : NULL, c >= 0 ? y : NULL, arg);
		}
		if (c <= 0)
			x = offsets_kernel_fact_at(a, ++i);
		if (c >= 0)
			y = offsets_kernel_fact_at(b, ++j);
	}
	return count;
}
