/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of parameters in call_table.h: how the kernel side reads what they point to, and
 * how their values are written.
 */
#ifndef LOADER_TRACE_CALL_TYPES_H
#define LOADER_TRACE_CALL_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/abi/call_record.h"

/* What a value is, for people and for JSON. */
enum call_form {
	FORM_DECIMAL, /* signed */
	FORM_UNSIGNED,
	FORM_ID, /* of a user or a group: unsigned, but for -1 */
	FORM_HEX,
	FORM_POINTER,
	FORM_OCTAL,
	FORM_FD,
	FORM_SIGNAL,
	FORM_WORD,  /* one of a list */
	FORM_FLAGS, /* several of a list, by or */
	FORM_TEXT,  /* a string up to its NUL */
	FORM_BYTES,
	FORM_SOCKADDR,
	FORM_STRUCT,
	FORM_NUMBERS, /* an array of them */
	FORM_STRINGS,
	FORM_VECTOR,  /* struct iovec */
	FORM_MESSAGE, /* struct msghdr */
	FORM_FD_SET,  /* fd_set: which are in it */
	FORM_DIRENTS, /* struct linux_dirent64 */
	FORM_CLONE,   /* as FORM_FLAGS, and a signal in the lowest byte */
	FORM_COUNTED, /* a member: bytes, as many as the first member says */
};

struct call_word;

struct call_type {
	const char *name; /* NULL ends the list */
	enum call_form form;
	unsigned int bits;                 /* of a number: 32 or 64 */
	const struct call_word *words;     /* of FORM_WORD and FORM_FLAGS */
	enum call_kind kind;               /* how it is read; CALL_VALUE: it points to nothing */
	unsigned int size;                 /* bytes of an item */
	const struct call_member *members; /* of FORM_STRUCT */
};

/* A member of a struct that a parameter points to. */
struct call_member {
	const char *name; /* NULL ends the list */
	unsigned int offset, bytes;
	enum call_form form;
	const struct call_word *words;
};

/* FORM_COUNTED: bytes of it. bytes: of the struct. */
unsigned int call_counted(const struct call_member *member, const char *bytes);

/* A user or a group: -1 has all bits. */
int64_t call_id(uint64_t value, unsigned int bits);

/* NULL: there is no such type. name: without _in and _out; size: its bytes. */
const struct call_type *call_type_find(const char *name, unsigned int size);

#endif
