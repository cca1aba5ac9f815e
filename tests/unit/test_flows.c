/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows of datagrams end when they were silent for long enough, and once; with a real map. */
#include "tests/unit/unit.h"

#include <bpf/bpf.h>

#include "loader/bpf/flows.h"
#include "probes/abi/maps.h"

/* More than are taken at once. */
#define MANY (FLOWS_AT_ONCE + 10)

static int map;
static struct socket_event seen[MANY];
static size_t count, room;

static int enter(void **state)
{
	(void)state;
	count = 0;
	room = MANY;
	map = bpf_map_create(BPF_MAP_TYPE_HASH, "flows", sizeof(struct flow_key),
	                     sizeof(struct flow), MANY, NULL);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	close(map);
	return 0;
}

static void on_record(void *arg, const void *data, size_t size)
{
	(void)arg;
	assert_int_equal(size, sizeof(seen[0]));
	memcpy(&seen[count++], data, size);
}

static bool on_room(void *arg)
{
	(void)arg;
	return count < room;
}

static void flow_at(uint64_t sk, uint64_t last_ns)
{
	const struct flow_key key = { .sk = sk };
	const struct flow flow = {
		.of = { .process = { .pid = sk }, .start_ns = 1, .comm = "resolver" },
		.last_ns = last_ns,
		.ends = { .local_port = 4000, .remote_port = 53 },
		.sent = { 100, 2 },
		.received = { 300, 1 },
	};

	if (map < 0)
		skip(); /* no BPF for us here */
	assert_int_equal(bpf_map_update_elem(map, &key, &flow, BPF_ANY), 0);
}

static int on_kernel(void *arg, const struct flows_wanted *wanted, struct flows_taken *ret)
{
	(void)arg;
	return kernel_local_flows(map, wanted, ret);
}

static const struct kernel_side kernel = { .flows = on_kernel };
static struct flows flows = { .kernel = &kernel, .cpu = 2, .record = on_record, .room = on_room };

static void end(uint64_t now_ns, uint64_t idle_ns)
{
	assert_int_equal(flows_end(&flows, now_ns, idle_ns), 0);
}

static void one_that_was_silent_long_enough_ends_once(void **state)
{
	(void)state;
	flow_at(10, 1000);
	flow_at(11, 1500);
	end(2000, 1000);
	assert_int_equal(count, 1);
	assert_int_equal(flows.live, 1);
	assert_int_equal(seen[0].process.pid, 10);
	assert_int_equal(seen[0].header.time_ns, 1000);
	assert_int_equal(seen[0].header.cpu, 2);
	assert_int_equal(seen[0].operation, SOCKET_FLOW);
	assert_int_equal(seen[0].sent.bytes, 100);
	assert_int_equal(seen[0].received.packets, 1);
	assert_int_equal(seen[0].ends.remote_port, 53);
	assert_string_equal(seen[0].comm, "resolver");
	end(2000, 1000);
	assert_int_equal(count, 1);
	end(2500, 1000);
	assert_int_equal(count, 2);
	assert_int_equal(seen[1].header.sequence, seen[0].header.sequence + 1);
}

static void more_than_are_taken_at_once_all_end(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		flow_at(10 + i, 100);
	end(200, 0);
	assert_int_equal(count, MANY);
	assert_false(flows.waiting);
}

/* It was up for less than the time that a flow may be silent. */
static void none_ends_because_the_machine_is_young(void **state)
{
	(void)state;
	flow_at(10, 100);
	end(200, 60000);
	assert_int_equal(count, 0);
}

static void all_end_with_the_sensor(void **state)
{
	(void)state;
	flow_at(10, 100);
	flow_at(11, 300); /* after the time was asked for */
	end(200, 0);
	assert_int_equal(count, 2);
}

static void those_for_which_there_is_no_room_stay(void **state)
{
	(void)state;
	size_t i;

	room = 1;
	for (i = 0; i < MANY; i++)
		flow_at(10 + i, 100);
	end(200, 0);
	assert_int_equal(count, FLOWS_AT_ONCE);
	assert_int_equal(flows.live, MANY - FLOWS_AT_ONCE);
	assert_true(flows.waiting);
	room = MANY;
	end(200, 0);
	assert_int_equal(count, MANY);
	assert_int_equal(flows.live, 0);
	assert_false(flows.waiting);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_was_silent_long_enough_ends_once),
		TEST(none_ends_because_the_machine_is_young),
		TEST(all_end_with_the_sensor),
		TEST(more_than_are_taken_at_once_all_end),
		TEST(those_for_which_there_is_no_room_stay),
	};

	return cmocka_run_group_tests_name("flows", tests, NULL, NULL);
}
