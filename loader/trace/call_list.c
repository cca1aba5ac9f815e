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

static struct call list[ROWS];
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

/* "statbuf:stat_out", "buf:in[count]": all names are known already. */
static bool type_parse(const char *text, size_t size, const struct call *call,
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
	ret->type = call_type_find(text, name);
	if (!ret->type)
		return false;
	if (ret->type->kind == CALL_STRING || ret->type->kind == CALL_STRINGS)
		when = CALL_ENTRY;
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

static bool fields_parse(const char *text, struct call *ret)
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

		if (!type_parse(at + name, size - name, ret, &ret->fields[i]))
			return false;
		at += size + (at[size] == ' ');
	}
	return true;
}

int call_list_init(const char **ret_wrong)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		list[i] = (struct call){ .name = rows[i].name,
			                 .numbers = { rows[i].number, rows[i].number_32 },
			                 .result = rows[i].result };
		if (!fields_parse(rows[i].fields, &list[i])) {
			*ret_wrong = rows[i].name;
			return -EINVAL;
		}
		if (rows[i].number >= 0)
			by_slot[call_slot(CALL_64, rows[i].number)] = &list[i];
		if (rows[i].number_32 >= 0)
			by_slot[call_slot(CALL_32, rows[i].number_32)] = &list[i];
	}
	return 0;
}

/* ------------------------------------------------------------------------- */

bool call_is_exec(const struct call *call)
{
	return call && (!strcmp(call->name, "execve") || !strcmp(call->name, "execveat"));
}

bool call_field_is_same(const struct call_field *field)
{
	switch (field->type->form) {
	case FORM_STRUCT:
	case FORM_VECTOR:
	case FORM_MESSAGE:
		return false;
	default:
		return field->type->size < 8 || field->type->form == FORM_STRINGS;
	}
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

const struct call *call_by_number(enum call_abi abi, unsigned int number)
{
	unsigned int slot = call_slot(abi, number);

	return slot < CALL_SLOTS ? by_slot[slot] : NULL;
}
