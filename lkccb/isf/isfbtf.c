/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ids of the definitions come first, in their order, then those of the types,
 * in theirs: so each reference is known before anything is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/isf/isfbtf.h"
#include "offsets/btf.h"

/* BTF has 24 bits for an offset in bits. No struct of the catalogue is as large. */
#define OFFSET_MAX (1 << 21)

struct blob {
	const struct isf *isf;
	char *data;
	size_t used;
};

static void put(struct blob *b, const void *data, size_t size)
{
	memcpy(b->data + b->used, data, size);
	b->used += size;
}

static void type_put(struct blob *b, uint32_t name, unsigned int kind, uint32_t count, bool flag,
                     uint32_t size)
{
	const struct btf_type t = { .name = name,
		                    .info = (uint32_t)flag << 31 | kind << 24 | count,
		                    .size = size };

	put(b, &t, sizeof(t));
}

/* dwarf2json calls types without a name "unnamed_" and a number. */
static uint32_t type_name(const struct blob *b, uint32_t name)
{
	static const char unnamed[] = "unnamed_";

	return strncmp(isf_name(b->isf, name), unnamed, sizeof(unnamed) - 1) ? name : 0;
}

static uint32_t type_id(const struct blob *b, uint32_t type)
{
	return type ? b->isf->definitions.count + type : 0;
}

/* The offset is in bits; its high byte has the size of a bit-field. */
static void member_put(struct blob *b, const struct isf_member *m)
{
	const struct isf_type *t = (const struct isf_type *)b->isf->types.items + m->type - 1;
	bool bits = t->kind == ISF_BIT_FIELD;
	const struct btf_member member = {
		.name = m->anonymous ? 0 : m->name,
		.type = type_id(b, m->type),
		.offset = (m->offset * 8 + (bits ? t->bit_position : 0)) |
		          (bits ? (uint32_t)t->bit_length << 24 : 0),
	};

	put(b, &member, sizeof(member));
}

static void aggregate_put(struct blob *b, const struct isf_definition *d)
{
	const struct isf_member *list = (const struct isf_member *)b->isf->members.items + d->first;
	uint32_t i, count = d->count;

	while (count && list[count - 1].offset >= OFFSET_MAX)
		count--;
	type_put(b, type_name(b, d->name), d->is_union ? KIND_UNION : KIND_STRUCT, count, true,
	         d->size);
	for (i = 0; i < count; i++)
		member_put(b, &list[i]);
}

static void enum_put(struct blob *b, const struct isf_definition *d)
{
	const struct isf_member *list = (const struct isf_member *)b->isf->members.items + d->first;
	uint32_t i;

	type_put(b, type_name(b, d->name), KIND_ENUM, d->count, false, d->size);
	for (i = 0; i < d->count; i++) {
		const struct btf_enumerator e = { list[i].name, list[i].offset };

		put(b, &e, sizeof(e));
	}
}

/* Without a size it is void. */
static void base_put(struct blob *b, const struct isf_definition *d)
{
	const uint32_t bits = d->size < 32 ? d->size * 8 : 0;

	if (!d->size) {
		type_put(b, 0, KIND_CONST, 0, false, 0);
		return;
	}
	type_put(b, d->name, KIND_INT, 0, false, d->size);
	put(b, &bits, sizeof(bits));
}

static void definition_put(struct blob *b, const struct isf_definition *d)
{
	if (d->kind == ISF_BASE)
		base_put(b, d);
	else if (d->kind == ISF_ENUM)
		enum_put(b, d);
	else
		aggregate_put(b, d);
}

/* A type that is nowhere defined is a declaration. */
static void reference_put(struct blob *b, const struct isf_type *t)
{
	const struct isf_definition *d = isf_find(b->isf, t->kind, isf_name(b->isf, t->name));

	if (d)
		type_put(b, 0, KIND_CONST, 0, false,
		         1 + (d - (const struct isf_definition *)b->isf->definitions.items));
	else
		type_put(b, type_name(b, t->name), KIND_FWD, 0, false, 0);
}

static void array_put(struct blob *b, const struct isf_type *t)
{
	const struct btf_array array = { type_id(b, t->inner), 0, t->count };

	type_put(b, 0, KIND_ARRAY, 0, false, 0);
	put(b, &array, sizeof(array));
}

static void type_part_put(struct blob *b, const struct isf_type *t)
{
	switch (t->kind) {
	case ISF_POINTER:
		type_put(b, 0, KIND_PTR, 0, false, type_id(b, t->inner));
		break;
	case ISF_BIT_FIELD:
		type_put(b, 0, KIND_CONST, 0, false, type_id(b, t->inner));
		break;
	case ISF_ARRAY:
		array_put(b, t);
		break;
	case ISF_FUNCTION:
		type_put(b, 0, KIND_FUNC_PROTO, 0, false, 0);
		break;
	default:
		reference_put(b, t);
	}
}

/* As they lie; those of a union have no other order in the file than that of their names. */
static int by_offset(const void *a, const void *b)
{
	const struct isf_member *x = a, *y = b;

	return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1)
	                              : (x->name > y->name) - (x->name < y->name);
}

static void members_sort(struct isf *isf)
{
	const struct isf_definition *d = isf->definitions.items;
	struct isf_member *members = isf->members.items;
	size_t i;

	for (i = 0; i < isf->definitions.count; i++)
		if (d[i].kind == ISF_AGGREGATE && d[i].count)
			qsort(members + d[i].first, d[i].count, sizeof(*members), by_offset);
}

static size_t blob_bytes_max(const struct isf *isf)
{
	return sizeof(struct btf_header) +
	       isf->definitions.count * (sizeof(struct btf_type) + sizeof(uint32_t)) +
	       isf->members.count * sizeof(struct btf_member) +
	       isf->types.count * (sizeof(struct btf_type) + sizeof(struct btf_array)) +
	       isf->names.count;
}

int isfbtf_make(struct isf *isf, char **ret, size_t *ret_size)
{
	struct blob b = { .isf = isf, .data = malloc(blob_bytes_max(isf)) };
	struct btf_header header = { .magic = BTF_MAGIC,
		                     .version = 1,
		                     .header_size = sizeof(header) };
	const struct isf_definition *definitions = isf->definitions.items;
	const struct isf_type *types = isf->types.items;
	size_t i;

	if (!b.data)
		return -ENOMEM;
	members_sort(isf);
	b.used = sizeof(header);
	for (i = 0; i < isf->definitions.count; i++)
		definition_put(&b, &definitions[i]);
	for (i = 0; i < isf->types.count; i++)
		type_part_put(&b, &types[i]);
	header.type_size = header.string_offset = b.used - sizeof(header);
	header.string_size = isf->names.count;
	put(&b, isf->names.items, isf->names.count);
	memcpy(b.data, &header, sizeof(header));
	*ret = b.data;
	*ret_size = b.used;
	return 0;
}
