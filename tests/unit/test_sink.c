/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface of outputs, with a sink of the test's own, which fails and stalls on request. */
#include "tests/unit/unit.h"

#include "loader/out/sink.h"
#include "tests/unit/sink_finish.h"

/* A destination in memory. */
static struct memory {
	char text[4096];
	size_t size;
	size_t limit;    /* bytes that one write takes at most */
	int open_err;    /* 0: it can be opened */
	int write_err;   /* 0: it takes lines */
	bool is_busy;    /* it takes nothing, and is no failure */
	bool is_endless; /* what it takes is not kept */
	int opened, closed;
} memory;

struct memory_sink {
	struct sink sink;
	int marker; /* behind it, and zeroed before open() */
};

static int memory_open(struct sink *sink, struct offsets_error *error)
{
	assert_int_equal(((struct memory_sink *)sink)->marker, 0);
	memory.opened++;
	if (memory.open_err)
		return offsets_fail(error, memory.open_err, "%s: cannot be opened", sink->name);
	return 0;
}

static int memory_write(struct sink *sink, struct offsets_error *error)
{
	size_t size = queue_whole(&sink->queue, memory.limit);

	assert_true(sink->queue.size > 0);
	if (memory.write_err)
		return offsets_fail(error, memory.write_err, "%s: failed", sink->name);
	if (memory.is_busy) {
		sink_stalls(sink);
		return 0;
	}
	if (size > memory.limit)
		size = memory.limit; /* a part of a line */
	if (!memory.is_endless) {
		memcpy(memory.text + memory.size, queue_text(&sink->queue), size);
		memory.size += size;
	}
	sink_written(sink, size);
	sink_works(sink);
	return 0;
}

static int memory_wait(const struct sink *sink, int *ret_ms)
{
	(void)sink;
	*ret_ms = 5;
	return -1;
}

static void memory_reopen(struct sink *sink)
{
	(void)sink;
	memory.opened++;
}

static void memory_close(struct sink *sink)
{
	(void)sink;
	memory.closed++;
}

static const struct sink_ops memory_ops = {
	.bytes = sizeof(struct memory_sink),
	.open = memory_open,
	.write = memory_write,
	.wait = memory_wait,
	.reopen = memory_reopen,
	.close = memory_close,
};

static struct offsets_error error;
static unsigned int dropped[4];

static void on_dropped(void *arg, unsigned int tag)
{
	assert_ptr_equal(arg, dropped);
	dropped[tag]++;
}

static struct sink *memory_sink(enum sink_policy policy)
{
	const struct sink_use use = { .policy = policy, .dropped = on_dropped, .arg = dropped };
	struct sink *sink;

	memset(&memory, 0, sizeof(memory));
	memset(dropped, 0, sizeof(dropped));
	memory.limit = sizeof(memory.text);
	assert_int_equal(sink_open(&memory_ops, "memory", &use, &sink, &error), 0);
	return sink;
}

static void put(struct sink *sink, const char *text, unsigned int tag)
{
	assert_int_equal(sink_line(sink, text, strlen(text), tag), 0);
}

static void assert_memory_has(const char *text)
{
	assert_int_equal(memory.size, strlen(text));
	assert_memory_equal(memory.text, text, memory.size);
}

static void lines_are_written_in_order(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	put(sink, "one", 1);
	put(sink, "two", 2);
	assert_int_equal(memory.size, 0); /* not before the flush */
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_memory_has("one\ntwo\n");
	assert_int_equal(sink_flush(sink, &error), 0); /* nothing waits: write() is not called */
	sink_close(sink);
	assert_int_equal(memory.closed, 1);
}

static void a_failed_open_is_closed_and_reported(void **state)
{
	const struct sink_use use = { .policy = SINK_STOP };
	struct sink *sink;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	memory.open_err = -EACCES;
	assert_int_equal(sink_open(&memory_ops, "memory", &use, &sink, &error), -EACCES);
	assert_null(sink);
	assert_says(&error, "memory: cannot be opened");
	assert_int_equal(memory.closed, 1);
}

static void lines_are_counted_by_tag_until_they_are_written(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	memory.limit = 6;
	put(sink, "one", 1);
	put(sink, "two", 2);
	put(sink, "three", 1);
	assert_int_equal(sink_queued(sink, 1), 2);
	sink_flush(sink, &error);
	assert_memory_has("one\n");
	assert_int_equal(sink_queued(sink, 1), 1);
	sink_flush(sink, &error);
	sink_flush(sink, &error);
	assert_memory_has("one\ntwo\nthree\n");
	assert_int_equal(sink_queued(sink, 1), 0);
	assert_int_equal(sink_queued(sink, 2), 0);
	sink_close(sink);
}

static void a_line_that_is_begun_is_unwritten_and_can_be_begun_anew(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	memory.limit = 3;
	put(sink, "a long line", 1);
	sink_flush(sink, &error);
	assert_memory_has("a l");
	assert_int_equal(sink_queued(sink, 1), 1);
	queue_restart(&sink->queue);
	memory.size = 0;
	memory.limit = sizeof(memory.text);
	sink_flush(sink, &error);
	assert_memory_has("a long line\n");
	sink_close(sink);
}

static void a_failure_ends_the_run_by_policy(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	memory.write_err = -EPIPE;
	put(sink, "one", 1);
	assert_int_equal(sink_flush(sink, &error), -EPIPE);
	assert_says(&error, "memory: failed; ");
	assert_says(&error, "--output");
	assert_int_equal(sink_queued(sink, 1), 1);
	assert_int_equal(dropped[1], 0);
	sink_close(sink);
}

static void a_failure_drops_lines_by_policy_and_later_ones_are_tried(void **state)
{
	struct sink *sink = memory_sink(SINK_DROP);

	(void)state;
	memory.write_err = -ECONNREFUSED;
	put(sink, "one", 1);
	put(sink, "two", 2);
	put(sink, "three", 1);
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(dropped[1], 2);
	assert_int_equal(dropped[2], 1);
	assert_int_equal(sink_queued(sink, 1), 0);
	memory.write_err = 0;
	put(sink, "four", 1);
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_memory_has("four\n");
	assert_int_equal(dropped[1], 2);
	sink_close(sink);
}

static void the_end_waits_only_so_long(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	memory.is_busy = true;
	put(sink, "one", 1);
	assert_int_equal(sink_finish(sink, 50000000, &error), 0);
	assert_int_equal(sink_queued(sink, 1), 1);
	memory.is_busy = false;
	assert_int_equal(sink_finish(sink, 50000000, &error), 0);
	assert_memory_has("one\n");
	sink_close(sink);
}

static void there_is_something_to_wait_for_while_lines_wait(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);
	int ms = 0;

	(void)state;
	assert_int_equal(sink_wait(sink, &ms), -1);
	assert_int_equal(ms, -1);
	put(sink, "one", 1);
	assert_int_equal(sink_wait(sink, &ms), -1);
	assert_int_equal(ms, 5);
	sink_reopen(sink);
	assert_int_equal(memory.opened, 2);
	sink_close(sink);
}

static void a_full_queue_takes_no_line_and_keeps_the_others(void **state)
{
	char *text = calloc(1, QUEUE_LINE_MAX);
	struct sink *sink = memory_sink(SINK_DROP);
	unsigned int taken = 0;

	(void)state;
	assert_int_equal(sink_line(sink, text, QUEUE_LINE_MAX, 3), -E2BIG);
	while (sink_has_room(sink)) {
		assert_int_equal(sink_line(sink, text, QUEUE_LINE_MAX - 1, 3), 0);
		taken++;
	}
	assert_int_equal(sink_line(sink, "x", 1, 3), -EAGAIN);
	assert_true(taken >= 2);
	assert_int_equal(sink_queued(sink, 3), taken);
	memory.write_err = -EIO;
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(dropped[3], taken);
	assert_true(sink_has_room(sink));
	sink_close(sink);
	free(text);
}

/* As hashes that are late are written between the reading of an event and its line. */
static void a_line_of_the_spare_leaves_room_for_an_event(void **state)
{
	char *text = calloc(1, QUEUE_LINE_MAX);
	struct sink *sink = memory_sink(SINK_DROP);
	unsigned int taken = 0;

	(void)state;
	while (sink_has_spare(sink)) {
		assert_int_equal(sink_line(sink, text, QUEUE_SPARE - 1, 3), 0);
		taken++;
	}
	assert_true(taken >= 2);
	assert_true(sink_has_room(sink));
	assert_int_equal(sink_line(sink, text, QUEUE_LINE_MAX - 1, 3), 0);
	sink_close(sink);
	free(text);
}

static void assert_equation(const struct sink *sink, unsigned int tag, uint64_t made)
{
	const struct ledger *l = &sink->ledger;

	assert_int_equal(l->made[tag], made);
	assert_int_equal(l->made[tag],
	                 l->delivered[tag] + sink_queued(sink, tag) + ledger_dropped(l, tag));
}

static struct sink *full_sink(enum sink_full full)
{
	static char line[QUEUE_LINE_MAX - 1];
	const struct sink_use use = {
		.policy = SINK_DROP, .full = full, .dropped = on_dropped, .arg = dropped
	};
	struct sink *sink;

	memset(&memory, 0, sizeof(memory));
	memset(dropped, 0, sizeof(dropped));
	memset(line, 'x', sizeof(line));
	memory.limit = sizeof(memory.text);
	assert_int_equal(sink_open(&memory_ops, "memory", &use, &sink, &error), 0);
	assert_int_equal(sink_line(sink, line, sizeof(line), 1), 0);
	assert_int_equal(sink_line(sink, line, sizeof(line), 1), 0);
	assert_false(queue_has_room(&sink->queue));
	memory.is_busy = true;
	return sink;
}

/* A burst comes without a flush between its lines. */
static void nothing_is_dropped_that_the_destination_takes(void **state)
{
	struct sink *sink = full_sink(SINK_FULL_DROP_OLDEST);

	(void)state;
	memory.is_busy = false;
	memory.is_endless = true;
	memory.limit = 2 * QUEUE_LINE_MAX;
	put(sink, "new", 2);
	assert_int_equal(sink->ledger.delivered[1], 2);
	assert_int_equal(dropped[1] + dropped[2], 0);
	assert_equation(sink, 1, 2);
	assert_equation(sink, 2, 1);
	sink_close(sink);
}

static void the_oldest_line_makes_room(void **state)
{
	struct sink *sink = full_sink(SINK_FULL_DROP_OLDEST);

	(void)state;
	assert_true(sink_has_room(sink));
	put(sink, "new", 2);
	assert_int_equal(dropped[1], 1);
	assert_int_equal(sink->ledger.dropped[1][DROP_FULL], 1);
	assert_equation(sink, 1, 2);
	assert_equation(sink, 2, 1);
	sink_close(sink);
}

/* Its reader has a part of it: another line would be glued to that. */
static void a_line_that_is_begun_is_not_dropped_to_make_room(void **state)
{
	struct sink *sink = full_sink(SINK_FULL_DROP_OLDEST);

	(void)state;
	memory.is_busy = false;
	memory.limit = 10;
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_true(sink->queue.begun);
	memory.is_busy = true;
	while (queue_has_room(&sink->queue))
		put(sink, "some", 1);
	put(sink, "new", 2);
	assert_int_equal(dropped[2], 1);
	assert_equation(sink, 2, 1);
	sink_close(sink);
}

static void the_newest_line_is_dropped(void **state)
{
	struct sink *sink = full_sink(SINK_FULL_DROP_NEWEST);

	(void)state;
	put(sink, "new", 2);
	assert_int_equal(dropped[2], 1);
	assert_int_equal(sink_queued(sink, 1), 2);
	assert_equation(sink, 1, 2);
	assert_equation(sink, 2, 1);
	sink_close(sink);
}

static void a_full_queue_stops(void **state)
{
	struct sink *sink = full_sink(SINK_FULL_STOP);

	(void)state;
	put(sink, "new", 2);
	assert_equation(sink, 2, 1);
	assert_int_equal(sink_flush(sink, &error), -ENOBUFS);
	assert_says(&error, "on-full=stop");
	sink_close(sink);
}

static void what_was_delivered_is_counted_by_whole_lines(void **state)
{
	struct sink *sink = memory_sink(SINK_STOP);

	(void)state;
	memory.limit = 6;
	put(sink, "one", 1);
	put(sink, "two", 2);
	put(sink, "three", 1);
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(sink->ledger.delivered[1], 1);
	assert_int_equal(sink->ledger.delivered[2], 0);
	assert_equation(sink, 1, 2);
	assert_equation(sink, 2, 1);
	memory.limit = sizeof(memory.text) - memory.size;
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(sink->ledger.delivered[1], 2);
	assert_equation(sink, 1, 2);
	sink_close(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_written_in_order),
		cmocka_unit_test(a_failed_open_is_closed_and_reported),
		cmocka_unit_test(lines_are_counted_by_tag_until_they_are_written),
		cmocka_unit_test(a_line_that_is_begun_is_unwritten_and_can_be_begun_anew),
		cmocka_unit_test(a_failure_ends_the_run_by_policy),
		cmocka_unit_test(a_failure_drops_lines_by_policy_and_later_ones_are_tried),
		cmocka_unit_test(the_end_waits_only_so_long),
		cmocka_unit_test(there_is_something_to_wait_for_while_lines_wait),
		cmocka_unit_test(a_full_queue_takes_no_line_and_keeps_the_others),
		cmocka_unit_test(a_line_of_the_spare_leaves_room_for_an_event),
		cmocka_unit_test(nothing_is_dropped_that_the_destination_takes),
		cmocka_unit_test(the_oldest_line_makes_room),
		cmocka_unit_test(a_line_that_is_begun_is_not_dropped_to_make_room),
		cmocka_unit_test(the_newest_line_is_dropped),
		cmocka_unit_test(a_full_queue_stops),
		cmocka_unit_test(what_was_delivered_is_counted_by_whole_lines),
	};

	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
