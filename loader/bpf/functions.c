/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/bpf/functions.h"
#include "loader/bpf/sources.h"
#include "offsets/util/cleanup.h"

#define FUNCTIONS_MAX 512

static struct function {
	const char *name;
	bool exists;
} functions[FUNCTIONS_MAX]; /* sorted by name */

static size_t function_count;

static int function_compare(const void *a, const void *b)
{
	const struct function *one = a, *two = b;

	return strcmp(one->name, two->name);
}

static struct function *function_find(const char *name)
{
	const struct function key = { .name = name };

	return bsearch(&key, functions, function_count, sizeof(functions[0]), function_compare);
}

static void function_add(const struct hook *hook)
{
	size_t i;

	if (hook->kind == HOOK_TRACEPOINT || hook->kind == HOOK_RAW_TRACEPOINT)
		return;
	for (i = 0; i < function_count; i++)
		if (!strcmp(functions[i].name, hook->name))
			return;
	if (function_count < FUNCTIONS_MAX)
		functions[function_count++] = (struct function){ .name = hook->name };
}

static void functions_list(void)
{
	const struct program *program;
	const struct source *source;
	size_t i;

	function_count = 0;
	for (i = 0; i < class_sources_count; i++)
		for (source = class_sources[i].sources; source->tiers; source++)
			for (program = source->programs; program->name; program++)
				function_add(&program->hook);
	qsort(functions, function_count, sizeof(functions[0]), function_compare);
}

/* "ffffffff810dcd50 T wake_up_new_task", with "\t[module]" behind those of modules. */
static void line_take(char *line)
{
	char *type = strchr(line, ' ');
	struct function *function;

	if (!type || (type[1] | 32) != 't' || type[2] != ' ')
		return;
	type[3 + strcspn(type + 3, "\t\n")] = '\0';
	function = function_find(type + 3);
	if (function)
		function->exists = true;
}

int functions_read(const char *path)
{
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	char line[1024];

	functions_list();
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		line_take(line);
	return 0;
}

bool function_exists(const char *name)
{
	const struct function *function;

	if (!function_count)
		functions_read("/proc/kallsyms");
	function = function_find(name);
	return function && function->exists;
}
