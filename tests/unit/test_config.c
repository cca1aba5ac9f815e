/* SPDX-License-Identifier: BSD-2-Clause */
/* Options and configuration files: which setting is in force, and what any bytes do. */
#include "tests/unit/unit.h"

#include <fcntl.h>

#include "loader/config/config_file.h"

static struct offsets_error error;

static void say(struct setting_list *list, const char *name, const char *value, const char *path)
{
	const struct setting setting = { option_find(name), value, path, 1 };

	assert_non_null(setting.option);
	assert_int_equal(setting_list_add(list, &setting, &error), 0);
}

/* "01": of the first two settings the second one alone is in force. */
static void assert_in_force(const struct setting_list *list, const char *expected)
{
	size_t i;

	assert_int_equal(list->count, strlen(expected));
	for (i = 0; i < list->count; i++)
		assert_int_equal(setting_in_force(list, &list->items[i]), expected[i] == '1');
}

static void the_command_line_and_then_the_last_one_wins(void **state)
{
	struct setting_list list = { 0 };

	(void)state;
	say(&list, "control", "a", NULL);
	say(&list, "format", "text", "file");
	say(&list, "control", "b", "file");
	say(&list, "format", "json", "file");
	say(&list, "control", "c", NULL);
	assert_in_force(&list, "00011");
	setting_list_deinit(&list);
}

static void several_values_count_all_or_those_of_the_command_line(void **state)
{
	struct setting_list list = { 0 };

	(void)state;
	say(&list, "rule", "deny uid 1", "file");
	say(&list, "rule", "deny uid 2", "file");
	assert_in_force(&list, "11");
	say(&list, "rule", "deny uid 3", NULL);
	say(&list, "rule", "deny uid 4", NULL);
	assert_in_force(&list, "0011");
	setting_list_deinit(&list);
}

static void lists_agree_by_what_is_in_force(void **state)
{
	struct setting_list a = { 0 }, b = { 0 };

	(void)state;
	say(&a, "output", "x", "file");
	say(&a, "rule", "deny uid 1", "file");
	say(&b, "output", "y", "file");
	say(&b, "output", "x", NULL);
	say(&b, "rule", "deny uid 1", "other");
	say(&b, "rule", "deny uid 2", "other");
	assert_true(setting_lists_agree(&a, &b, option_find("output")));
	assert_true(setting_lists_agree(&a, &b, option_find("format")));
	assert_false(setting_lists_agree(&a, &b, option_find("rule")));
	setting_list_deinit(&a);
	setting_list_deinit(&b);
}

static void the_nearest_key(void **state)
{
	(void)state;
	assert_string_equal(option_nearest("evnts")->name, "events");
	assert_string_equal(option_nearest("log_level")->name, "log-level");
	assert_string_equal(option_nearest("rules")->name, "rule");
	assert_null(option_nearest("duratio")); /* no key of files */
	assert_null(option_nearest(""));
	assert_null(option_nearest("a-name-that-is-longer-than-any-of-ours"));
}

static void the_first_wrong_value_is_refused(void **state)
{
	struct setting_list list = { 0 };
	struct config config;

	(void)state;
	say(&list, "format", "xml", "file");
	say(&list, "format", "text", NULL);
	assert_int_equal(config_init(&config, &list, &error), 0); /* it is not in force */
	assert_int_equal(config.format, FORMAT_TEXT);
	config_deinit(&config);
	say(&list, "events", "exce", "file");
	assert_int_equal(config_init(&config, &list, &error), -EINVAL);
	assert_string_equal(error.text, "file:1: unknown event class in exce");
	config_deinit(&config);
	setting_list_deinit(&list);
}

/* In whatever order they stand. */
static void a_format_that_an_output_does_not_take_is_refused(void **state)
{
	struct setting_list list = { 0 };
	struct config config;

	(void)state;
	say(&list, "output", "syslog:", NULL);
	say(&list, "output", "/a", NULL);
	say(&list, "format", "audit", NULL);
	assert_int_equal(config_init(&config, &list, &error), -EINVAL);
	assert_says(&error, "only files, standard output, unix: and pipe: take records of audit");
	config_deinit(&config);
	setting_list_deinit(&list);
	say(&list, "output", "syslog: format=json", NULL);
	say(&list, "output", "/a", NULL);
	say(&list, "format", "audit", NULL);
	assert_int_equal(config_init(&config, &list, &error), 0);
	config_deinit(&config);
	setting_list_deinit(&list);
}

static int file_read(const char *directory, const char *bytes, size_t size)
{
	struct setting_list list = { 0 };
	struct config config = { 0 };
	char path[256];
	int fd, err;

	snprintf(path, sizeof(path), "%s/x.conf", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
	err = config_file_read(path, &list, &error);
	if (!err)
		err = config_init(&config, &list, &error);
	if (!err)
		err = config_rules_check(&config, &error);
	config_deinit(&config);
	setting_list_deinit(&list);
	unlink(path);
	return err;
}

/* Each byte of a file, one after the other, is another one: an error, or another value. */
static void any_bytes_are_settings_or_an_error(void **state)
{
	static const char text[] =
		"# x\nevents = exec,fork\nrule = deny uid 7\nenv =\n"
		"no-self-test = yes\nrule = watch /etc\n; y\nlog-level = debug\n";
	static const char others[] = "\0\n =;[#:\xff\x80\x1bx";
	char directory[] = "/tmp/test-config-XXXXXX", changed[sizeof(text)];
	size_t i, j;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(file_read(directory, text, sizeof(text) - 1), 0);
	for (i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(file_read(directory, text, i) != 0, !i || text[i - 1] != '\n');
		for (j = 0; j < sizeof(others) - 1; j++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = others[j];
			file_read(directory, changed, sizeof(text) - 1);
		}
	}
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_line_and_then_the_last_one_wins),
		cmocka_unit_test(several_values_count_all_or_those_of_the_command_line),
		cmocka_unit_test(lists_agree_by_what_is_in_force),
		cmocka_unit_test(the_nearest_key),
		cmocka_unit_test(the_first_wrong_value_is_refused),
		cmocka_unit_test(a_format_that_an_output_does_not_take_is_refused),
		cmocka_unit_test(any_bytes_are_settings_or_an_error),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
