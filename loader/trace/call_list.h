/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls, by name and by number. */
#ifndef LOADER_TRACE_CALL_LIST_H
#define LOADER_TRACE_CALL_LIST_H

#include <stddef.h>

#include "loader/trace/call_types.h"

#define CALL_NAME_BYTES 32

enum call_result { CALL_RESULT_NUMBER, CALL_RESULT_FD, CALL_RESULT_PID, CALL_RESULT_POINTER };

struct call_field {
	char name[CALL_NAME_BYTES];
	const struct call_type *type;
	struct call_parameter read;
};

struct call {
	const char *name;
	int numbers[2]; /* of 64-bit calls and of i386; -1: none */
	enum call_result result;
	bool known; /* false: its parameters are not known */
	unsigned int count;
	struct call_field fields[CALL_PARAMETERS];
};

/* Reads the table; once, before the others. -EINVAL: it is wrong; *ret_wrong: its line. */
int call_list_init(const char **ret_wrong);

/* execve, execveat. call: or NULL. */
bool call_is_exec(const struct call *call);

/* Whether size bytes of what it points to are several items, or may be. */
bool call_is_array(const struct call_field *field, size_t size);

/* call_plan.list: the parameter, or CALL_NO_LIST. */
unsigned int call_list_parameter(const struct call *call);

/* As 64-bit programs make them. */
size_t call_count(void);
const struct call *call_get(size_t index);
const struct call *call_by_name(const char *name); /* NULL: there is none */

/* The same call with the parameters and structs of an ABI. call: of call_get(). */
const struct call *call_of_abi(const struct call *call, enum call_abi abi);
const struct call *call_by_number(enum call_abi abi, unsigned int number);

#endif
