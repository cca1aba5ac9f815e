/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor knows of processes and names without asking: and when it knows nothing. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include <sys/wait.h>

#include "loader/state/cache.h"
#include "loader/host/clock.h"
#include "loader/state/names.h"
#include "loader/host/proc.h"

#define TICK 10000000ULL /* ns in 1/100 s */

static struct cache *cache;

static int enter(void **state)
{
	(void)state;
	cache = cache_new();
	return cache ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	cache_free(cache);
	return 0;
}

static void exec_at(uint64_t time_ns, uint32_t pid, uint64_t start, const char *path)
{
	static struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.exec.header.type = EVENT_EXEC;
	ev.exec.header.time_ns = time_ns;
	ev.exec.process.pid = pid;
	ev.exec.process.start_boottime_ns = start * TICK;
	ev.texts[TEXT_EXE].size = strlen(path);
	strcpy(ev.texts[TEXT_EXE].text, path);
	cache_event(cache, &ev);
}

static void fork_at(uint64_t time_ns, uint32_t parent, uint64_t parent_start, uint32_t child,
                    uint64_t start)
{
	static struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.fork.header.type = EVENT_FORK;
	ev.fork.header.time_ns = time_ns;
	ev.fork.process = (struct process_ids){ parent, parent, parent_start * TICK };
	ev.fork.child = (struct process_ids){ child, child, start * TICK };
	cache_event(cache, &ev);
}

static void exit_of(uint32_t pid, uint64_t start)
{
	static struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.exit.header.type = EVENT_EXIT;
	ev.exit.process = (struct process_ids){ pid, pid, start * TICK };
	cache_event(cache, &ev);
}

static void assert_runs(uint32_t pid, uint64_t start, const char *path)
{
	const struct cached *known = cache_find(cache, pid, start * TICK);

	if (!path) {
		assert_true(!known || !known->exe);
		return;
	}
	assert_non_null(known);
	assert_int_equal(known->exe_size, strlen(path));
	assert_memory_equal(known->exe, path, strlen(path));
}

static void a_child_runs_what_its_parent_ran_until_its_exec(void **state)
{
	(void)state;
	exec_at(1, 10, 1, "/bin/sh");
	fork_at(2, 10, 1, 11, 2);
	assert_runs(11, 2, "/bin/sh");
	exec_at(3, 11, 2, "/bin/ls");
	assert_runs(11, 2, "/bin/ls");
	assert_runs(10, 1, "/bin/sh");
}

#define CONTAINER "c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc"

static void a_child_is_in_its_parents_container_until_its_exec(void **state)
{
	static struct event ev;

	(void)state;
	memset(&ev, 0, sizeof(ev));
	ev.exec.header.type = EVENT_EXEC;
	ev.exec.header.time_ns = 1;
	ev.exec.process = (struct process_ids){ 10, 10, 1 * TICK };
	ev.texts[TEXT_CGROUP].size = strlen("/docker/" CONTAINER);
	strcpy(ev.texts[TEXT_CGROUP].text, "/docker/" CONTAINER);
	cache_event(cache, &ev);
	fork_at(2, 10, 1, 11, 2);
	exit_of(10, 1);
	assert_memory_equal(cache_find(cache, 11, 2 * TICK)->container.text, CONTAINER,
	                    strlen(CONTAINER));
	exec_at(3, 11, 2, "/bin/ls");
	assert_null(cache_find(cache, 11, 2 * TICK)->container.text);
}

/* The clocks of two CPUs may differ: by them the exec was first. */
static void a_fork_that_comes_after_its_childs_exec_changes_nothing(void **state)
{
	(void)state;
	exec_at(1, 10, 1, "/bin/sh");
	exec_at(3, 11, 2, "/bin/ls");
	fork_at(4, 10, 1, 11, 2);
	assert_runs(11, 2, "/bin/ls");
}

static void a_pid_that_is_used_again_is_another_process(void **state)
{
	(void)state;
	exec_at(1, 10, 1, "/bin/old");
	exit_of(10, 1);
	exec_at(2, 10, 5, "/bin/new");
	assert_runs(10, 1, "/bin/old");
	assert_runs(10, 5, "/bin/new");
	assert_string_equal(cache_find_living(cache, 10)->exe, "/bin/new");
	exit_of(10, 5);
	assert_null(cache_find_living(cache, 10));
}

static void an_exec_whose_path_is_not_known_leaves_nothing_old(void **state)
{
	static struct event ev;

	(void)state;
	exec_at(1, 10, 1, "/bin/sh");
	memset(&ev, 0, sizeof(ev));
	ev.exec.header = (struct event_header){ .type = EVENT_EXEC,
		                                .time_ns = 2,
		                                .unread = 1U << FIELD_EXEC_EXE };
	ev.exec.process = (struct process_ids){ 10, 10, 1 * TICK };
	cache_event(cache, &ev);
	assert_runs(10, 1, NULL);
}

static void a_child_of_an_unknown_parent_is_unknown(void **state)
{
	(void)state;
	fork_at(2, 10, 1, 11, 2);
	assert_runs(11, 2, NULL);
}

/* The seed has what the event reports later: the one before is not known. */
static void what_proc_showed_already_is_not_what_was_before(void **state)
{
	struct exec_event exec = { .header = { .time_ns = 5 } };
	uint64_t start;
	char exe[4096];

	(void)state;
	assert_int_equal(proc_start(getpid(), &start), 0);
	assert_int_equal(proc_exe(getpid(), exe, sizeof(exe)), 0);
	exec.header.time_ns = clock_monotonic_ns();
	cache_seed(cache);
	while (cache_work(cache, 1)) /* a process at a time */
		continue;
	assert_runs(getpid(), start, exe);
	exec.process = (struct process_ids){ getpid(), getpid(), start * TICK };
	assert_null(cache_find_before(cache, &exec));
	exec.header.time_ns = clock_monotonic_ns();
	assert_non_null(cache_find_before(cache, &exec));
	exec_at(5, getpid(), start, "/bin/older");
	assert_runs(getpid(), start, exe);
}

/* By the time it is read, it may run what its next event will report. */
static void one_that_started_after_the_seed_is_left_to_events(void **state)
{
	pid_t pid;

	(void)state;
	cache_seed(cache);
	usleep(30000); /* the start is known in 1/100 s */
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	while (cache_work(cache, UINT32_MAX))
		continue;
	assert_non_null(cache_find_living(cache, getpid()));
	assert_null(cache_find_living(cache, pid));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What an event has said goes before what /proc says later. */
static void what_events_say_is_not_read_again(void **state)
{
	uint64_t start;

	(void)state;
	assert_int_equal(proc_start(getpid(), &start), 0);
	exec_at(5, getpid(), start, "/bin/said");
	cache_seed(cache);
	while (cache_work(cache, UINT32_MAX))
		continue;
	assert_runs(getpid(), start, "/bin/said");
	cache_forget(cache);
	assert_runs(getpid(), start, NULL);
	assert_int_equal(cache_size(cache), 0);
}

static void the_living_stay_and_the_dead_go(void **state)
{
	uint64_t start;
	uint32_t i;

	(void)state;
	assert_int_equal(proc_start(getpid(), &start), 0);
	exec_at(1, getpid(), start, "/bin/us");
	for (i = 0; i < 50000; i++) { /* no exit is ever reported: none of these lives */
		fork_at(2, getpid(), start, 5000000 + i, 7);
		cache_work(cache, UINT32_MAX);
		assert_true(cache_size(cache) <= 2 * 8192);
	}
	assert_runs(getpid(), start, "/bin/us");
	for (i = 0; i < 50000; i++) {
		fork_at(2, getpid(), start, 6000000 + i, 7);
		exit_of(6000000 + i, 7);
		assert_true(cache_size(cache) <= 3 * 8192);
	}
	assert_runs(6000000 + i - 1, 7, "/bin/us"); /* ended just now */
	assert_runs(6000000, 7, NULL);
	assert_runs(getpid(), start, "/bin/us");
}

/* ---- names ------------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void names_come_from_the_files_as_they_are_now(void **state)
{
	char passwd[] = "/tmp/test-names-XXXXXX";
	int fd = mkstemp(passwd);
	struct names *names;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_file(passwd, "root:x:0:0:::\ntoor:x:0:0:::\nbad line\nwww:x:33:33:::\n");
	names = names_new(passwd, "/nonexistent/group");
	assert_string_equal(names_find(names, NAME_USER, 0), "root"); /* the first one */
	assert_string_equal(names_find(names, NAME_USER, 33), "www");
	assert_null(names_find(names, NAME_USER, 1));
	assert_null(names_find(names, NAME_GROUP, 0));
	write_file(passwd, "root:x:0:0:::\nsomebody:x:1:1:::\n");
	names_refresh(names);
	assert_string_equal(names_find(names, NAME_USER, 1), "somebody");
	assert_null(names_find(names, NAME_USER, 33));
	unlink(passwd);
	names_refresh(names);
	assert_null(names_find(names, NAME_USER, 0));
	names_free(names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_runs_what_its_parent_ran_until_its_exec),
		TEST(a_child_is_in_its_parents_container_until_its_exec),
		TEST(a_fork_that_comes_after_its_childs_exec_changes_nothing),
		TEST(a_pid_that_is_used_again_is_another_process),
		TEST(an_exec_whose_path_is_not_known_leaves_nothing_old),
		TEST(a_child_of_an_unknown_parent_is_unknown),
		TEST(what_proc_showed_already_is_not_what_was_before),
		TEST(one_that_started_after_the_seed_is_left_to_events),
		TEST(what_events_say_is_not_read_again),
		TEST(the_living_stay_and_the_dead_go),
		TEST(names_come_from_the_files_as_they_are_now),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
