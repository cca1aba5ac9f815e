/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's clocks against the wall clock, by clocks that this test sets. */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>

#include "loader/host/clock.h"

#define SECOND  1000000000LL
#define READ_NS 200 /* a reading of a clock takes so long */

static struct {
	bool in_use;
	int64_t ns;      /* since boot */
	int64_t wall_ns; /* of the wall clock at boot */
	int preempted;   /* before so many readings the process does not run for 5 ms */
} fake;

/* In place of the C library's. */
int clock_gettime(clockid_t id, struct timespec *ret)
{
	int64_t ns;

	if (!fake.in_use)
		return syscall(SYS_clock_gettime, id, ret);
	if (fake.preempted-- > 0)
		fake.ns += 5000000;
	fake.ns += READ_NS;
	ns = fake.ns + (id == CLOCK_REALTIME ? fake.wall_ns : 0);
	*ret = (struct timespec){ ns / SECOND, ns % SECOND };
	return 0;
}

static struct clock_offsets begin(void)
{
	struct clock_offsets offsets = { 0 };

	fake.in_use = true;
	fake.ns = 1000 * SECOND;
	fake.wall_ns = 1790000000 * SECOND;
	fake.preempted = 0;
	clock_offsets_read(&offsets);
	return offsets;
}

static int leave(void **state)
{
	(void)state;
	fake.in_use = false;
	return 0;
}

static void an_offset_is_that_of_the_clocks(void **state)
{
	struct clock_offsets offsets = begin();

	(void)state;
	assert_in_range(offsets.monotonic_ns - fake.wall_ns, 0, 2 * READ_NS);
	assert_in_range(offsets.boottime_ns - fake.wall_ns, 0, 2 * READ_NS);
}

static void it_is_exact_even_if_the_process_is_preempted(void **state)
{
	struct clock_offsets offsets = { 0 };

	(void)state;
	begin();
	fake.preempted = 3;
	clock_offsets_read(&offsets);
	assert_in_range(offsets.monotonic_ns - fake.wall_ns, 0, 2 * READ_NS);
}

static void a_reading_changes_nothing(void **state)
{
	struct clock_offsets offsets = begin(), before = offsets;
	int preempted;

	(void)state;
	for (preempted = 0; preempted < 60; preempted++) {
		fake.ns += SECOND;
		fake.preempted = preempted;
		clock_offsets_read(&offsets);
		assert_int_equal(offsets.monotonic_ns, before.monotonic_ns);
		assert_int_equal(offsets.boottime_ns, before.boottime_ns);
	}
}

static void the_wall_clock_is_set(void **state)
{
	struct clock_offsets offsets = begin(), before = offsets;

	(void)state;
	fake.wall_ns += 1000000; /* 1 ms */
	clock_offsets_read(&offsets);
	assert_in_range(offsets.monotonic_ns - before.monotonic_ns, 1000000 - READ_NS,
	                1000000 + READ_NS);
	assert_int_equal(offsets.boottime_ns, before.boottime_ns);
	fake.wall_ns += 2 * SECOND;
	clock_offsets_read(&offsets);
	assert_in_range(offsets.boottime_ns - before.boottime_ns, 2 * SECOND, 2 * SECOND + 2000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_offset_is_that_of_the_clocks, leave),
		cmocka_unit_test_teardown(it_is_exact_even_if_the_process_is_preempted, leave),
		cmocka_unit_test_teardown(a_reading_changes_nothing, leave),
		cmocka_unit_test_teardown(the_wall_clock_is_set, leave),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
