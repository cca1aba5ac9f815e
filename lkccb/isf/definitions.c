/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/isf/definitions.h"

/* A kernel of 2025 has about 20,000 types, 150,000 members and enumerators, and 4 MB of names. */
#define DEFINITIONS_MAX (1 << 18)
#define MEMBERS_MAX     (1 << 20)
#define TYPES_MAX       (1 << 21)
#define NAMES_MAX_BYTES (32 << 20)

/* Room for more items, which are zero; the list doubles. NULL: errno says why. */
static void *list_append(struct isf_list *list, size_t each, size_t more, size_t max)
{
	size_t room = 1, need = list->count + more;
	char *items = list->items;

	if (need > max) {
		errno = E2BIG;
		return NULL;
	}
	while (room < list->count)
		room *= 2;
	if (!list->count || need > room) {
		while (room < need)
			room *= 2;
		items = realloc(items, room * each);
		if (!items)
			return NULL;
		list->items = items;
	}
	items += list->count * each;
	list->count = need;
	return memset(items, 0, more * each);
}

int isf_init(struct isf *isf)
{
	uint32_t empty;

	memset(isf, 0, sizeof(*isf));
	return isf_name_new(isf, "", 0, &empty);
}

void isf_deinit(struct isf *isf)
{
	free(isf->names.items);
	free(isf->definitions.items);
	free(isf->members.items);
	free(isf->types.items);
}

struct isf_definition *isf_definition_new(struct isf *isf)
{
	return list_append(&isf->definitions, sizeof(struct isf_definition), 1, DEFINITIONS_MAX);
}

struct isf_member *isf_member_new(struct isf *isf)
{
	return list_append(&isf->members, sizeof(struct isf_member), 1, MEMBERS_MAX);
}

struct isf_type *isf_type_new(struct isf *isf)
{
	return list_append(&isf->types, sizeof(struct isf_type), 1, TYPES_MAX);
}

int isf_name_new(struct isf *isf, const char *text, size_t size, uint32_t *ret)
{
	size_t at = isf->names.count;
	char *name = list_append(&isf->names, 1, size + 1, NAMES_MAX_BYTES);

	if (!name)
		return -errno;
	memcpy(name, text, size);
	*ret = at;
	return 0;
}

const char *isf_name(const struct isf *isf, uint32_t name)
{
	return (const char *)isf->names.items + name;
}

static int compare(const struct isf *isf, const struct isf_definition *d, enum isf_kind kind,
                   const char *name)
{
	return d->kind != kind ? (d->kind < kind ? -1 : 1) : strcmp(isf_name(isf, d->name), name);
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct isf_definition *other = b;
	const struct isf *isf = arg;

	return compare(isf, a, other->kind, isf_name(isf, other->name));
}

const struct isf_definition *isf_sort(struct isf *isf)
{
	struct isf_definition *list = isf->definitions.items;
	size_t i;

	if (!isf->definitions.count)
		return NULL;
	qsort_r(list, isf->definitions.count, sizeof(*list), by_name, isf);
	for (i = 1; i < isf->definitions.count; i++)
		if (!by_name(&list[i - 1], &list[i], isf))
			return &list[i];
	return NULL;
}

const struct isf_definition *isf_find(const struct isf *isf, enum isf_kind kind, const char *name)
{
	const struct isf_definition *list = isf->definitions.items;
	size_t low = 0, high = isf->definitions.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare(isf, &list[middle], kind, name);

		if (!c)
			return &list[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool isf_has_member(const struct isf *isf, const char *type, const char *member)
{
	const struct isf_definition *d = isf_find(isf, ISF_AGGREGATE, type);
	const struct isf_member *members = isf->members.items;
	uint32_t i;

	for (i = 0; d && i < d->count; i++)
		if (!strcmp(isf_name(isf, members[d->first + i].name), member))
			return true;
	return false;
}
