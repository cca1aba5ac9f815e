/* SPDX-License-Identifier: BSD-2-Clause */
/* Records come out by time, not by ring; what is too new waits; nothing is lost. */
#include "tests/unit/unit.h"

#include "loader/stream/order.h"

static uint64_t seen[64];
static size_t count;

static void on_record(void *arg, const void *data, size_t size)
{
	struct event_header header;

	(void)arg;
	assert_true(size >= sizeof(header));
	memcpy(&header, data, sizeof(header));
	seen[count++] = header.time_ns * 100 + header.sequence;
}

static void add(struct order *order, uint64_t time_ns, uint16_t cpu, uint64_t sequence)
{
	struct event_header header = { .time_ns = time_ns, .cpu = cpu, .sequence = sequence };

	assert_int_equal(order_add(order, &header, sizeof(header)), 0);
}

static void the_oldest_of_all_cpus_comes_first(void **state)
{
	struct order *order = order_new();

	(void)state;
	count = 0;
	add(order, 1, 0, 0);
	add(order, 5, 0, 1);
	add(order, 5, 0, 2); /* of one CPU at one time: as they came */
	add(order, 2, 1, 0);
	add(order, 4, 1, 1);
	order_flush(order, UINT64_MAX, NULL, on_record, NULL);
	assert_int_equal(count, 5);
	assert_memory_equal(seen, ((uint64_t[]){ 100, 200, 401, 501, 502 }), 5 * sizeof(seen[0]));
	order_flush(order, UINT64_MAX, NULL, on_record, NULL);
	assert_int_equal(count, 5);
	order_free(order);
}

/* As ktime_get_mono_fast_ns() may: then later events must not overtake it. */
static void a_clock_that_goes_back_changes_nothing_on_its_cpu(void **state)
{
	struct order *order = order_new();

	(void)state;
	count = 0;
	add(order, 10, 0, 0);
	add(order, 7, 0, 1);
	add(order, 8, 1, 0);
	order_flush(order, 9, NULL, on_record, NULL);
	assert_memory_equal(seen, ((uint64_t[]){ 800 }), sizeof(seen[0]));
	add(order, 9, 0, 2);
	add(order, 12, 0, 3);
	order_flush(order, UINT64_MAX, NULL, on_record, NULL);
	assert_memory_equal(seen, ((uint64_t[]){ 800, 1000, 1001, 1002, 1203 }),
	                    5 * sizeof(seen[0]));
	order_free(order);
}

/* Something older may be in another ring still. */
static void what_is_too_new_waits(void **state)
{
	struct order *order = order_new();

	(void)state;
	count = 0;
	add(order, 10, 0, 0);
	add(order, 20, 0, 1);
	order_flush(order, 10, NULL, on_record, NULL);
	assert_int_equal(count, 1);
	add(order, 15, 1, 0);
	order_flush(order, 20, NULL, on_record, NULL);
	assert_memory_equal(seen, ((uint64_t[]){ 1000, 1500, 2001 }), 3 * sizeof(seen[0]));
	add(order, 30, 1, 1); /* freed with it */
	order_free(order);
}

static void ignore(void *arg, const void *data, size_t size)
{
	(void)data;
	*(size_t *)arg += size + 1;
}

static void what_is_no_record_goes_through(void **state)
{
	struct order *order = order_new();
	struct guarded g = guarded_copy("abc", 3);
	size_t bytes = 0;

	(void)state;
	assert_int_equal(order_add(order, g.data, 3), 0);
	assert_int_equal(order_add(order, g.data + 3, 0), 0);
	order_flush(order, 0, NULL, ignore, &bytes);
	assert_int_equal(bytes, 3 + 1 + 0 + 1);
	guarded_free(&g);
	order_free(order);
}

static size_t resident_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

/* In a burst some 100 ms of records are kept; one that goes on being kept must not keep the rest.
 */
static void memory_of_a_burst_is_given_back(void **state)
{
	struct order *order = order_new();
	char record[1000] = { 0 };
	struct event_header header = { .cpu = 0 };
	size_t before, bytes = 0;
	unsigned int i;

	(void)state;
	add(order, 1, 0, 0);
	before = resident_bytes();
	for (i = 0; i < 20000; i++) {
		header.time_ns = i + 2;
		memcpy(record, &header, sizeof(header));
		assert_int_equal(order_add(order, record, sizeof(record)), 0);
	}
	assert_true(resident_bytes() > before + 19000000);
	order_flush(order, 20000, NULL, ignore, &bytes);
	assert_int_equal(order_size(order), 1000);
	/* Their list is of 800 kB, and grew; a sanitizer keeps what was freed of it. */
	assert_true(resident_bytes() < before + 10000000);
	order_flush(order, UINT64_MAX, NULL, ignore, &bytes);
	assert_int_equal(order_size(order), 0);
	assert_true(resident_bytes() < before + 10000000);
	order_free(order);
}

static void compare_with_expected(void *arg, const void *data, size_t size)
{
	assert_int_equal(size, 1000000);
	assert_memory_equal(data, arg, size);
	count++;
}

static void a_record_may_be_larger_than_what_is_taken_at_once(void **state)
{
	struct order *order = order_new();
	char *record = calloc(1, 1000000);
	size_t bytes = 0;
	unsigned int i;

	(void)state;
	assert_non_null(record);
	memset(record + sizeof(struct event_header), 'x', 1000000 - sizeof(struct event_header));
	for (i = 0; i < 3; i++)
		assert_int_equal(order_add(order, record, 1000000), 0);
	count = 0;
	order_flush(order, UINT64_MAX, NULL, compare_with_expected, record);
	assert_int_equal(count, 3);
	add(order, 1, 0, 0);
	order_flush(order, UINT64_MAX, NULL, ignore, &bytes);
	assert_int_equal(bytes, sizeof(struct event_header) + 1);
	free(record);
	order_free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_of_all_cpus_comes_first),
		cmocka_unit_test(a_clock_that_goes_back_changes_nothing_on_its_cpu),
		cmocka_unit_test(what_is_too_new_waits),
		cmocka_unit_test(what_is_no_record_goes_through),
		cmocka_unit_test(memory_of_a_burst_is_given_back),
		cmocka_unit_test(a_record_may_be_larger_than_what_is_taken_at_once),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
