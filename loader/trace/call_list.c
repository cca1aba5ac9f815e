/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_list.h"
#include "loader/trace/call_table.h"

struct row {
	int number, number_32;
	const char *name;
	enum call_result result;
	const char *fields;
};

#define ROW(number, number_32, name, result, fields) \
	{ number, number_32, name, CALL_RESULT_##result, fields },

static const struct row rows[] = { CALLS(ROW) };

#define ROWS (sizeof(rows) / sizeof(rows[0]))

#define ROW_32(name, fields) { name, fields },

static const struct {
	const char *name, *fields;
} rows_32[] = { CALLS_32(ROW_32) };

#define ROWS_32 (sizeof(rows_32) / sizeof(rows_32[0]))

static struct call list[ROWS], list_32[ROWS];
static const struct call *by_slot[CALL_SLOTS];

/* ---- the table ---------------------------------------------------------- */

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t of_end = strlen(end);

	return size > of_end && !strncmp(text + size - of_end, end, of_end);
}

/* "[count]", "[2]", "[=]", "[*addrlen]"; fields: those of the call, with their names. */
static bool count_parse(const char *text, size_t size, const struct call *call,
                        struct call_parameter *ret)
{
	unsigned int i;

	if (size && *text == '*') {
		ret->when |= CALL_COUNT_AT;
		text++;
		size--;
	}
	if (size == 1 && *text == '=') {
		ret->count = CALL_COUNT_RESULT;
		return true;
	}
	if (size == 1 && *text >= '1' && *text <= '9') {
		ret->count = CALL_COUNT_ONE;
		ret->size *= *text - '0';
		return true;
	}
	for (i = 0; i < call->count; i++)
		if (strlen(call->fields[i].name) == size &&
		    !strncmp(call->fields[i].name, text, size)) {
			ret->count = i;
			return true;
		}
	return false;
}

/* "stat" is "stat_32" for a program of 32 bits, but in a call that only i386 has. */
static const struct call_type *type_find(const char *name, size_t size, const struct call *call,
                                         enum call_abi abi)
{
	const struct call_type *type = NULL;
	char name_32[CALL_NAME_BYTES];

	if (abi == CALL_32 && call->numbers[CALL_64] >= 0) {
		snprintf(name_32, sizeof(name_32), "%.*s_32", (int)size, name);
		type = call_type_find(name_32, strlen(name_32));
	}
	return type ? type : call_type_find(name, size);
}

/* "statbuf:stat_out", "buf:in[count]": all names are known already. */
static bool type_parse(const char *text, size_t size, const struct call *call, enum call_abi abi,
                       struct call_field *ret)
{
	const char *bracket = memchr(text, '[', size);
	size_t name = bracket ? (size_t)(bracket - text) : size;
	unsigned int when = 0;

	if (ends_with(text, name, "_inout")) {
		when = CALL_ENTRY | CALL_EXIT;
		name -= strlen("_inout");
	} else if (ends_with(text, name, "_in")) {
		when = CALL_ENTRY;
		name -= strlen("_in");
	} else if (ends_with(text, name, "_out")) {
		when = CALL_EXIT;
		name -= strlen("_out");
	} else if (name == 2 && !strncmp(text, "in", 2)) {
		when = CALL_ENTRY;
		text = "bytes", name = 5;
	} else if (name == 3 && !strncmp(text, "out", 3)) {
		when = CALL_EXIT;
		text = "bytes", name = 5;
	}
	ret->type = type_find(text, name, call, abi);
	if (!ret->type)
		return false;
	if (ret->type->kind == CALL_STRING || ret->type->kind == CALL_STRINGS)
		when = CALL_ENTRY;
	if (ret->type->kind == CALL_REQUEST)
		when = CALL_ENTRY | CALL_EXIT;
	if (!when) /* a number, or a pointer to what is not read */
		return !bracket;
	ret->read = (struct call_parameter){
		.kind = ret->type->kind == CALL_VALUE ? CALL_BYTES : ret->type->kind,
		.when = when | (ret->type->form == FORM_BYTES ? 0 : CALL_WHOLE),
		.count = CALL_COUNT_ONE,
		.size = ret->type->size
	};
	return !bracket || count_parse(bracket + 1, strcspn(bracket + 1, "]"), call, &ret->read);
}

static bool fields_parse(const char *text, enum call_abi abi, struct call *ret)
{
	const char *at = text;
	unsigned int i;

	ret->known = strcmp(text, "?") != 0;
	while (ret->known && *at) {
		size_t size = strcspn(at, " "), name = strcspn(at, ":");

		if (ret->count == CALL_PARAMETERS || name >= size || name >= CALL_NAME_BYTES)
			return false;
		memcpy(ret->fields[ret->count++].name, at, name);
		at += size + (at[size] == ' ');
	}
	at = text;
	for (i = 0; i < ret->count; i++) {
		size_t size = strcspn(at, " "), name = strcspn(at, ":") + 1;

		if (!type_parse(at + name, size - name, ret, abi, &ret->fields[i]))
			return false;
		at += size + (at[size] == ' ');
	}
	return true;
}

/* The parameters on i386. */
static const char *fields_32(const struct row *row)
{
	size_t i;

	for (i = 0; i < ROWS_32; i++)
		if (!strcmp(rows_32[i].name, row->name))
			return rows_32[i].fields;
	return row->fields;
}

int call_list_init(const char **ret_wrong)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		list[i] = (struct call){ .name = rows[i].name,
			                 .numbers = { rows[i].number, rows[i].number_32 },
			                 .result = rows[i].result };
		list_32[i] = list[i];
		if (!fields_parse(rows[i].fields, CALL_64, &list[i]) ||
		    !fields_parse(fields_32(&rows[i]), CALL_32, &list_32[i])) {
			*ret_wrong = rows[i].name;
			return -EINVAL;
		}
		if (rows[i].number >= 0)
			by_slot[call_slot(CALL_64, rows[i].number)] = &list[i];
		if (rows[i].number_32 >= 0)
			by_slot[call_slot(CALL_32, rows[i].number_32)] = &list_32[i];
	}
	return 0;
}

/* ------------------------------------------------------------------------- */

bool call_is_exec(const struct call *call)
{
	return call && (!strcmp(call->name, "execve") || !strcmp(call->name, "execveat"));
}

bool call_is_array(const struct call_field *field, size_t size)
{
	if (field->read.kind == CALL_REQUEST)
		return false;
	return field->read.count != CALL_COUNT_ONE || size > field->type->size;
}

unsigned int call_list_parameter(const struct call *call)
{
	unsigned int i;

	for (i = 0; i < call->count; i++)
		if (call->fields[i].read.kind > CALL_BYTES)
			return i;
	return CALL_NO_LIST;
}

size_t call_count(void)
{
	return ROWS;
}

const struct call *call_get(size_t index)
{
	return &list[index];
}

const struct call *call_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

const struct call *call_of_abi(const struct call *call, enum call_abi abi)
{
	return abi == CALL_32 ? &list_32[call - list] : call;
}

const struct call *call_by_number(enum call_abi abi, unsigned int number)
{
	unsigned int slot = call_slot(abi, number);

	return slot < CALL_SLOTS ? by_slot[slot] : NULL;
}
