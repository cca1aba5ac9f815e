/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes before the exec of a script is reported with it: which file it is, and the
 * interpreters of scripts of scripts, all or none.
 */
#include "tests/unit/unit.h"

#include "loader/stream/interpreters.h"

#define ATTEMPT 0x1230U

static struct interpreters *interpreters;
static struct event ev;

static int enter(void **state)
{
	(void)state;
	interpreters = interpreters_new();
	return interpreters ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	interpreters_free(interpreters);
	return 0;
}

static void send(uint32_t pid, uint32_t script, const char *name)
{
	struct interpreter_part part = { .header = { .len = sizeof(part),
		                                     .type = PART_INTERPRETER },
		                         .process.pid = pid,
		                         .script = script };

	memcpy(part.last.text, name, strnlen(name, sizeof(part.last.text)));
	assert_true(interpreters_take(interpreters, &part, sizeof(part)));
}

static struct script_part part_of_script(uint32_t pid, uint32_t script, uint32_t unread)
{
	return (struct script_part){ .header = { .len = sizeof(struct script_part),
		                                 .type = PART_SCRIPT,
		                                 .unread = unread },
		                     .process.pid = pid,
		                     .inode = 1000 + pid,
		                     .opened_ns = 77,
		                     .device = 8 << 20 | 1,
		                     .script = script };
}

static void script_send(uint32_t pid, uint32_t script, uint32_t unread)
{
	struct script_part part = part_of_script(pid, script, unread);

	assert_true(interpreters_take(interpreters, &part, sizeof(part)));
}

/* An exec that has come to /bin/sh in the end. */
static void exec_alone(uint32_t pid, uint32_t script)
{
	memset(&ev.exec, 0, sizeof(ev.exec));
	ev.interpreters_size = 0;
	ev.has_script = false;
	ev.exec.process.pid = pid;
	ev.exec.script = script;
	ev.texts[TEXT_INTERP].size = strlen("/bin/sh");
	memcpy(ev.texts[TEXT_INTERP].text, "/bin/sh", strlen("/bin/sh"));
	interpreters_give(interpreters, &ev);
}

/* The same, with what comes before it. */
static void exec(uint32_t pid, uint32_t script)
{
	if (script & SCRIPT_LEVELS)
		script_send(pid, script, 0);
	exec_alone(pid, script);
}

#define ASSERT_TOLD(names)                                                  \
	do {                                                                \
		assert_int_equal(ev.header.unread, 0);                      \
		assert_int_equal(ev.interpreters_size, sizeof(names));      \
		assert_memory_equal(ev.interpreters, names, sizeof(names)); \
	} while (0)

static void a_chain_goes_with_its_exec(void **state)
{
	(void)state;
	send(10, ATTEMPT | 1, "./b");
	send(11, ATTEMPT | 1, "./other");
	send(10, ATTEMPT | 2, "./a");
	exec(10, ATTEMPT | 3);
	ASSERT_TOLD("./b\0./a\0/bin/sh");
}

static void no_script_and_one_script_have_no_chain(void **state)
{
	(void)state;
	exec(10, ATTEMPT);
	assert_int_equal(ev.interpreters_size | ev.header.unread, 0);
	exec(10, ATTEMPT | 1);
	assert_int_equal(ev.interpreters_size | ev.header.unread, 0);
}

static void one_that_is_missing_leaves_none(void **state)
{
	(void)state;
	send(10, ATTEMPT | 2, "./a");
	exec(10, ATTEMPT | 3);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_INTERPRETERS);
	exec(11, ATTEMPT | 2);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_INTERPRETERS);
}

static void an_attempt_that_failed_is_another_one(void **state)
{
	(void)state;
	send(10, ATTEMPT | 1, "./failed");
	send(10, (ATTEMPT + 8) | 1, "./b");
	exec(10, (ATTEMPT + 8) | 2);
	ASSERT_TOLD("./b\0/bin/sh");
}

/* Names fill their room, and the kernel's levels are at their end. */
static void the_longest_chain(void **state)
{
	char name[INTERPRETER_BYTES];
	uint32_t level;

	(void)state;
	memset(name, 'n', sizeof(name));
	for (level = 1; level < SCRIPT_LEVELS; level++)
		send(10, ATTEMPT | level, name);
	exec(10, ATTEMPT | SCRIPT_LEVELS);
	assert_int_equal(ev.interpreters_size,
	                 (SCRIPT_LEVELS - 1) * (sizeof(name) + 1) + sizeof("/bin/sh"));
	send(10, ATTEMPT | SCRIPT_LEVELS, name);
	send(10, ATTEMPT | SCRIPT_LEVELS, name); /* more than there can be */
	exec(10, ATTEMPT | SCRIPT_LEVELS);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_INTERPRETERS);
}

static void of_too_many_attempts_the_oldest_are_forgotten(void **state)
{
	uint32_t pid;

	(void)state;
	for (pid = 1; pid <= 65; pid++)
		send(pid, ATTEMPT | 1, "./b");
	exec(1, ATTEMPT | 2);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_INTERPRETERS);
	exec(2, ATTEMPT | 2);
	ASSERT_TOLD("./b\0/bin/sh");
}

/* A record is not taken unless it is whole, and of that type. */
static void assert_taken_whole(struct event_header *header)
{
	size_t len = header->len, size;

	for (size = 0; size < len; size++) {
		struct guarded g = guarded_copy(header, size);

		assert_false(interpreters_take(interpreters, g.data, size));
		guarded_free(&g);
	}
	header->len--;
	assert_false(interpreters_take(interpreters, header, len));
	header->len++;
	header->type = EVENT_EXIT;
	assert_false(interpreters_take(interpreters, header, len));
}

static void other_records_are_not_taken(void **state)
{
	struct interpreter_part part = { .header = { .len = sizeof(part),
		                                     .type = PART_INTERPRETER } };
	struct script_part script = part_of_script(10, ATTEMPT | 1, 0);

	(void)state;
	assert_taken_whole(&part.header);
	assert_taken_whole(&script.header);
}

/* ---- which file it is ---------------------------------------------------- */

static void a_script_goes_with_its_exec(void **state)
{
	(void)state;
	script_send(10, ATTEMPT | 1, 0);
	script_send(11, ATTEMPT | 2, 0);
	exec_alone(10, ATTEMPT | 1);
	assert_int_equal(ev.header.unread, 0);
	assert_true(ev.has_script);
	assert_int_equal(ev.script.inode, 1010);
	assert_int_equal(ev.script.device, 8 << 20 | 1);
	assert_int_equal(ev.script.opened_ns, 77);
	exec_alone(10, ATTEMPT | 1); /* it is that of one exec */
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_SCRIPT);
	assert_false(ev.has_script);
	exec_alone(11, ATTEMPT);
	assert_int_equal(ev.header.unread, 0);
	assert_false(ev.has_script);
}

static void a_script_of_another_attempt_or_process(void **state)
{
	(void)state;
	script_send(10, ATTEMPT | 1, 0);
	exec_alone(10, (ATTEMPT + 8) | 1);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_SCRIPT);
	exec_alone(11, ATTEMPT | 1);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_SCRIPT);
}

static void a_script_that_could_not_be_read(void **state)
{
	(void)state;
	script_send(10, ATTEMPT | 1, 1U << FIELD_EXEC_SCRIPT | 1U << FIELD_EXEC_UMASK);
	exec_alone(10, ATTEMPT | 1);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_SCRIPT);
	assert_false(ev.has_script);
	script_send(10, ATTEMPT | 1, 1U << FIELD_EXEC_SCRIPT_NUMBERS);
	exec_alone(10, ATTEMPT | 1);
	assert_int_equal(ev.header.unread, 1U << FIELD_EXEC_SCRIPT_NUMBERS);
	assert_true(ev.has_script);
}

static void of_too_many_scripts_the_oldest_are_forgotten(void **state)
{
	uint32_t pid;

	(void)state;
	for (pid = 1; pid <= 513; pid++)
		script_send(pid, ATTEMPT | 1, 0);
	exec_alone(1, ATTEMPT | 1);
	assert_false(ev.has_script);
	exec_alone(2, ATTEMPT | 1);
	assert_true(ev.has_script);
	exec_alone(513, ATTEMPT | 1);
	assert_true(ev.has_script);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_chain_goes_with_its_exec),
		TEST(no_script_and_one_script_have_no_chain),
		TEST(one_that_is_missing_leaves_none),
		TEST(an_attempt_that_failed_is_another_one),
		TEST(the_longest_chain),
		TEST(of_too_many_attempts_the_oldest_are_forgotten),
		TEST(other_records_are_not_taken),
		TEST(a_script_goes_with_its_exec),
		TEST(a_script_of_another_attempt_or_process),
		TEST(a_script_that_could_not_be_read),
		TEST(of_too_many_scripts_the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests_name("interpreters", tests, NULL, NULL);
}
