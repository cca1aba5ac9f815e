/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loader/bpf/functions.h"
#include "loader/bpf/sources.h"
#include "tests/unit/unit.h"

static const char symbols[] = "ffffffff81000000 T security_file_open\n"
			      "ffffffff81000010 t d_move\t[btrfs]\n"
			      "ffffffff81000020 D vfs_link\n"
			      "ffffffff81000030 T vfs_mkdir.cold\n"
			      "ffffffff81000040 T vfs_mkdir_more\n"
			      "vfs_rmdir\n"
			      "\n"
			      "ffffffff81000050 T no_source_names_it\n"
			      "ffffffff81000060 T notify_change";

static void symbols_write(char *path)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, symbols, sizeof(symbols) - 1), sizeof(symbols) - 1);
	close(fd);
}

/* All is known after one reading, which is slow: the file is not there any more. */
static void test_all_functions_are_found_in_one_reading(void **state)
{
	char path[] = "/tmp/functions-XXXXXX";

	(void)state;
	symbols_write(path);
	assert_int_equal(functions_read(path), 0);
	unlink(path);
	assert_true(function_exists("security_file_open"));
	assert_true(function_exists("d_move"));
	assert_true(function_exists("notify_change"));
	assert_false(function_exists("vfs_link"));
	assert_false(function_exists("vfs_mkdir"));
	assert_false(function_exists("vfs_rmdir"));
	assert_false(function_exists("no_source_names_it"));
}

static void functions_walk(void (*each)(const char *function, void *arg), void *arg)
{
	const struct program *p;
	const struct source *s;
	size_t i;

	for (i = 0; i < class_sources_count; i++)
		for (s = class_sources[i].sources; s->tiers; s++)
			for (p = s->programs; p->name; p++)
				if (p->hook.kind != HOOK_TRACEPOINT &&
				    p->hook.kind != HOOK_RAW_TRACEPOINT)
					each(p->hook.name, arg);
}

static void symbol_write(const char *function, void *file)
{
	fprintf(file, "0 T %s\n", function);
}

static void symbol_expect(const char *function, void *unused)
{
	(void)unused;
	if (!function_exists(function))
		fail_msg("%s() is not found: FUNCTIONS_MAX is too small", function);
}

static void test_each_function_of_the_sources_has_room(void **state)
{
	char path[] = "/tmp/functions-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	(void)state;
	assert_non_null(file);
	functions_walk(symbol_write, file);
	fclose(file);
	assert_int_equal(functions_read(path), 0);
	unlink(path);
	functions_walk(symbol_expect, NULL);
}

static void test_without_symbols_there_is_no_function(void **state)
{
	(void)state;
	assert_int_equal(functions_read("/nonexistent"), -ENOENT);
	assert_false(function_exists("security_file_open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_functions_are_found_in_one_reading),
		cmocka_unit_test(test_each_function_of_the_sources_has_room),
		cmocka_unit_test(test_without_symbols_there_is_no_function),
	};

	return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}
