/* SPDX-License-Identifier: BSD-2-Clause */
/* The sink of outputs that a shipper delivers, with a shipper of the test's own at the other end.
 */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "loader/out/ship_wire.h"
#include "loader/out/shipped.h"

static int shipper = -1; /* the test's end */
static int starts;

static int start(const void *arg, int *ret_fd, struct offsets_error *error)
{
	int fds[2];

	(void)arg;
	(void)error;
	starts++;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*ret_fd = fds[0];
	shipper = fds[1];
	return 0;
}

static const struct shipped_options options = { .run = 5, .start = start };
static struct sink *sink;
static struct offsets_error error;

static int setup(void **state)
{
	const struct sink_use use = { .policy = SINK_DROP,
		                      .full = SINK_FULL_DROP_OLDEST,
		                      .options = &options };

	(void)state;
	starts = 0;
	assert_int_equal(sink_open(&shipped_ops, "collector", &use, &sink, &error), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sink_close(sink);
	if (shipper >= 0)
		close(shipper);
	shipper = -1;
	return 0;
}

static void add(const char *text)
{
	assert_int_equal(sink_line(sink, text, strlen(text), 1), 0);
	assert_int_equal(sink_flush(sink, &error), 0);
}

static void assert_hello(uint64_t next)
{
	struct ship_hello hello;

	assert_int_equal(recv(shipper, &hello, sizeof(hello), MSG_WAITALL), sizeof(hello));
	assert_int_equal(hello.run, 5);
	assert_int_equal(hello.next, next);
}

static void assert_line(const char *text)
{
	struct ship_line head;
	char got[64] = "";

	assert_int_equal(recv(shipper, &head, sizeof(head), MSG_WAITALL), sizeof(head));
	assert_int_equal(head.size, strlen(text));
	assert_int_equal(head.tag, 1);
	assert_int_equal(recv(shipper, got, head.size, MSG_WAITALL), head.size);
	assert_string_equal(got, text);
}

static void report(uint64_t taken, struct ship_counts counts)
{
	struct ship_report r = { .taken = taken };

	r.counts[1] = counts;
	assert_int_equal(send(shipper, &r, sizeof(r), 0), sizeof(r));
	assert_int_equal(sink_flush(sink, &error), 0);
	sink_second(sink);
}

static void assert_counts(uint64_t made, uint64_t delivered, uint64_t queued, uint64_t dropped)
{
	struct ledger_counts c = sink_counts(sink, 1);

	assert_int_equal(c.made, made);
	assert_int_equal(c.delivered, delivered);
	assert_int_equal(c.queued, queued);
	assert_int_equal(c.dropped[DROP_FAILED], dropped);
	assert_int_equal(c.made,
	                 c.delivered + c.queued + c.dropped[DROP_FULL] + c.dropped[DROP_FAILED]);
}

static void lines_stay_until_they_are_kept(void **state)
{
	(void)state;
	add("one");
	add("two");
	assert_hello(0);
	assert_line("one");
	assert_line("two");
	assert_counts(2, 0, 2, 0);
	report(1, (struct ship_counts){ .taken = 1, .queued = 1 });
	assert_int_equal(sink_queued(sink, 1), 1);
	assert_counts(2, 0, 2, 0);
	report(2, (struct ship_counts){
			  .taken = 2, .delivered = 1, .dropped = { [DROP_FAILED] = 1 } });
	assert_counts(2, 1, 0, 1);
}

static void lines_of_an_earlier_run_count(void **state)
{
	(void)state;
	add("one");
	report(1, (struct ship_counts){ .kept = 7, .taken = 1, .delivered = 3, .queued = 5 });
	assert_counts(8, 3, 5, 0);
}

static void the_next_shipper_gets_what_was_not_kept(void **state)
{
	(void)state;
	add("one");
	add("two");
	report(1, (struct ship_counts){ .taken = 1, .queued = 1 });
	close(shipper);
	shipper = -1;
	sink_second(sink);
	assert_true(sink->failing);
	usleep(1100000);
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(starts, 2);
	assert_hello(1);
	assert_line("two");
	assert_counts(2, 0, 2, 0);
}

/* Neither more than it was sent, nor less than before. */
static void a_report_that_cannot_be_true_is_not_believed(void **state)
{
	(void)state;
	add("one");
	report(2, (struct ship_counts){ .taken = 2, .queued = 2 });
	assert_true(sink->failing);
	assert_int_equal(sink_queued(sink, 1), 1);
	assert_int_equal(sink_descriptor(sink), -1);
}

static void what_a_shipper_may_have_is_not_dropped(void **state)
{
	static char large[800 * 1024];
	int i;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	add("one");
	for (i = 0; i < 5; i++)
		add(large);
	assert_int_equal(sink_counts(sink, 1).made, 6);
	assert_true(sink_counts(sink, 1).dropped[DROP_FULL] > 0);
	assert_int_equal(queue_line(&sink->queue, 0, 0).size, strlen("one\n"));
	assert_hello(0);
	assert_line("one");
	report(1, (struct ship_counts){ .taken = 1, .queued = 1 });
}

static void a_reopen_starts_another_one_at_once(void **state)
{
	(void)state;
	add("one");
	close(shipper);
	shipper = -1;
	sink_reopen(sink);
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_int_equal(starts, 2);
	assert_hello(0);
	assert_line("one");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(lines_stay_until_they_are_kept),
		TEST(lines_of_an_earlier_run_count),
		TEST(the_next_shipper_gets_what_was_not_kept),
		TEST(a_report_that_cannot_be_true_is_not_believed),
		TEST(what_a_shipper_may_have_is_not_dropped),
		TEST(a_reopen_starts_another_one_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
