/* SPDX-License-Identifier: BSD-2-Clause */
/* kprobe_events: what we write there, and what we take away again. */
#include "tests/unit/unit.h"

#include <sys/wait.h>

#include "loader/bpf/attach.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/host/proc.h"
#include "loader/bpf/verdict.h"

static struct offsets_error error;

static void file_write(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", work, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void file_read(const char *name, char *ret, size_t size)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", work, name);
	file = fopen(path, "re");
	assert_non_null(file);
	n = fread(ret, 1, size - 1, file);
	ret[n] = '\0';
	fclose(file);
}

static void attach_methods_are_named(void **state)
{
	(void)state;
	assert_int_equal(attach_methods_parse("tracepoint"), 1 << ATTACH_TRACEPOINT);
	assert_int_equal(attach_methods_parse("kprobe,kprobe_events"),
	                 1 << ATTACH_KPROBE | 1 << ATTACH_KPROBE_EVENTS);
	assert_int_equal(attach_methods_parse("raw_tracepoint"), 1 << ATTACH_RAW_TRACEPOINT);
	assert_int_equal(attach_methods_parse("fentry"), 1 << ATTACH_FENTRY);
	assert_int_equal(attach_methods_parse("kprobe,"), 0);
	assert_int_equal(attach_methods_parse("kprob"), 0);
	assert_int_equal(attach_methods_parse(""), 0);
}

static void definitions_are_what_the_kernel_reads(void **state)
{
	const struct hook entry = { .kind = HOOK_KPROBE, .name = "acct_process" };
	const struct hook back = { .kind = HOOK_KRETPROBE, .name = "do_execve" };
	char line[128];

	(void)state;
	kprobe_events_definition(line, sizeof(line), &entry, "t1_exit_1_2", true);
	assert_string_equal(line, "p:sextant/t1_exit_1_2 acct_process\n");
	kprobe_events_definition(line, sizeof(line), &back, "t1_failed_1_2", true);
	assert_string_equal(line, "r1024:sextant/t1_failed_1_2 do_execve\n");
	kprobe_events_definition(line, sizeof(line), &back, "t1_failed_1_2",
	                         false); /* before 4.12 */
	assert_string_equal(line, "r:sextant/t1_failed_1_2 do_execve\n");
}

/* The file of a plain directory keeps what is appended: here that is what we look at. */
static void only_events_of_dead_sensors_are_removed(void **state)
{
	char text[1024], list[1024];
	uint64_t start;

	(void)state;
	assert_int_equal(proc_start(getpid(), &start), 0);
	snprintf(list, sizeof(list),
	         "p:sextant/t1_exec_kprobe_%d_%llu proc_exec_connector\n" /* lives: us */
	         "p:sextant/t1_exec_kprobe_%d_%llu proc_exec_connector\n" /* pid used again */
	         "r1024:sextant/t1_failed_2147483646_5 do_execve\n"       /* no such pid */
	         "p:kprobes/t1_exec_kprobe_2147483646_5 do_exit\n"        /* not our group */
	         "p:sextant/by_hand do_exit\n"                            /* not our name */
	         "p:sextantic/a_2147483646_5 do_exit\n"
	         "-:sextant/a_2147483646_5 do_exit\n\n:\np:sextant\n",
	         getpid(), (unsigned long long)start, getpid(), (unsigned long long)start + 1);
	file_write("kprobe_events", list);
	assert_int_equal(hooks_sweep(work, &error), 2);
	file_read("kprobe_events", text, sizeof(text));
	assert_memory_equal(text, list, strlen(list)); /* appended, not truncated */
	snprintf(list, sizeof(list),
	         "-:sextant/t1_exec_kprobe_%d_%llu\n-:sextant/t1_failed_2147483646_5\n", getpid(),
	         (unsigned long long)start + 1);
	assert_string_equal(text + strlen(text) - strlen(list), list);
}

static void a_list_that_is_not_there_is_nothing_to_sweep(void **state)
{
	(void)state;
	assert_int_equal(hooks_sweep("/nonexistent", &error), 0);
}

static void misses_are_those_of_our_event(void **state)
{
	struct attachment ours = { .program = -1, .event = "t1_exec_kprobe_1_2" };
	struct attachment none = { .program = -1 };

	(void)state;
	file_write("kprobe_profile",
	           "  t1_exec_kprobe_1_3                            10              5\n"
	           "  t1_exec_kprobe_1_2                            10              7\n");
	assert_int_equal(attachment_missed(work, &ours), 7);
	assert_int_equal(attachment_missed(work, &none), 0);
	assert_int_equal(attachment_missed("/nonexistent", &ours), 0);
}

static void a_zombie_does_not_run_any_more(void **state)
{
	uint64_t start;
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(proc_start(pid, &start), -ESRCH);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED), 0);
	assert_int_equal(proc_start(pid, &start), -ENOENT);
}

static void the_last_count_of_a_log_is_the_programs(void **state)
{
	(void)state;
	assert_int_equal(verdict_walked("0: r1\nprocessed 12 insns\nprocessed 3456 insns, stack"),
	                 3456);
	assert_int_equal(verdict_walked("processed many"), 0);
	assert_int_equal(verdict_walked(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attach_methods_are_named),
		cmocka_unit_test(definitions_are_what_the_kernel_reads),
		cmocka_unit_test(only_events_of_dead_sensors_are_removed),
		cmocka_unit_test(a_list_that_is_not_there_is_nothing_to_sweep),
		cmocka_unit_test(misses_are_those_of_our_event),
		cmocka_unit_test(a_zombie_does_not_run_any_more),
		cmocka_unit_test(the_last_count_of_a_log_is_the_programs),
	};

	return cmocka_run_group_tests_name("hook", tests, work_enter, work_leave);
}
