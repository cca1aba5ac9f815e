/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test's comparison: what equals, what differs, what is missing, what cannot be known. */
#include "tests/unit/unit.h"

#include "loader/verify/compare.h"
#include "offsets/facts.h"

static struct child child;
static struct own_actions actions;
static struct sample sample;
static struct layout layout;
static struct differences differences;
static const struct comparison comparison = { &sample, &child, &actions, &layout, &differences };

/* An exit as the system and the probes have it. */
static int enter(void **state)
{
	(void)state;
	memset(&child, 0, sizeof(child));
	memset(&sample, 0, sizeof(sample));
	memset(&layout, 0, sizeof(layout));
	memset(&differences, 0, sizeof(differences));
	child.status = 37 << 8;
	child.cpu_min_ns = 2000000;
	child.lived_ns = 3000000;
	child.truth.start_ticks = 100;
	child.truth.pgid = 8;
	child.above.pid = 7;
	child.above.start_ticks = 50;
	strcpy(child.above.comm, "parent");
	sample.seen = 1U << EVENT_EXIT;
	sample.exit.header.type = EVENT_EXIT;
	sample.exits = 1;
	sample.exit.exit.exit_code = 37 << 8;
	sample.exit.exit.cpu_time_ns = 2500000;
	sample.exit.exit.process.start_boottime_ns = 1000000000;
	sample.exit.exit.parent =
		(struct parent_ids){ .pid = 7, .pgid = 8, .start_boottime_ns = 500000000 };
	strcpy(sample.exit.exit.parent.comm, "parent");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	jsonw_deinit(&differences.lines);
	return 0;
}

static void assert_line_has(const char *text)
{
	jsonw_put(&differences.lines, "", 1);
	if (!strstr(differences.lines.text, text))
		fail_msg("'%s' has no '%s'", differences.lines.text, text);
}

static void what_equals_is_no_difference(void **state)
{
	(void)state;
	assert_int_equal(compare_run(&comparison, 1U << EVENT_EXIT), 0);
	assert_int_equal(differences.failed, 0);
	assert_int_equal(differences.lines.size, 0);
}

static void a_difference_names_the_value_and_the_offsets(void **state)
{
	(void)state;
	sample.exit.exit.exit_code = 9;
	assert_int_equal(compare_run(&comparison, 1U << EVENT_EXIT), 0);
	assert_int_equal(differences.failed, 1U << EVENT_EXIT);
	assert_line_has("self-test of exit: wait status: got 9, expected 9472; offsets involved: ");
	assert_line_has("task_struct.exit_code");
}

/* Of the facts of a field that differs, those of fields that are right are not in question. */
static void a_wrong_value_proves_some_facts_wrong(void **state)
{
	char facts[256];

	(void)state;
	sample.exit.exit.exit_code = 9;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_int_equal(differences.wrong, 1U << EVENT_EXIT);
	differences_facts(&differences, 1U << EVENT_EXIT, facts, sizeof(facts));
	assert_non_null(strstr(facts, "task_struct.exit_code"));
	assert_null(strstr(facts, "start_boottime"));
	assert_null(strstr(facts, "real_parent"));
	differences_facts(&differences, 1U << EVENT_EXEC, facts, sizeof(facts));
	assert_string_equal(facts, "");
}

static void facts_that_do_not_fit_are_counted(void **state)
{
	char facts[64];

	(void)state;
	sample.seen |= 1U << EVENT_EXEC;
	sample.exec.header.type = EVENT_EXEC;
	compare_run(&comparison, 1U << EVENT_EXEC);
	differences_facts(&differences, 1U << EVENT_EXEC, facts, sizeof(facts));
	assert_non_null(strstr(facts, " more"));
	assert_true(strlen(facts) < sizeof(facts));
}

/* What stat() shows of a file is up to its file system. */
static void numbers_of_a_file_system_prove_no_facts_wrong(void **state)
{
	(void)state;
	differences_number(&differences, EVENT_EXEC, FIELD_EXEC_EXE_NUMBERS, "inode", 1, 2);
	assert_int_equal(differences.failed, 1U << EVENT_EXEC);
	assert_int_equal(differences.wrong, 0);
}

static void text_of_hostile_origin_is_quoted(void **state)
{
	(void)state;
	memcpy(sample.exit.exit.parent.comm, "\x1b[2J\n", 6);
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_line_has("process.parent.name: got '\\x1b[2J\\x0a', expected 'parent'");
}

/* Of some classes an event is not compared, but it has to come. */
static void classes_without_values_have_to_send_an_event(void **state)
{
	static const enum event_type types[] = { EVENT_EXEC_FAILED, EVENT_BPF };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sample.seen = 0;
		assert_int_equal(compare_run(&comparison, 1U << types[i]), 1U << types[i]);
		sample.seen = 1U << types[i];
		differences.failed = 0;
		assert_int_equal(compare_run(&comparison, 1U << types[i]), 0);
		assert_int_equal(differences.failed, 0);
	}
}

/* A thread that is not the last one must not look like the end of its process. */
static void a_process_ends_once(void **state)
{
	(void)state;
	sample.exits = 2;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_line_has("events of one exit: got 2, expected 1");
}

/* Between what the child knew before its end, and what wait() has afterwards. */
static void cpu_time_has_two_bounds(void **state)
{
	(void)state;
	sample.exit.exit.cpu_time_ns = 1999999;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_line_has("sextant.cpu_time_ns: got 1999999, expected 2000000");
	leave(NULL);
	memset(&differences, 0, sizeof(differences));
	sample.exit.exit.cpu_time_ns = 1ULL << 40;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_line_has("sextant.cpu_time_ns: got 1099511627776, expected 6000000");
}

/* An exit code of one thread is in another member than that of all threads. */
static void the_end_of_a_process_by_exit_is_compared_as_well(void **state)
{
	(void)state;
	child.other_status = 53 << 8;
	sample.other_exits = 1;
	sample.other_exit.header.type = EVENT_EXIT;
	sample.other_exit.exit.exit_code = 0;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_line_has("wait status: got 0, expected 13568");
}

/* Each id and each set of capabilities is compared with its own. */
static void capabilities_are_compared_one_by_one(void **state)
{
	struct credentials *seen = &sample.credentials.credentials.after;

	(void)state;
	sample.seen = 1U << EVENT_CREDENTIALS;
	sample.credentials.header.type = EVENT_CREDENTIALS;
	sample.credentials.header.unread =
		1U << FIELD_START | 1U << FIELD_PARENT | 1U << FIELD_GROUPS;
	child.changed.cap_bounding = 1;
	child.changed.cap_ambient = 2;
	child.changed.cap_inheritable = 3;
	seen->cap_bset = 2;
	seen->cap_ambient = 3;
	seen->cap_inheritable = 1;
	compare_run(&comparison, 1U << EVENT_CREDENTIALS);
	assert_line_has("capabilities.bounding: got 2, expected 1");
	assert_line_has("capabilities.ambient: got 3, expected 2");
	assert_line_has("capabilities.inheritable: got 1, expected 3");
}

static void an_event_that_did_not_come_is_missing(void **state)
{
	(void)state;
	sample.seen = 0;
	assert_int_equal(compare_run(&comparison, 1U << EVENT_EXIT), 1U << EVENT_EXIT);
	assert_int_equal(differences.failed, 1U << EVENT_EXIT);
	assert_int_equal(differences.wrong, 0);
	assert_line_has("self-test of exit: the event: got none, expected one");
}

static void classes_that_were_not_asked_for_are_not_compared(void **state)
{
	(void)state;
	sample.exit.exit.exit_code = 9;
	assert_int_equal(compare_run(&comparison, 0), 0);
	assert_int_equal(differences.failed, 0);
}

/* An unreadable field is a difference, but where this kernel has no offset for it. */
static void an_unreadable_field_is_a_difference_if_its_offsets_are_known(void **state)
{
	unsigned int i;

	(void)state;
	sample.exit.header.unread = 1U << FIELD_EXIT_CODE;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_int_equal(differences.failed, 1U << EVENT_EXIT);
	assert_line_has("got an unreadable value");
	leave(NULL);
	memset(&differences, 0, sizeof(differences));
	for (i = 0; i < LAYOUT_MAX; i++)
		layout.facts[i].offset = LAYOUT_ABSENT;
	compare_run(&comparison, 1U << EVENT_EXIT);
	assert_int_equal(differences.failed, 0);
}

static void terminal_take(const char *text, const char *tty)
{
	struct terminal_event e = {
		.header = { .type = EVENT_TERMINAL },
		.process = { .pid = getpid(), .tid = getpid(), .start_boottime_ns = 1000000000 },
		.parent = { .pgid = 8 },
		.size = strlen(text)
	};
	char record[sizeof(e) + 64];

	snprintf(e.tty, sizeof(e.tty), "%s", tty);
	e.header.len = sizeof(e) + e.size;
	memcpy(record, &e, sizeof(e));
	memcpy(record + sizeof(e), text, e.size);
	sample_take(&sample, &child, &actions, record, e.header.len);
}

/* What the sensor writes to another terminal meanwhile, as its messages, is not what is compared.
 */
static void the_terminal_is_that_which_the_name_was_written_to(void **state)
{
	(void)state;
	strcpy(actions.name, ".sextant-1");
	strcpy(actions.tty, "pts3");
	child.parent = 7;
	child.own.start_ticks = 100;
	child.own.pgid = 8;
	terminal_take("sextant: ready", "pts1");
	assert_int_equal(compare_run(&comparison, 1U << EVENT_TERMINAL), 1U << EVENT_TERMINAL);
	leave(NULL);
	memset(&differences, 0, sizeof(differences));
	terminal_take(".sextant-1", "pts3");
	terminal_take("sextant: ready", "pts1");
	assert_int_equal(compare_run(&comparison, 1U << EVENT_TERMINAL), 0);
	assert_int_equal(differences.failed, 0);
	terminal_take(".sextant-1", "pts4");
	compare_run(&comparison, 1U << EVENT_TERMINAL);
	assert_int_equal(differences.failed, 1U << EVENT_TERMINAL);
	assert_line_has("self-test of terminal: sextant.tty: got 'pts4', expected 'pts3'");
	assert_line_has("tty_struct.name");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(what_equals_is_no_difference),
		TEST(a_difference_names_the_value_and_the_offsets),
		TEST(a_wrong_value_proves_some_facts_wrong),
		TEST(facts_that_do_not_fit_are_counted),
		TEST(numbers_of_a_file_system_prove_no_facts_wrong),
		TEST(text_of_hostile_origin_is_quoted),
		TEST(a_process_ends_once),
		TEST(cpu_time_has_two_bounds),
		TEST(the_end_of_a_process_by_exit_is_compared_as_well),
		TEST(capabilities_are_compared_one_by_one),
		TEST(an_event_that_did_not_come_is_missing),
		TEST(classes_without_values_have_to_send_an_event),
		TEST(classes_that_were_not_asked_for_are_not_compared),
		TEST(an_unreadable_field_is_a_difference_if_its_offsets_are_known),
		TEST(the_terminal_is_that_which_the_name_was_written_to),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
