/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF reader. One pass over the types finds the structs that the catalogue
 * names; then only their members are read. Format: the kernel's
 * Documentation/bpf/btf.rst. Every number in the blob is checked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "offsets/btf.h"
#include "offsets/util/cleanup.h"
#include "offsets/facts.h"
#include "offsets/offsets.h"

#define POINTER_BYTES 8         /* not in BTF; only 64-bit kernels are read */
#define NESTING_MAX   32        /* of anonymous structs and typedef chains; C code has fewer */
#define VISITS_MAX    (1 << 24) /* of members: anonymous ones could double the work at each level */

struct btf {
	const char *types, *strings;
	uint32_t type_size, string_size;
	uint32_t *offsets; /* where each type begins, by type id - first; id 0 is void */
	uint32_t first, count;
	uint32_t visits; /* of members so far */
	/* For a module: the kernel's BTF, which has the ids below first. Else NULL. */
	const struct btf *base;
	const char *name; /* of the blob, for messages */
	struct offsets_error *error;
};

/* Where a member path leads. */
struct place {
	uint64_t bits; /* from the start of the outermost struct */
	uint32_t type;
	uint32_t bit_size; /* of a bit-field */
};

static int bad(struct btf *b, const char *cause)
{
	return offsets_fail(b->error, -EBADMSG, "%s: malformed BTF: %s; use another copy", b->name,
	                    cause);
}

static int too_deep(struct btf *b)
{
	return offsets_fail(b->error, -EBADMSG, "%s: structs nest too deeply; use another copy",
	                    b->name);
}

static unsigned int kind(const struct btf_type *t)
{
	return (t->info >> 24) & 0x1f;
}

static uint32_t vlen(const struct btf_type *t)
{
	return t->info & 0xffff;
}

static bool kind_flag(const struct btf_type *t)
{
	return t->info >> 31;
}

/* Strings end inside the section: btf_open() checked its last byte. */
static const char *string(const struct btf *b, uint32_t offset)
{
	if (b->base && offset < b->base->string_size)
		return string(b->base, offset);
	offset -= b->base ? b->base->string_size : 0;
	return offset < b->string_size ? b->strings + offset : "";
}

static uint32_t tail_size(const struct btf_type *t)
{
	static const struct {
		uint8_t fixed, each;
	} tails[KINDS] = {
		[KIND_INT] = { 4, 0 },     [KIND_ARRAY] = { 12, 0 },   [KIND_STRUCT] = { 0, 12 },
		[KIND_UNION] = { 0, 12 },  [KIND_ENUM] = { 0, 8 },     [KIND_FUNC_PROTO] = { 0, 8 },
		[KIND_VAR] = { 4, 0 },     [KIND_DATASEC] = { 0, 12 }, [KIND_DECL_TAG] = { 4, 0 },
		[KIND_ENUM64] = { 0, 12 },
	};

	return tails[kind(t)].fixed + tails[kind(t)].each * vlen(t);
}

/* False: no such type. */
static bool type_get(const struct btf *b, uint32_t id, struct btf_type *ret)
{
	if (b->base && id < b->first)
		return type_get(b->base, id, ret);
	if (!id || id - b->first >= b->count)
		return false;
	memcpy(ret, b->types + b->offsets[id - b->first], sizeof(*ret));
	return true;
}

static const char *type_tail(const struct btf *b, uint32_t id)
{
	if (b->base && id < b->first)
		return type_tail(b->base, id);
	return b->types + b->offsets[id - b->first] + sizeof(struct btf_type);
}

/* Skips typedefs and qualifiers. */
static bool type_strip(const struct btf *b, uint32_t *id, struct btf_type *ret)
{
	int depth;

	for (depth = 0; depth < NESTING_MAX && type_get(b, *id, ret); depth++)
		switch (kind(ret)) {
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			*id = ret->size;
			break;
		default:
			return true;
		}
	return false;
}

static uint64_t type_bytes(const struct btf *b, uint32_t id, int depth)
{
	struct btf_type t;
	struct btf_array array;

	if (depth > NESTING_MAX || !type_strip(b, &id, &t))
		return 0;
	switch (kind(&t)) {
	case KIND_PTR:
		return POINTER_BYTES;
	case KIND_ARRAY:
		memcpy(&array, type_tail(b, id), sizeof(array));
		return array.count * type_bytes(b, array.type, depth + 1);
	case KIND_INT:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FLOAT:
		return t.size;
	}
	return 0;
}

/* Old encoders set no kind_flag for bit-fields: the INT type has the bits. */
static uint32_t int_bit_field(const struct btf *b, uint32_t id, uint64_t *bits)
{
	struct btf_type t;
	uint32_t data;

	if (!type_strip(b, &id, &t) || kind(&t) != KIND_INT)
		return 0;
	memcpy(&data, type_tail(b, id), sizeof(data));
	if ((data & 0xff) == t.size * 8)
		return 0;
	*bits += (data >> 16) & 0xff;
	return data & 0xff;
}

/* Finds a member by name, also inside anonymous structs and unions, as C does. */
static int member_find(struct btf *b, uint32_t id, const char *name, size_t len, int depth,
                       struct place *place)
{
	struct btf_type t;
	uint32_t i;

	if (depth > NESTING_MAX)
		return too_deep(b);
	if (!type_strip(b, &id, &t) || (kind(&t) != KIND_STRUCT && kind(&t) != KIND_UNION))
		return -ENOENT;
	for (i = 0; i < vlen(&t); i++) {
		struct place at = *place;
		struct btf_member m;
		const char *member;
		int err;

		if (b->visits++ == VISITS_MAX)
			return too_deep(b);
		memcpy(&m, type_tail(b, id) + i * sizeof(m), sizeof(m));
		member = string(b, m.name);
		at.bits += kind_flag(&t) ? m.offset & 0xffffff : m.offset;
		at.type = m.type;
		at.bit_size = kind_flag(&t) ? m.offset >> 24 : int_bit_field(b, m.type, &at.bits);
		if (!*member) {
			err = member_find(b, m.type, name, len, depth + 1, &at);
			if (err == -ENOENT)
				continue;
			if (err)
				return err;
		} else if (strncmp(member, name, len) || member[len]) {
			continue;
		}
		*place = at;
		return 0;
	}
	return -ENOENT;
}

/* "[2]" behind a member name. */
static int element_find(struct btf *b, const char **path, struct place *place)
{
	struct btf_type t;
	struct btf_array array;
	char *end;
	unsigned long index = strtoul(*path + 1, &end, 10);

	if (!type_strip(b, &place->type, &t) || kind(&t) != KIND_ARRAY)
		return -ENOENT;
	memcpy(&array, type_tail(b, place->type), sizeof(array));
	if (index >= array.count)
		return -ENOENT;
	place->bits += index * type_bytes(b, array.type, 0) * 8;
	place->type = array.type;
	*path = end + 1;
	return 0;
}

static int path_find(struct btf *b, uint32_t id, const char *path, struct place *ret)
{
	struct place place = { .type = id };
	int err;

	for (;;) {
		size_t len = strcspn(path, ".[");

		err = member_find(b, place.type, path, len, 0, &place);
		path += len;
		if (!err && *path == '[')
			err = element_find(b, &path, &place);
		if (err)
			return err;
		if (*path++ != '.')
			break;
	}
	*ret = place;
	return 0;
}

/* ---- types ------------------------------------------------------------ */

/* "*mount", "[]4": as the catalogue writes types. One without a name is "{}". */
static void type_describe(const struct btf *b, uint32_t id, char ret[OFFSETS_TYPE_BYTES])
{
	struct btf_type t;
	struct btf_array array;
	size_t used = 0;

	ret[0] = '\0';
	while (used < OFFSETS_TYPE_BYTES - 3 && type_strip(b, &id, &t)) {
		switch (kind(&t)) {
		case KIND_PTR:
			used += sprintf(ret + used, "*");
			id = t.size;
			break;
		case KIND_ARRAY:
			memcpy(&array, type_tail(b, id), sizeof(array));
			used += sprintf(ret + used, "[]");
			id = array.type;
			break;
		case KIND_INT:
		case KIND_ENUM:
		case KIND_ENUM64:
			snprintf(ret + used, OFFSETS_TYPE_BYTES - used, "%u", t.size);
			return;
		default:
			snprintf(ret + used, OFFSETS_TYPE_BYTES - used, "%s",
			         *string(b, t.name) ? string(b, t.name) : "{}");
			return;
		}
	}
}

/* The only contents of a struct or union: kuid_t is an integer. False: it is none such. */
static bool type_unwrap(const struct btf *b, uint32_t *id)
{
	struct btf_type t;
	struct btf_member m;

	if (!type_strip(b, id, &t) || (kind(&t) != KIND_STRUCT && kind(&t) != KIND_UNION) ||
	    !vlen(&t))
		return false;
	memcpy(&m, type_tail(b, *id), sizeof(m));
	if ((kind_flag(&t) ? m.offset & 0xffffff : m.offset) || type_bytes(b, m.type, 0) != t.size)
		return false;
	*id = m.type;
	return true;
}

static bool type_accepted(const struct btf *b, const struct offsets_wanted *w, uint32_t id)
{
	char type[OFFSETS_TYPE_BYTES];
	int depth = 0;

	do {
		type_describe(b, id, type);
		if (offsets_type_expected(w, type))
			return true;
	} while (depth++ < NESTING_MAX && type_unwrap(b, &id));
	return false;
}

static int type_refuse(const struct btf *b, const struct offsets_wanted *w, uint32_t id,
                       struct offsets_kernel *kernel)
{
	char type[OFFSETS_TYPE_BYTES];

	type_describe(b, id, type);
	return offsets_type_note(w, type, kernel);
}

/* ---- facts ------------------------------------------------------------ */

static int fact_add(struct btf *b, const struct offsets_wanted *w, const struct offsets_fact *found,
                    struct offsets_kernel *kernel)
{
	struct offsets_fact fact = *found;
	const struct offsets_fact *other;
	size_t i;
	int err;

	fact.type = w->type;
	fact.member = w->member;
	for (i = 0; (other = offsets_kernel_fact_at(kernel, i)); i++) {
		if (strcmp(other->type, w->type) || strcmp(other->member, w->member))
			continue;
		if (offsets_fact_same(other, &fact))
			return 0;
		return offsets_fail(b->error, -ENOTUNIQ,
		                    "%s: two types %s differ: %s at %u, %u bytes, and at %u, %u "
		                    "bytes; add the kernel from its DWARF",
		                    b->name, w->type, w->member, other->offset, other->size,
		                    fact.offset, fact.size);
	}
	err = offsets_kernel_add_fact(kernel, &fact);
	if (err != -EINVAL)
		return err;
	return offsets_fail(b->error, -EBADMSG,
	                    "%s: %s.%s has an impossible offset; use another copy", b->name,
	                    w->type, w->member);
}

static int member_add(struct btf *b, uint32_t id, const struct offsets_wanted *w,
                      struct offsets_kernel *kernel)
{
	struct place place = { .type = id };
	uint64_t bytes;
	int err = strcmp(w->member, "sizeof") ? path_find(b, id, w->member, &place) : 0;

	if (err)
		return err == -ENOENT ? 0 : err;
	if (!type_accepted(b, w, place.type))
		return type_refuse(b, w, place.type, kernel);
	bytes = type_bytes(b, place.type, 0);
	if (place.bits / 8 > UINT32_MAX || bytes > UINT32_MAX)
		return bad(b, "a member is outside its struct");
	return fact_add(b, w,
	                &(struct offsets_fact){ .offset = place.bits / 8,
	                                        .size = bytes,
	                                        .bit_offset = place.bit_size ? place.bits % 8 : 0,
	                                        .bit_size = place.bit_size },
	                kernel);
}

/* The catalogue wants no enumerator with a negative or 64-bit value. */
static int enumerator_add(struct btf *b, uint32_t id, const struct offsets_wanted *w,
                          struct offsets_kernel *kernel)
{
	struct btf_type t;
	struct btf_enumerator e;
	uint32_t i;

	type_get(b, id, &t);
	for (i = 0; i < vlen(&t); i++) {
		memcpy(&e, type_tail(b, id) + i * sizeof(e), sizeof(e));
		if (!strcmp(string(b, e.name), w->member))
			return fact_add(b, w,
			                &(struct offsets_fact){ .offset = e.value, .size = t.size },
			                kernel);
	}
	return 0;
}

/* id: of the FUNC, which refers to its FUNC_PROTO. */
static int argument_add(struct btf *b, uint32_t id, const struct offsets_wanted *w,
                        struct offsets_kernel *kernel)
{
	struct btf_type function, prototype;
	struct btf_parameter p;
	uint32_t i;

	type_get(b, id, &function);
	if (!type_get(b, function.size, &prototype) || kind(&prototype) != KIND_FUNC_PROTO)
		return bad(b, "a function without a prototype");
	for (i = 0; i < vlen(&prototype); i++) {
		memcpy(&p, type_tail(b, function.size) + i * sizeof(p), sizeof(p));
		if (strcmp(string(b, p.name), w->member))
			continue;
		if (!type_accepted(b, w, p.type))
			return type_refuse(b, w, p.type, kernel);
		return fact_add(
			b, w,
			&(struct offsets_fact){ .offset = i, .size = type_bytes(b, p.type, 0) },
			kernel);
	}
	return 0;
}

static int type_add(struct btf *b, uint32_t id, struct offsets_kernel *kernel)
{
	static const struct {
		enum offsets_fact_kind fact;
		int (*add)(struct btf *, uint32_t, const struct offsets_wanted *,
		           struct offsets_kernel *);
	} kinds[KINDS] = {
		[KIND_STRUCT] = { OFFSETS_FACT_MEMBER, member_add },
		[KIND_UNION] = { OFFSETS_FACT_MEMBER, member_add },
		[KIND_ENUM] = { OFFSETS_FACT_ENUMERATOR, enumerator_add },
		[KIND_FUNC] = { OFFSETS_FACT_ARGUMENT, argument_add },
	};
	struct btf_type t;
	const struct offsets_wanted *w;
	size_t i, count;
	int err = 0;

	type_get(b, id, &t);
	if (!kinds[kind(&t)].add)
		return 0;
	w = offsets_wanted_of(kinds[kind(&t)].fact, string(b, t.name), &count);
	for (i = 0; !err && i < count; i++)
		err = kinds[kind(&t)].add(b, id, &w[i], kernel);
	return err;
}

/* First pass: where each type begins. Later passes need no bounds check. */
static int types_index(struct btf *b)
{
	uint32_t offset = 0, room = b->type_size / sizeof(struct btf_type) + 2;

	b->offsets = malloc(room * sizeof(*b->offsets));
	if (!b->offsets)
		return offsets_fail(b->error, -ENOMEM, "%s: out of memory", b->name);
	b->offsets[0] = 0;
	b->count = b->base ? 0 : 1;
	b->first = b->base ? b->base->first + b->base->count : 0;
	while (offset < b->type_size) {
		struct btf_type t;

		if (b->type_size - offset < sizeof(t))
			return bad(b, "the last type is cut");
		memcpy(&t, b->types + offset, sizeof(t));
		if (!kind(&t) || kind(&t) >= KINDS)
			return bad(b, "a kind of type that this program does not know");
		if (b->type_size - offset - sizeof(t) < tail_size(&t))
			return bad(b, "the last type is cut");
		b->offsets[b->count++] = offset;
		offset += sizeof(t) + tail_size(&t);
	}
	return 0;
}

static int btf_open(struct btf *b, const char *data, size_t size)
{
	struct btf_header h;

	if (size < sizeof(h))
		return bad(b, "shorter than its header");
	memcpy(&h, data, sizeof(h));
	if (h.magic != BTF_MAGIC)
		return bad(b, "no BTF magic (or of the other byte order)");
	if (h.version != 1 || h.header_size < sizeof(h) || h.header_size > size)
		return bad(b, "unknown version or header");
	data += h.header_size;
	size -= h.header_size;
	if (h.type_offset % 4 || h.type_offset > size || h.type_size > size - h.type_offset ||
	    h.string_offset > size || h.string_size > size - h.string_offset)
		return bad(b, "a section lies outside of the file");
	/* A module's empty string is the kernel's. */
	if ((!b->base && (!h.string_size || data[h.string_offset])) ||
	    (h.string_size && data[h.string_offset + h.string_size - 1]))
		return bad(b, "the string section does not begin and end with a NUL");
	b->types = data + h.type_offset;
	b->type_size = h.type_size;
	b->strings = data + h.string_offset;
	b->string_size = h.string_size;
	return types_index(b);
}

static int facts_add(struct btf *b, const void *data, size_t size, struct offsets_kernel *kernel)
{
	int err = btf_open(b, data, size);
	uint32_t i;

	for (i = b->base ? 0 : 1; !err && i < b->count; i++)
		err = type_add(b, b->first + i, kernel);
	free(b->offsets);
	if (err == -ENOMEM)
		offsets_fail(b->error, err, "%s: out of memory", b->name);
	if (!err)
		offsets_kernel_sort(kernel);
	return err;
}

int offsets_btf_read(const void *data, size_t size, const char *name, struct offsets_kernel *kernel,
                     struct offsets_error *error)
{
	struct btf b = { .name = name, .error = error };

	return facts_add(&b, data, size, kernel);
}

int offsets_btf_read_module(const void *base, size_t base_size, const void *data, size_t size,
                            const char *name, struct offsets_kernel *kernel,
                            struct offsets_error *error)
{
	struct btf of_kernel = { .name = name, .error = error };
	struct btf b = { .name = name, .error = error, .base = &of_kernel };
	int err = btf_open(&of_kernel, base, base_size);

	if (!err)
		err = facts_add(&b, data, size, kernel);
	free(of_kernel.offsets);
	return err;
}
