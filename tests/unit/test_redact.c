/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets are replaced wherever a pattern finds them, and nothing else is. */
#include "tests/unit/unit.h"

#include "loader/stream/redact.h"

static struct redaction *redaction;
static struct offsets_error error;
static struct event ev;

static int leave(void **state)
{
	(void)state;
	redaction_free(redaction);
	redaction = NULL;
	return 0;
}

static void pattern(const char *text)
{
	if (redaction_add(&redaction, text, &error))
		fail_msg("%s", error.text);
}

/* Each string with its NUL but the last, whose is that of the literal. */
#define ARGS(text) text, sizeof(text)

static unsigned int apply(const char *argv, size_t argv_size, const char *env, size_t env_size)
{
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_EXEC;
	ev.argv = argv;
	ev.exec.argv_size = argv_size;
	ev.env = env;
	ev.exec.env_size = env_size;
	return redaction_apply(redaction, &ev);
}

static void assert_argv(const char *expected, size_t size)
{
	assert_int_equal(ev.exec.argv_size, size);
	assert_memory_equal(ev.argv, expected, size);
}

static void the_group_is_replaced(void **state)
{
	(void)state;
	pattern("--password[= ](\\S+)");
	assert_int_equal(apply(ARGS("mysql\0--password=hunter2\0db"), ARGS("")), 1);
	assert_argv(ARGS("mysql\0--password=***\0db"));
	assert_int_equal(apply(ARGS("mysql\0--password\0hunter2\0db"), ARGS("")), 1);
	assert_argv(ARGS("mysql\0--password\0***\0db"));
	assert_int_equal(apply(ARGS("mysql\0--passwords\0db"), ARGS("")), 0);
	assert_argv(ARGS("mysql\0--passwords\0db"));
}

static void all_matches_of_all_patterns(void **state)
{
	(void)state;
	pattern("(?i)token=(\\w+)");
	pattern("secret");
	assert_int_equal(apply(ARGS("a\0token=one\0TOKEN=two\0secretsecret"), ARGS("")), 4);
	assert_argv(ARGS("a\0token=***\0TOKEN=***\0******"));
}

/* No more bytes than there were. */
static void a_short_secret_has_fewer_stars(void **state)
{
	(void)state;
	pattern("-p(.+)");
	assert_int_equal(apply(ARGS("a\0-p1"), ARGS("")), 1);
	assert_memory_equal(ev.argv, "a\0-p", 4);
	assert_null(memchr(ev.argv, '1', ev.exec.argv_size));
}

static void variables_keep_their_names(void **state)
{
	(void)state;
	pattern("LD_PRELOAD=(.*)");
	assert_int_equal(apply(ARGS("a"), ARGS("A=b\0LD_PRELOAD=/tmp/secret.so\0C=d")), 1);
	assert_int_equal(ev.exec.env_size, sizeof("A=b\0LD_PRELOAD=***\0C=d"));
	assert_memory_equal(ev.env, "A=b\0LD_PRELOAD=***\0C=d", ev.exec.env_size);
}

static void patterns_that_match_nothing_or_everything(void **state)
{
	(void)state;
	pattern("x*");
	pattern("(y)?");
	pattern("(?=a)");
	pattern("a\\K");
	assert_int_equal(apply(ARGS("a\0b"), ARGS("")), 0);
	assert_argv(ARGS("a\0b"));
	pattern("(?s).+");
	assert_true(apply(ARGS("a\0b"), ARGS("")) > 0);
	assert_null(memchr(ev.argv, 'b', ev.exec.argv_size));
}

/* Who gives such arguments must not have his way. */
static void a_match_without_end_is_given_up_and_all_is_replaced(void **state)
{
	static char argv[8192] = "program";

	(void)state;
	pattern("(a+)+$");
	memset(argv + 8, 'a', sizeof(argv) - 10);
	argv[sizeof(argv) - 2] = '!';
	assert_int_equal(apply(argv, sizeof(argv), ARGS("")), 1);
	assert_argv("program\0***", 11);
}

static void what_is_no_utf8_is_matched_all_the_same(void **state)
{
	(void)state;
	pattern("key=(\\S+)");
	assert_int_equal(apply(ARGS("\xff\0key=\xfe\xfd\xfc\xfb"), ARGS("")), 1);
	assert_argv(ARGS("\xff\0key=***"));
}

static unsigned int apply_terminal(const char *text, size_t size)
{
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_TERMINAL;
	ev.text = text;
	ev.text_size = ev.terminal.size = size;
	return redaction_apply(redaction, &ev);
}

static void assert_text(const char *expected)
{
	assert_int_equal(ev.text_size, strlen(expected));
	assert_memory_equal(ev.text, expected, strlen(expected));
}

static void the_text_of_a_terminal_has_no_secret_either(void **state)
{
	static char long_text[TERMINAL_BYTES_MAX];

	(void)state;
	pattern("key=(\\S+)");
	assert_int_equal(apply_terminal("a key=one\r\n\xff key=two", 20), 2);
	assert_text("a key=***\r\n\xff key=***");
	assert_int_equal(ev.terminal.size, 20); /* what the process has written */
	assert_int_equal(apply_terminal("nothing", 7), 0);
	assert_text("nothing");
	assert_int_equal(apply_terminal("", 0), 0);
	pattern("(a+)+$");
	memset(long_text, 'a', sizeof(long_text) - 1);
	assert_int_equal(apply_terminal(long_text, sizeof(long_text)), 1);
	assert_text("***");
}

static void what_is_no_pattern(void **state)
{
	(void)state;
	assert_int_equal(redaction_add(&redaction, "(a", &error), -EINVAL);
	assert_says(&error, "not a pattern: (a (at character 3");
}

static void nothing_is_done_without_patterns(void **state)
{
	const char argv[] = "a\0b";

	(void)state;
	assert_int_equal(apply(argv, sizeof(argv), ARGS("")), 0);
	assert_ptr_equal(ev.argv, argv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_group_is_replaced, leave),
		cmocka_unit_test_teardown(all_matches_of_all_patterns, leave),
		cmocka_unit_test_teardown(a_short_secret_has_fewer_stars, leave),
		cmocka_unit_test_teardown(variables_keep_their_names, leave),
		cmocka_unit_test_teardown(patterns_that_match_nothing_or_everything, leave),
		cmocka_unit_test_teardown(a_match_without_end_is_given_up_and_all_is_replaced,
		                          leave),
		cmocka_unit_test_teardown(what_is_no_utf8_is_matched_all_the_same, leave),
		cmocka_unit_test_teardown(the_text_of_a_terminal_has_no_secret_either, leave),
		cmocka_unit_test_teardown(what_is_no_pattern, leave),
		cmocka_unit_test_teardown(nothing_is_done_without_patterns, leave),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
