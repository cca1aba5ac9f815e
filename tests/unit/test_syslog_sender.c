/* SPDX-License-Identifier: BSD-2-Clause */
/* Syslog over TLS, with a transfer of the test's own that is open at once and ends on request. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "loader/ship/sender.h"

#define SECOND_NS 1000000000ULL

/* What a read and a write find: -EAGAIN, or the end. */
static struct collector {
	ssize_t read, write;
} collector;

int transfer_new(const struct transfer_use *use, struct transfer **ret, struct offsets_error *error)
{
	(void)use;
	(void)error;
	*ret = NULL;
	return 0;
}

void transfer_free(struct transfer *transfer)
{
	(void)transfer;
}

int transfer_post(struct transfer *transfer, const char *type, const void *body, size_t size,
                  bool is_gzip)
{
	(void)transfer;
	(void)type;
	(void)body;
	(void)size;
	(void)is_gzip;
	return -ENOTCONN;
}

int transfer_connect(struct transfer *transfer)
{
	(void)transfer;
	return 0;
}

void transfer_wait(struct transfer *transfer, struct pollfd *fds, size_t count, int ms)
{
	(void)transfer;
	(void)fds;
	(void)count;
	(void)ms;
}

bool transfer_work(struct transfer *transfer, struct transfer_result *ret)
{
	(void)transfer;
	*ret = (struct transfer_result){ .is_connected = true };
	return true;
}

ssize_t transfer_send(struct transfer *transfer, const void *data, size_t size)
{
	(void)transfer;
	(void)data;
	(void)size;
	return collector.write;
}

ssize_t transfer_receive(struct transfer *transfer, void *ret, size_t size)
{
	(void)transfer;
	(void)ret;
	(void)size;
	return collector.read;
}

int transfer_socket(struct transfer *transfer)
{
	(void)transfer;
	return -1;
}

void transfer_disconnect(struct transfer *transfer)
{
	(void)transfer;
}

/* A sender that has a batch of one line, opens its connection, and after that finds the end. */
static void ends(struct collector end, uint64_t after_ns, bool is_refused)
{
	static const char *const tags[LEDGER_TAGS] = { "exec" };
	const struct sender_use use = { .host = "host", .tag_names = tags };
	struct offsets_error error;
	struct shipment batch = { 0 };
	struct sender *sender;

	collector = (struct collector){ -EAGAIN, -EAGAIN };
	assert_int_equal(shipment_add(&batch, "{}", 2, 0), 0);
	assert_int_equal(sender_new(&syslog_sender_ops, &use, &sender, &error), 0);
	sender_begin(sender, &batch);
	assert_false(sender_work(sender, SECOND_NS));
	assert_false(sender->is_failing);

	collector = end;
	assert_false(sender_work(sender, SECOND_NS + after_ns));
	assert_true(sender->is_failing);
	assert_int_equal(sender->is_certificate_bad, is_refused);
	assert_string_equal(sender->why,
	                    is_refused ? "the collector has ended the connection, as if it "
	                                 "refused the client's certificate"
	                               : "the collector has closed the connection");
	assert_int_equal(sender->outcome.delivered[0], 0);
	sender_free(sender);
	shipment_deinit(&batch);
}

/* In TLS 1.3 a client learns it after it has sent: by the alert, or by a reset before that. */
static void a_connection_that_ends_at_once_is_refused(void **state)
{
	(void)state;
	ends((struct collector){ 0, -EAGAIN }, SECOND_NS / 2, true);
	ends((struct collector){ -EPIPE, -EPIPE }, SECOND_NS / 2, true);
	ends((struct collector){ -EAGAIN, -EPIPE }, SECOND_NS / 2, true);
}

static void one_that_has_lasted_is_closed(void **state)
{
	(void)state;
	ends((struct collector){ 0, -EAGAIN }, SECOND_NS, false);
	ends((struct collector){ -EPIPE, -EPIPE }, SECOND_NS, false);
	ends((struct collector){ -EAGAIN, -EPIPE }, SECOND_NS, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_that_ends_at_once_is_refused),
		cmocka_unit_test(one_that_has_lasted_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
