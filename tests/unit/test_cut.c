/* SPDX-License-Identifier: BSD-2-Clause */
/* Where one sensor ends and another begins: each event has to be one's alone. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "loader/stream/cut.h"

#define BEGIN  1000000ULL
#define END    2000000ULL
#define EVENTS 4000

enum { EXEC, EXIT, OTHER };

struct seen {
	struct stamp list[EVENTS];
	struct stamps stamps;
};

static const struct cut_window window = { BEGIN, END, 1U << EXEC | 1U << EXIT, NULL, 0 };

static void see(struct seen *s, uint64_t time_ns, uint32_t type, uint32_t pid)
{
	s->stamps.list = s->list;
	s->list[s->stamps.count++] = (struct stamp){ time_ns, type, pid };
}

/* Events that are of the older one before the moment, or of the newer one from it on: once each. */
static void each_is_there_once(const struct seen *older, const struct seen *newer, uint64_t cut)
{
	size_t i;

	for (i = 0; i < older->stamps.count; i++) {
		bool is_older = older->list[i].time_ns < cut;

		/* the same event: both see them in one order */
		assert_int_equal(older->list[i].type, newer->list[i].type);
		assert_true(is_older != (newer->list[i].time_ns >= cut));
	}
}

static int by_time(const void *left, const void *right)
{
	const struct stamp *a = left, *b = right;

	return a->time_ns < b->time_ns ? -1 : a->time_ns > b->time_ns;
}

/* Both programs run within 3 us, in either order; between two events there are 20 us at most. */
static void events_make(unsigned int seed, struct seen *older, struct seen *newer)
{
	uint64_t now = BEGIN - 100000;

	srand(seed);
	*older = *newer = (struct seen){ .stamps.count = 0 };
	for (; now < END + 100000; now += 4000 + rand() % 16000) {
		uint32_t type = rand() % 2;

		see(older, now + rand() % 3000, type, 1);
		see(newer, now + rand() % 3000, type, 1);
	}
	qsort(older->list, older->stamps.count, sizeof(*older->list), by_time);
	qsort(newer->list, newer->stamps.count, sizeof(*newer->list), by_time);
}

static void each_event_is_of_one_sensor(void **state)
{
	static struct seen older, newer, older_all, newer_all;
	unsigned int seed;

	(void)state;
	for (seed = 1; seed <= 500; seed++) {
		struct cut cut;

		events_make(seed, &older, &newer);
		older_all = older;
		newer_all = newer;
		assert_int_equal(cut_find(&window, &older.stamps, &newer.stamps, &cut), 0);
		assert_true(cut.is_exact);
		assert_true(cut.time_ns >= (BEGIN + END) / 2 && cut.time_ns < END);
		each_is_there_once(&older_all, &newer_all, cut.time_ns);
	}
}

static void without_events_each_moment_will_do(void **state)
{
	struct seen none = { .stamps.count = 0 }, other = { .stamps.count = 0 };
	struct cut cut;

	(void)state;
	none.stamps.list = none.list;
	other.stamps.list = other.list;
	assert_int_equal(cut_find(&window, &none.stamps, &other.stamps, &cut), 0);
	assert_true(cut.is_exact);
	assert_true(cut.time_ns >= (BEGIN + END) / 2 && cut.time_ns < END);
}

/* Each event that one of them has lost makes the numbers differ, wherever the moment is. */
static void what_one_has_lost_is_noticed(void **state)
{
	static struct seen older, newer;
	struct cut cut;
	size_t i, count = 0;

	(void)state;
	events_make(1, &older, &newer);
	for (i = 0; i < newer.stamps.count; i++)
		if (i % 3)
			newer.list[count++] = newer.list[i];
	newer.stamps.count = count;
	assert_int_equal(cut_find(&window, &older.stamps, &newer.stamps, &cut), 0);
	assert_false(cut.is_exact);
}

static void what_only_one_reports_does_not_count(void **state)
{
	static const uint32_t own[] = { 7 };
	const struct cut_window with_own = { BEGIN, END, 1U << EXEC | 1U << EXIT, own, 1 };
	struct seen older = { .stamps.count = 0 }, newer = { .stamps.count = 0 };
	struct cut cut;
	uint64_t at;

	(void)state;
	newer.stamps.list = newer.list;
	for (at = BEGIN; at < END; at += 1000) {
		see(&older, at, OTHER, 1);
		see(&older, at, EXEC, 7);
		see(&newer, at, 60, 1);
	}
	assert_int_equal(cut_find(&with_own, &older.stamps, &newer.stamps, &cut), 0);
	assert_true(cut.is_exact);
	assert_int_equal(older.stamps.count + newer.stamps.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_is_of_one_sensor),
		cmocka_unit_test(without_events_each_moment_will_do),
		cmocka_unit_test(what_one_has_lost_is_noticed),
		cmocka_unit_test(what_only_one_reports_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
