/* SPDX-License-Identifier: BSD-2-Clause */
/* The sensor's own messages: levels, whole lines, and a reader that does not read. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <limits.h>

#include "loader/util/log.h"

static int saved, reading;

/* Standard error is a pipe. */
static void pipe_enter(void)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	reading = fds[0];
	fcntl(reading, F_SETFL, O_NONBLOCK);
}

/* What came; standard error is again what it was. */
static const char *pipe_leave(void)
{
	static char text[1 << 20];
	size_t size = 0;
	ssize_t n;

	dup2(saved, STDERR_FILENO);
	close(saved);
	while ((n = read(reading, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	text[size] = '\0';
	close(reading);
	return text;
}

static void each_level_of(enum log_level least)
{
	log_level_set(least);
	log_line(LEVEL_ERROR, "an error");
	log_line(LEVEL_WARNING, "a warning");
	log_line(LEVEL_INFO, "an information");
	log_line(LEVEL_DEBUG, "for debugging");
	log_level_set(LEVEL_INFO);
}

static void less_important_messages_are_left_out(void **state)
{
	static const char *const expected[LOG_LEVELS] = {
		"sextant: an error\n",
		"sextant: an error\nsextant: a warning\n",
		"sextant: an error\nsextant: a warning\nsextant: an information\n",
		"sextant: an error\nsextant: a warning\nsextant: an information\n"
		"sextant: for debugging\n",
	};
	unsigned int level;

	(void)state;
	for (level = 0; level < LOG_LEVELS; level++) {
		pipe_enter();
		each_level_of(level);
		assert_string_equal(pipe_leave(), expected[level]);
	}
}

static void levels_have_names(void **state)
{
	static const char *const names[LOG_LEVELS] = { "error", "warning", "info", "debug" };
	enum log_level level;
	unsigned int i;

	(void)state;
	for (i = 0; i < LOG_LEVELS; i++) {
		assert_true(log_level_parse(names[i], &level));
		assert_int_equal(level, i);
	}
	assert_false(log_level_parse("", &level));
	assert_false(log_level_parse("warn", &level));
}

static void a_message_is_one_line_that_steers_nothing(void **state)
{
	(void)state;
	pipe_enter();
	log_line(LEVEL_ERROR, "%s", "x\x1b[2J\nsextant: all is well");
	assert_string_equal(pipe_leave(), "sextant: x\\x1b[2J\\x0asextant: all is well\n");
}

static void a_text_has_a_line_for_each_of_its_lines(void **state)
{
	(void)state;
	pipe_enter();
	log_text(LEVEL_INFO, "one\ntwo\n\nfour");
	log_text(LEVEL_DEBUG, "not\nshown\n");
	log_text(LEVEL_INFO, "");
	assert_string_equal(pipe_leave(), "sextant: one\nsextant: two\nsextant: \nsextant: four\n");
}

static void a_reader_that_does_not_read_holds_nothing_up(void **state)
{
	static char filler[PIPE_BUF];
	int i;

	(void)state;
	pipe_enter();
	fcntl(reading, F_SETPIPE_SZ, 4 * PIPE_BUF);
	memset(filler, 'x', sizeof(filler) - 1);
	for (i = 0; i < 1000; i++)
		log_line(LEVEL_INFO, "%s", filler); /* would wait for ever */
	while (read(reading, filler, sizeof(filler)) > 0)
		continue;
	log_line(LEVEL_INFO, "there is room again");
	assert_non_null(strstr(pipe_leave(), " messages before this one could not be written\n"
	                                     "sextant: there is room again\n"));
	pipe_enter();
	log_line(LEVEL_INFO, "and they are counted once");
	assert_string_equal(pipe_leave(), "sextant: and they are counted once\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_important_messages_are_left_out),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(a_message_is_one_line_that_steers_nothing),
		cmocka_unit_test(a_text_has_a_line_for_each_of_its_lines),
		cmocka_unit_test(a_reader_that_does_not_read_holds_nothing_up),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
