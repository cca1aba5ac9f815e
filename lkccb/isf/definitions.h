/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of a symbol file as tables. They are as large as a kernel's, and
 * limited: the file is of hostile origin.
 */
#ifndef LKCCB_ISF_DEFINITIONS_H
#define LKCCB_ISF_DEFINITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum isf_kind {
	ISF_BASE,
	ISF_AGGREGATE, /* a struct or union */
	ISF_ENUM,
	ISF_POINTER,
	ISF_ARRAY,
	ISF_FUNCTION,
	ISF_BIT_FIELD,
	ISF_KINDS
};

/* A named type: of base_types, user_types or enums. */
struct isf_definition {
	uint32_t name;         /* here and below: an index into names */
	uint32_t size;         /* bytes */
	uint32_t first, count; /* of its members or enumerators */
	uint8_t kind;
	bool is_union;
};

/* A member, or an enumerator whose value is offset. */
struct isf_member {
	uint32_t name;
	uint32_t type; /* index + 1 */
	uint32_t offset;
	bool anonymous;
};

/* The type of a member, or a part of it. */
struct isf_type {
	uint32_t name;  /* of the definition; 0: none */
	uint32_t inner; /* index + 1 of what is pointed to, or of the element; 0: void */
	uint32_t count; /* of elements */
	uint8_t kind;
	uint8_t bit_position, bit_length;
};

struct isf_list {
	void *items;
	size_t count;
};

struct isf {
	struct isf_list names;       /* char: strings, each with its NUL; the first is empty */
	struct isf_list definitions; /* struct isf_definition */
	struct isf_list members;     /* struct isf_member: those of a definition are together */
	struct isf_list types;       /* struct isf_type */
	char banner[1024];           /* of the kernel, or "" */
	char sha256[65];             /* of the vmlinux, in hex, or "" */
};

int isf_init(struct isf *isf);
void isf_deinit(struct isf *isf);

/* Append an item that is zero. NULL: out of memory, or errno is E2BIG: too many. */
struct isf_definition *isf_definition_new(struct isf *isf);
struct isf_member *isf_member_new(struct isf *isf);
struct isf_type *isf_type_new(struct isf *isf);

/* Copies size bytes; *ret is an index into names. -ENOMEM, -E2BIG. */
int isf_name_new(struct isf *isf, const char *text, size_t size, uint32_t *ret);

const char *isf_name(const struct isf *isf, uint32_t name);

/* Sorts the definitions by kind and name, for isf_find(). NULL, or a name that occurs twice. */
const struct isf_definition *isf_sort(struct isf *isf);

/* NULL: no such definition. */
const struct isf_definition *isf_find(const struct isf *isf, enum isf_kind kind, const char *name);

/* Has a struct or union a member of this name, not counting anonymous ones? */
bool isf_has_member(const struct isf *isf, const char *type, const char *member);

#endif
