/* SPDX-License-Identifier: BSD-2-Clause */
/* What ended threads have left in a map goes, and what others keep there stays. */
#include "tests/unit/unit.h"

#include <bpf/bpf.h>
#include <signal.h>
#include <sys/wait.h>

#include "loader/bpf/ended.h"
#include "probes/abi/maps.h"

#define ENTRIES 64

static int map;
static const struct ended_map by_key = { .tid = IN_KEY };

static int enter(void **state)
{
	(void)state;
	map = bpf_map_create(BPF_MAP_TYPE_HASH, "kept", sizeof(struct kept_key),
	                     sizeof(struct kept_call), ENTRIES, NULL);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	close(map);
	return 0;
}

static struct kept_key key_of(pid_t pid, uint32_t type)
{
	return (struct kept_key){ .tid = (uint64_t)pid << 32 | (uint32_t)pid, .type = type };
}

static void keep_for(pid_t pid, uint32_t type)
{
	const struct kept_key key = key_of(pid, type);
	const struct kept_call call = { .subject = 1 };

	assert_int_equal(bpf_map_update_elem(map, &key, &call, BPF_ANY), 0);
}

static bool is_kept(pid_t pid, uint32_t type)
{
	const struct kept_key key = key_of(pid, type);
	struct kept_call call;

	return !bpf_map_lookup_elem(map, &key, &call);
}

static pid_t ended_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void of_ended_threads_it_goes(void **state)
{
	pid_t ended[ENTRIES / 2];
	unsigned int i;

	(void)state;
	if (map < 0)
		skip(); /* no BPF for us here */
	for (i = 0; i < ENTRIES / 2; i++) {
		ended[i] = ended_pid();
		keep_for(ended[i], EVENT_EXEC_FAILED);
	}
	keep_for(getpid(), EVENT_PTRACE);
	keep_for(1, EVENT_PTRACE); /* which a user may not signal */
	ended_remove_from(map, &by_key, sizeof(struct kept_key), ENTRIES, -1);
	for (i = 0; i < ENTRIES / 2; i++)
		assert_false(is_kept(ended[i], EVENT_EXEC_FAILED));
	assert_true(is_kept(getpid(), EVENT_PTRACE));
	assert_true(is_kept(1, EVENT_PTRACE));
}

static void an_empty_map_is_left_alone(void **state)
{
	(void)state;
	if (map < 0)
		skip();
	ended_remove_from(map, &by_key, sizeof(struct kept_key), ENTRIES, -1);
	assert_false(is_kept(getpid(), EVENT_PTRACE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_ended_threads_it_goes, enter, leave),
		cmocka_unit_test_setup_teardown(an_empty_map_is_left_alone, enter, leave),
	};

	return cmocka_run_group_tests_name("ended", tests, NULL, NULL);
}
