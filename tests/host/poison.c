/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No byte of an earlier event leaves the kernel: before each exec the memory
 * that messages are built in is filled with a pattern, which no record may have.
 *
 * usage: poison   (as root, on a kernel with BTF)
 */
#include "offsets/facts.h"
#include "tests/unit/unit.h"

#include <sys/wait.h>

#include <bpf/bpf.h>

#include "loader/host/choice.h"
#include "probes/abi/maps.h"
#include "loader/bpf/probes.h"

#define POISON 0xa5
#define ROUNDS 50

static struct host host;
static struct choice choice;
static struct layout layout;
static struct offsets_error error;
static unsigned int seen[EVENT_TYPES];
static pid_t child;

static void on_record(void *arg, const void *data, size_t size)
{
	static const unsigned char pattern[4] = { POISON, POISON, POISON, POISON };
	struct event_head head;

	(void)arg;
	assert_true(size >= sizeof(head));
	memcpy(&head, data, sizeof(head));
	if (head.process.pid == (uint32_t)child)
		seen[head.header.type]++;
	if (memmem(data, size, pattern, sizeof(pattern)))
		fail_msg("an event of type %u has bytes of the memory before it", head.header.type);
}

/* Our own map of that name: other sensors may run here. The descriptor is the sensor's. */
static int map_find(const char *name)
{
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		struct bpf_map_info info = { 0 };
		__u32 size = sizeof(info);

		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, name))
			return fd;
	}
	return -1;
}

static void poison(int fd)
{
	static struct scratch scratch;
	__u32 cpu;

	memset(&scratch, POISON, sizeof(scratch));
	for (cpu = 0; cpu < (__u32)host.possible_cpus; cpu++)
		assert_int_equal(bpf_map_update_elem(fd, &cpu, &scratch, BPF_ANY), 0);
}

/* A program has written into the memory that we fill, else this proves nothing. */
static bool written(int fd)
{
	static struct scratch scratch;
	bool found = false;
	__u32 cpu;

	for (cpu = 0; cpu < (__u32)host.possible_cpus; cpu++) {
		assert_int_equal(bpf_map_lookup_elem(fd, &cpu, &scratch), 0);
		found = found || scratch.head.process.pid == (uint32_t)child;
	}
	return found;
}

static void run_true(void)
{
	char *argv[] = { "true", "argument", NULL };
	int status;

	child = fork();
	assert_true(child >= 0);
	if (!child) {
		execv("/bin/true", argv);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void nothing_of_the_memory_before_is_sent(void **state)
{
	struct probes_request request = { .host = &host, .layout = &layout };
	const struct probes_use use = { .record = on_record };
	struct settings settings = { .env = 1 };
	struct probes *probes;
	int rounds = 0, round, fd;

	(void)state;
	request.classes = settings.classes = 1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT;
	hook_host_init(&request.hooks, (1U << ATTACH_METHODS) - 1);
	assert_int_equal(probes_load(&request, &probes, &error), 0);
	assert_int_equal(probes_attach(probes, &use, &error), 0);
	fd = map_find("scratch");
	assert_true(fd >= 0);
	assert_int_equal(probes_settings(probes, &settings, &error), 0);
	assert_int_equal(probes_arm(probes, &layout, &error), 0);
	/* On a busy host others' events come behind those of the child now and then. */
	for (round = 0; rounds < ROUNDS && round < 100 * ROUNDS; round++) {
		poison(fd);
		run_true();
		rounds += written(fd);
		assert_int_equal(probes_poll(probes, 0), 0);
	}
	assert_int_equal(rounds, ROUNDS);
	assert_int_equal(seen[EVENT_EXEC], round);
	assert_int_equal(seen[EVENT_EXIT], round);
	probes_free(probes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_the_memory_before_is_sent),
	};
	const struct databases databases = { .paths = { "kernels.db" }, .count = 1 };
	int failed;

	if (host_identify(&host, &error) || choice_make(&host, &databases, NULL, &choice, &error)) {
		printf("1..1\nnot ok 1 - %s\n", error.text);
		return 1;
	}
	offsets_kernel_layout(choice.row, &layout);
	failed = cmocka_run_group_tests_name("poison", tests, NULL, NULL);
	choice_deinit(&choice);
	return failed;
}
