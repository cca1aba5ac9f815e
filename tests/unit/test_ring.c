/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of a perf ring, made as the kernel makes it. */
#include "tests/unit/unit.h"

#include <linux/perf_event.h>

#include "loader/bpf/ring.h"

static struct perf_event_mmap_page *page;
static char *data, whole[UINT16_MAX];

static struct {
	size_t count, size;
	unsigned int cpu;
	char last[UINT16_MAX];
} seen;

static int enter(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	page = calloc(1, ring_map_bytes());
	data = (char *)page + (ring_map_bytes() - RING_BYTES);
	return page ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	free(page);
	return 0;
}

static void on_record(void *arg, unsigned int cpu, const void *record, size_t size)
{
	(void)arg;
	seen.count++;
	seen.cpu = cpu;
	seen.size = size;
	memcpy(seen.last, record, size);
}

static void byte_put(uint64_t at, const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		data[(at + i) % RING_BYTES] = ((const char *)bytes)[i];
}

/* As perf_event_output() does: aligned to eight bytes, and maybe over the end of the ring. */
static void record_put(uint32_t type, const char *text, uint32_t raw_size)
{
	size_t padded = (sizeof(struct perf_event_header) + 4 + strlen(text) + 7) & ~7UL;
	struct perf_event_header header = { .type = type, .size = padded };

	byte_put(page->data_head, &header, sizeof(header));
	byte_put(page->data_head + sizeof(header), &raw_size, 4);
	byte_put(page->data_head + sizeof(header) + 4, text, strlen(text));
	page->data_head += padded;
}

static int read_all(uint64_t *ret_fill)
{
	return ring_read(page, whole, 3, on_record, NULL, ret_fill);
}

static void records_are_delivered_in_their_order_and_once(void **state)
{
	uint64_t fill;

	(void)state;
	record_put(PERF_RECORD_SAMPLE, "first", 5);
	record_put(PERF_RECORD_SAMPLE, "second", 6);
	assert_int_equal(read_all(&fill), 0);
	assert_int_equal(fill, page->data_head);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.cpu, 3);
	assert_int_equal(seen.size, 6);
	assert_memory_equal(seen.last, "second", 6);
	assert_int_equal(page->data_tail, page->data_head);
	assert_int_equal(read_all(&fill), 0);
	assert_int_equal(fill, 0);
	assert_int_equal(seen.count, 2);
}

static void one_over_the_end_is_whole(void **state)
{
	uint64_t fill, at;

	(void)state;
	for (at = 8; at < 64; at += 8) {
		page->data_head = page->data_tail = 7ULL * RING_BYTES - at;
		record_put(PERF_RECORD_SAMPLE, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
		assert_int_equal(read_all(&fill), 0);
		assert_int_equal(seen.size, 36);
		assert_memory_equal(seen.last, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	}
	assert_int_equal(seen.count, 7);
}

static void other_types_and_sizes_that_are_none_are_skipped(void **state)
{
	uint64_t fill;

	(void)state;
	record_put(PERF_RECORD_LOST, "lost", 4);
	record_put(PERF_RECORD_SAMPLE, "longer than it is", 5000);
	record_put(PERF_RECORD_SAMPLE, "good", 4);
	assert_int_equal(read_all(&fill), 0);
	assert_int_equal(seen.count, 1);
	assert_memory_equal(seen.last, "good", 4);
}

static void what_is_no_record_is_an_error_and_no_endless_loop(void **state)
{
	uint64_t fill;

	(void)state;
	page->data_head = 64; /* zeroes: a record without a size */
	assert_int_equal(read_all(&fill), -EIO);
	record_put(PERF_RECORD_SAMPLE, "x", 1);
	page->data_tail = page->data_head - 16;
	page->data_head -= 8; /* it ends behind what the kernel has written */
	assert_int_equal(read_all(&fill), -EIO);
	assert_int_equal(seen.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_are_delivered_in_their_order_and_once),
		TEST(one_over_the_end_is_whole),
		TEST(other_types_and_sizes_that_are_none_are_skipped),
		TEST(what_is_no_record_is_an_error_and_no_endless_loop),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
