/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace': what is known of the processes whose calls are reported. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "loader/trace/call_list.h"
#include "loader/trace/trace_process.h"
#include "loader/util/monotonic.h"

#define SECOND 1000000000ULL

static struct trace_processes *table;

static int setup(void **state)
{
	const char *wrong = NULL;

	(void)state;
	return call_list_init(&wrong);
}

static int begin(void **state)
{
	(void)state;
	table = trace_processes_new();
	return table ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	trace_processes_free(table);
	return 0;
}

static struct trace_process process(const char *comm, const char *exe, uint64_t read_ns)
{
	struct trace_process p = { .pid = 10,
		                   .parent = 3,
		                   .start_ticks = 7,
		                   .began_ns = 100,
		                   .read_ns = read_ns,
		                   .exe = exe,
		                   .exe_size = exe ? strlen(exe) : 0 };

	strcpy(p.comm, comm);
	return p;
}

static void put(const char *comm, const char *exe, uint64_t read_ns)
{
	const struct trace_process p = process(comm, exe, read_ns);

	trace_processes_put(table, &p);
}

static void put_gone(uint64_t read_ns)
{
	trace_processes_put(table, &(struct trace_process){ .pid = 10, .read_ns = read_ns });
}

static struct call_record record(const char *call, enum call_half half, const char *comm,
                                 uint64_t time_ns)
{
	struct call_record r = { .header = { .type = half, .time_ns = time_ns },
		                 .process = { .pid = 10, .tid = 10 },
		                 .number = call_by_name(call)->numbers[CALL_64] };

	strcpy(r.comm, comm);
	return r;
}

/* A call that begins, of its thread. */
static struct call_record close_of(uint32_t tid, const char *comm, uint64_t time_ns)
{
	struct call_record r = record("close", CALL_BEGINS, comm, time_ns);

	r.process.tid = tid;
	return r;
}

static enum trace_process_need need(const char *comm, uint64_t time_ns)
{
	const struct call_record r = close_of(10, comm, time_ns);

	return trace_processes_need(table, &r);
}

static bool take(struct call_record r)
{
	trace_processes_before(table, &r);
	return trace_processes_after(table, &r);
}

/* exe: NULL: it is not sure. */
static void assert_exe(const char *exe, uint64_t time_ns)
{
	const struct call_record r = close_of(10, "", time_ns);
	struct trace_process p;

	assert_true(trace_processes_find(table, &r, &p));
	assert_int_equal(p.parent, 3);
	assert_int_equal(p.start_ticks, 7);
	assert_int_equal(p.exe != NULL, exe != NULL);
	if (exe)
		assert_true(p.exe_size == strlen(exe) && !memcmp(p.exe, exe, p.exe_size));
}

static void assert_unknown(uint64_t time_ns)
{
	const struct call_record r = close_of(10, "", time_ns);
	struct trace_process p;

	assert_false(trace_processes_find(table, &r, &p));
}

/* ---- when it is read ------------------------------------------------------------- */

static void a_process_is_read_once(void **state)
{
	(void)state;
	assert_unknown(500);
	assert_int_equal(need("sh", 500), PROCESS_NEW);
	put("sh", "/bin/sh", 600);
	assert_int_equal(need("sh", 500), PROCESS_KNOWN);
	take(close_of(10, "sh", 500));
	assert_int_equal(need("sh", 700), PROCESS_KNOWN);
	assert_exe("/bin/sh", 500);
}

static void a_process_that_has_executed_is_read_again(void **state)
{
	(void)state;
	put("sh", "/bin/sh", 600);
	take(close_of(10, "sh", 650));
	assert_false(take(record("execve", CALL_BEGINS, "sh", 700)));
	assert_exe("/bin/sh", 700);
	assert_true(take(record("execve", CALL_RETURNS, "sh", 800)));
	assert_exe(NULL, 800);
	put("sh", "/other/sh", 900);
	assert_exe(NULL, 850);
	take(close_of(10, "sh", 850));
	assert_exe("/other/sh", 850);
	assert_exe(NULL, 700);
}

static void an_exec_that_failed_changes_nothing(void **state)
{
	struct call_record r = record("execve", CALL_RETURNS, "sh", 800);

	(void)state;
	r.result = -2;
	put("sh", "/bin/sh", 600);
	take(close_of(10, "sh", 650));
	assert_false(take(r));
	assert_exe("/bin/sh", 800);
}

static void another_name_is_another_program(void **state)
{
	(void)state;
	put("sh", "/bin/sh", 600);
	take(close_of(10, "sh", 650));
	assert_int_equal(need("cat", 700), PROCESS_CHANGED);
	take(close_of(10, "cat", 700));
	assert_exe(NULL, 700);
	put("cat", "/bin/cat", 800);
	take(close_of(10, "cat", 700));
	assert_exe("/bin/cat", 700);
	assert_exe(NULL, 650);
}

/* What was read is newer than the call: the process may run something else by then. */
static void what_is_read_late_is_not_sure(void **state)
{
	(void)state;
	put("cat", "/bin/cat", 900);
	take(close_of(10, "sh", 500));
	assert_exe(NULL, 500);
	assert_int_equal(need("sh", 600), PROCESS_KNOWN);
	take(record("execve", CALL_RETURNS, "cat", 700));
	assert_exe(NULL, 500);
	assert_exe("/bin/cat", 700);
}

static void names_of_other_threads_say_nothing(void **state)
{
	(void)state;
	put("java", "/bin/java", 600);
	take(close_of(11, "worker", 500));
	assert_exe(NULL, 500);
	take(close_of(11, "worker", 700));
	assert_exe("/bin/java", 700);
	assert_int_equal(need("java", 800), PROCESS_KNOWN);
}

/* ---- ids come round -------------------------------------------------------------------- */

static void a_later_process_with_its_id(void **state)
{
	struct trace_process later = process("sh", "/bin/sh", 5 * SECOND);

	(void)state;
	put("sh", "/bin/sh", 600);
	take(close_of(10, "sh", 650));
	assert_int_equal(need("sh", 650 + SECOND), PROCESS_KNOWN);
	assert_int_equal(need("sh", 651 + SECOND), PROCESS_NEW); /* it was quiet */
	later.start_ticks = 8;
	later.began_ns = 4 * SECOND;
	trace_processes_put(table, &later);
	assert_unknown(3 * SECOND);
	take(record("exit_group", CALL_BEGINS, "sh", 6 * SECOND));
	assert_int_equal(need("sh", 6 * SECOND + 1), PROCESS_NEW);
}

static void a_process_that_is_gone(void **state)
{
	(void)state;
	put_gone(600);
	assert_unknown(500);
	assert_int_equal(need("sh", 599), PROCESS_KNOWN); /* that it is gone */
	assert_int_equal(need("sh", 600), PROCESS_NEW);
	put("sh", "/bin/sh", 700);
	/* It was there a moment ago, so this call is its own. */
	trace_processes_gone(table, &(struct trace_process){ .pid = 10, .read_ns = 900 });
	assert_exe(NULL, 800);
	assert_int_equal(need("cat", 800), PROCESS_KNOWN);
	assert_int_equal(need("sh", 900), PROCESS_NEW);
	put_gone(950);
	assert_unknown(940);
}

static void process_count(void *arg, const struct trace_process *p)
{
	assert_true(p->pid);
	++*(unsigned int *)arg;
}

static void the_oldest_give_up_their_rows(void **state)
{
	struct trace_process p = process("sh", "/bin/sh", 0), found;
	struct call_record r = close_of(10, "sh", 1000);
	unsigned int count = 0, i;

	(void)state;
	for (i = 0; i < 3 * TRACE_PROCESSES; i++) {
		p.pid = i + 1;
		p.read_ns = 1000 + i;
		trace_processes_put(table, &p);
	}
	trace_processes_each(table, process_count, &count);
	assert_int_equal(count, TRACE_PROCESSES);
	for (i = 0; i < 3 * TRACE_PROCESSES; i++) {
		r.process.pid = i + 1;
		if (i < TRACE_PROCESSES || i >= 2 * TRACE_PROCESSES + 16)
			assert_int_equal(trace_processes_find(table, &r, &found),
			                 i >= TRACE_PROCESSES);
	}
}

/* Sixteen rows in which a process may be, all taken. */
static void the_one_whose_call_is_oldest_goes(void **state)
{
	struct trace_process p = process("sh", "/bin/sh", 0), found;
	struct call_record r = close_of(10, "sh", 5000);
	unsigned int i;

	(void)state;
	for (i = 0; i < 17; i++) {
		p.pid = 10 + i * TRACE_PROCESSES;
		p.read_ns = 1000 + i;
		trace_processes_put(table, &p);
		if (!i)
			trace_processes_before(table, &r);
	}
	for (i = 0; i < 17; i++) {
		r.process.pid = 10 + i * TRACE_PROCESSES;
		assert_int_equal(trace_processes_find(table, &r, &found), i != 1);
	}
}

/* ---- bytes ----------------------------------------------------------------------------- */

static void what_was_packed_is_unpacked(void **state)
{
	struct trace_process p = process("123456789012345", "/bin/sh", 5), got;
	static char bytes[TRACE_PROCESS_BYTES];
	size_t size;

	(void)state;
	p.sure_ns = 6;
	size = trace_process_pack(&p, bytes);
	assert_true(trace_process_unpack(bytes, size, &got));
	assert_int_equal(got.exe_size, p.exe_size);
	assert_memory_equal(got.exe, p.exe, p.exe_size);
	got.exe = p.exe;
	assert_int_equal(got.pid, p.pid);
	assert_int_equal(got.parent, p.parent);
	assert_int_equal(got.start_ticks, p.start_ticks);
	assert_int_equal(got.began_ns, p.began_ns);
	assert_int_equal(got.read_ns, p.read_ns);
	assert_int_equal(got.sure_ns, p.sure_ns);
	assert_string_equal(got.comm, p.comm);
}

static void bytes_that_are_no_process(void **state)
{
	struct trace_process p = process("sh", "/bin/sh", 5), got;
	static char bytes[TRACE_PROCESS_BYTES + 1];
	struct trace_process_item item;
	size_t size = trace_process_pack(&p, bytes), cut;
	unsigned int i;

	(void)state;
	for (cut = 0; cut < sizeof(item); cut++)
		assert_false(trace_process_unpack(bytes, cut, &got));
	assert_true(trace_process_unpack(bytes, sizeof(item), &got)); /* no executable */
	assert_null(got.exe);
	for (i = 0; i < 5; i++) {
		trace_process_pack(&p, bytes);
		memcpy(&item, bytes, sizeof(item));
		if (i == 1)
			item.pid = 0;
		if (i == 2)
			memset(item.comm, 'x', sizeof(item.comm)); /* no NUL */
		if (i == 3)
			item.start_ticks = 0; /* and yet an executable */
		if (i == 4)
			item.header.type = CALL_BEGINS;
		memcpy(bytes, &item, sizeof(item));
		assert_int_equal(trace_process_unpack(bytes, size, &got), i == 0);
	}
	trace_process_pack(&p, bytes);
	bytes[size - 1] = '\0';
	assert_false(trace_process_unpack(bytes, size, &got));
	memset(bytes + sizeof(item), 'x', TRACE_PROCESS_EXE + 1);
	assert_true(trace_process_unpack(bytes, TRACE_PROCESS_BYTES, &got));
	assert_false(trace_process_unpack(bytes, TRACE_PROCESS_BYTES + 1, &got));
}

/* ---- /proc ------------------------------------------------------------------------------ */

static void a_process_is_read(void **state)
{
	char exe[TRACE_PROCESS_EXE], own[TRACE_PROCESS_EXE] = "";
	struct trace_process p;

	(void)state;
	assert_true(readlink("/proc/self/exe", own, sizeof(own) - 1) > 0);
	assert_int_equal(trace_process_read(getpid(), exe, &p), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.parent, getppid());
	assert_int_equal(p.exe_size, strlen(own));
	assert_memory_equal(p.exe, own, p.exe_size);
	assert_true(p.start_ticks && p.began_ns && p.began_ns < p.read_ns);
	assert_true(p.read_ns <= clock_monotonic_ns());
	assert_true(*p.comm && !strncmp(p.comm, strrchr(own, '/') + 1, strlen(p.comm)));
}

/* Its parent has not waited yet: who it was can be read, what it ran not. */
static void a_process_that_has_ended_is_read(void **state)
{
	char exe[TRACE_PROCESS_EXE];
	struct trace_process p;
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(trace_process_read(pid, exe, &p), 0);
	assert_int_equal(p.parent, getpid());
	assert_null(p.exe);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(trace_process_read(pid, exe, &p) < 0);
	assert_int_equal(p.pid, pid);
	assert_true(!p.start_ticks && p.read_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, leave)
		TEST(a_process_is_read_once),
		TEST(a_process_that_has_executed_is_read_again),
		TEST(an_exec_that_failed_changes_nothing),
		TEST(another_name_is_another_program),
		TEST(what_is_read_late_is_not_sure),
		TEST(names_of_other_threads_say_nothing),
		TEST(a_later_process_with_its_id),
		TEST(a_process_that_is_gone),
		TEST(the_oldest_give_up_their_rows),
		TEST(the_one_whose_call_is_oldest_goes),
		cmocka_unit_test(what_was_packed_is_unpacked),
		cmocka_unit_test(bytes_that_are_no_process),
		cmocka_unit_test(a_process_is_read),
		cmocka_unit_test(a_process_that_has_ended_is_read),
	};

	return cmocka_run_group_tests_name("trace_process", tests, setup, NULL);
}
