/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits that --cpu-budget sets: from the CPU time that the sensor took. */
#include "tests/unit/unit.h"

#include "loader/agent/budget.h"
#include "probes/abi/maps.h"

#define SECOND 1000000000ULL

/* A clock and the CPU time of a sensor. */
struct sensor {
	uint64_t now, cpu;
};

/* For so many seconds the sensor takes so many per cent of a CPU. */
static void run(struct budget *b, struct sensor *s, unsigned int seconds, unsigned int percent)
{
	for (; seconds; seconds--) {
		s->now += SECOND;
		s->cpu += SECOND / 100 * percent;
		budget_look(b, s->now, s->cpu);
	}
}

static void nothing_is_limited_below_the_budget(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 60, 49);
	assert_int_equal(b.used, 49);
	assert_int_equal(budget_share(&b), 0);
}

static void one_busy_second_limits_nothing(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 10, 5);
	run(&b, &s, 1, 100);
	run(&b, &s, 10, 5);
	assert_int_equal(budget_share(&b), 0);
}

static void shares_become_smaller_until_the_budget_is_kept(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 4, 80);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 2);
	run(&b, &s, 3, 60);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 4);
	run(&b, &s, 30, 45); /* neither above the budget nor well below it */
	assert_int_equal(budget_share(&b), SHARE_BYTES / 4);
}

static void twice_the_budget_takes_two_steps(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 4, 120);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 4);
}

static void there_is_a_least_share(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 10 };

	(void)state;
	run(&b, &s, 120, 100);
	assert_int_equal(budget_share(&b), SHARE_BYTES_MIN);
}

static void limits_end_step_by_step(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 7, 60);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 4);
	run(&b, &s, 6, 30);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 2);
	run(&b, &s, 6, 30);
	assert_int_equal(budget_share(&b), 0);
	run(&b, &s, 12, 30);
	assert_int_equal(budget_share(&b), 0);
}

static void limits_end_faster_where_little_happens(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 10, 60);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 8);
	run(&b, &s, 6, 5);
	assert_int_equal(budget_share(&b), SHARE_BYTES / 2);
	run(&b, &s, 6, 5);
	assert_int_equal(budget_share(&b), 0);
}

static void without_a_budget_nothing_is_limited(void **state)
{
	struct sensor s = { .now = 5 * SECOND };
	struct budget b = { .percent = 0 };

	(void)state;
	run(&b, &s, 60, 200);
	assert_int_equal(b.used, 200);
	assert_int_equal(budget_share(&b), 0);
}

/* A process whose time cannot be read counts as 0. */
static void cpu_time_that_shrinks_is_no_measurement(void **state)
{
	struct sensor s = { .now = 5 * SECOND, .cpu = SECOND };
	struct budget b = { .percent = 50 };

	(void)state;
	run(&b, &s, 4, 10);
	budget_look(&b, s.now + 4 * SECOND, 0);
	assert_int_equal(b.used, 10);
	assert_int_equal(budget_share(&b), 0);
}

static void what_a_class_has_is_said_once(void **state)
{
	(void)state;
	assert_int_equal(budget_classes_twice() & budget_classes_four(), 0);
	assert_true(budget_classes_four() & 1U << EVENT_EXEC);
	assert_false(budget_classes_four() & 1U << EVENT_FORK);
	assert_false(budget_classes_twice() & 1U << EVENT_FORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_limited_below_the_budget),
		cmocka_unit_test(one_busy_second_limits_nothing),
		cmocka_unit_test(shares_become_smaller_until_the_budget_is_kept),
		cmocka_unit_test(twice_the_budget_takes_two_steps),
		cmocka_unit_test(there_is_a_least_share),
		cmocka_unit_test(limits_end_step_by_step),
		cmocka_unit_test(limits_end_faster_where_little_happens),
		cmocka_unit_test(without_a_budget_nothing_is_limited),
		cmocka_unit_test(cpu_time_that_shrinks_is_no_measurement),
		cmocka_unit_test(what_a_class_has_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
