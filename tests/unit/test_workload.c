/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test's processes: numbers that could be mixed up are all different. */
#include "tests/unit/unit.h"

#include <sys/wait.h>

#include "loader/verify/child.h"
#include "probes/abi/events.h"

static struct child child;

static int begin(void **state)
{
	struct offsets_error error;
	int err;

	(void)state;
	if (geteuid())
		return 0; /* most steps are not permitted */
	err = child_start(&child, "test", &error);
	err = child_finish(&child, err, &error);
	if (err)
		print_error("%s\n", error.text);
	return err;
}

static void need_root(void)
{
	if (geteuid())
		skip();
}

static void assert_different(const uint64_t *values, size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			assert_int_not_equal(values[i], values[j]);
}

static void processes_groups_and_sessions(void **state)
{
	const struct proc *t = &child.truth;
	const uint64_t pids[] = { child.pid, child.parent, child.other, getpid(), child.thread };

	(void)state;
	need_root();
	assert_different(pids, 5);
	assert_int_equal(t->ppid, child.parent);
	assert_int_equal(t->pgid, child.other);
	assert_int_equal(t->sid, child.parent);
	assert_string_equal(child.above.comm, PARENT_NAME);
	assert_int_equal(strncmp(t->tty, "pts", 3), 0);
	assert_int_equal(t->ns_pid, 1);
}

static void namespaces_are_its_own(void **state)
{
	const struct proc *t = &child.truth, *own = &child.own;

	(void)state;
	need_root();
	assert_true(child.did & (1U << EVENT_NAMESPACES));
	assert_true(child.did & (1U << EVENT_EXEC_FAILED));
	assert_int_not_equal(t->mnt_ns, own->mnt_ns);
	assert_int_not_equal(t->pid_ns, own->pid_ns);
	assert_int_not_equal(t->uts_ns, child.above.uts_ns);
	assert_int_not_equal(t->ipc_ns, child.above.ipc_ns);
}

static void the_sets_of_capabilities_after_an_exec(void **state)
{
	const struct proc *t = &child.truth;
	const uint64_t sets[] = { t->cap_effective, t->cap_inheritable, t->cap_bounding,
		                  t->cap_ambient };

	(void)state;
	need_root();
	assert_different(sets, 4);
	assert_int_equal(t->cap_permitted, t->cap_effective); /* an exec makes them equal */
}

static void ids_and_sets_of_capabilities_after_the_change(void **state)
{
	const struct proc *c = &child.changed;
	const uint64_t ids[] = { c->uids[0], c->uids[1], c->uids[2], c->uids[3],
		                 c->gids[0], c->gids[1], c->gids[2], c->gids[3] };
	const uint64_t sets[] = { c->cap_permitted, c->cap_effective, c->cap_inheritable,
		                  c->cap_bounding, c->cap_ambient };

	(void)state;
	need_root();
	assert_different(ids, 8);
	assert_different(sets, 5);
}

static void files_have_all_that_is_compared(void **state)
{
	const struct file_actions *f = &child.files;
	const struct file_state *last = &f->states[ACTION_FILE_RENAME];

	(void)state;
	need_root();
	assert_true(f->is_mounted);
	assert_true(f->is_rooted);
	assert_int_equal(f->done, (1U << FILE_ACTIONS_COUNT) - 1);
	assert_int_not_equal(last->uid, last->gid);
	assert_int_equal(last->links, 2);
	assert_int_not_equal(f->states[ACTION_FILE_MKNOD].rdev, 0);
}

static void both_ends_and_the_time_between(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(child.status, CHILD_EXIT_CODE << 8);
	assert_int_equal(child.other_status, OTHER_EXIT_CODE << 8);
	assert_true(child.cpu_min_ns > 8000000); /* that of a thread that has ended is in it */
	assert_true(child.cpu_min_ns < 2 * child.lived_ns);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_groups_and_sessions),
		cmocka_unit_test(namespaces_are_its_own),
		cmocka_unit_test(the_sets_of_capabilities_after_an_exec),
		cmocka_unit_test(ids_and_sets_of_capabilities_after_the_change),
		cmocka_unit_test(files_have_all_that_is_compared),
		cmocka_unit_test(both_ends_and_the_time_between),
	};

	if (argc && !strcmp(argv[0], CHILD_NAME))
		return workload_child_main();
	return cmocka_run_group_tests_name("workload", tests, begin, NULL);
}
