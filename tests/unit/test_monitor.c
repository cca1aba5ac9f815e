/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of one process to another: what comes back, and what neither of them believes the other.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "loader/monitor/message.h"
#include "loader/monitor/monitor.h"

enum { ECHO, FAIL, DESCRIPTOR, LARGE, DIE, KINDS };

/* What the monitor did, where both processes see it. */
static struct shared {
	int begun, changed, ended;
} * shared;

static int begin_error, watched = -1;
static struct monitor monitor;

static void on_echo(void *arg, const void *data, size_t size, struct answer *ret)
{
	(void)arg;
	memcpy(ret->data, data, size);
	ret->size = size;
}

static void on_fail(void *arg, const void *data, size_t size, struct answer *ret)
{
	on_echo(arg, data, size, ret);
	ret->err = -ENXIO;
}

static void on_descriptor(void *arg, const void *data, size_t size, struct answer *ret)
{
	(void)arg, (void)data, (void)size;
	ret->fd = open("/dev/null", O_RDONLY);
}

static void on_large(void *arg, const void *data, size_t size, struct answer *ret)
{
	(void)arg, (void)data, (void)size;
	ret->size = MESSAGE_BYTES;
}

static void on_die(void *arg, const void *data, size_t size, struct answer *ret)
{
	(void)arg, (void)data, (void)size, (void)ret;
	raise(SIGKILL);
}

static const request_fn requests[KINDS] = { on_echo, on_fail, on_descriptor, on_large, on_die };

static int on_begin(void *arg)
{
	(void)arg;
	shared->begun++;
	return begin_error;
}

static int on_watched(void *arg)
{
	(void)arg;
	return watched;
}

static void on_changed(void *arg)
{
	(void)arg;
	shared->changed++;
	watched = -1;
}

static void on_end(void *arg)
{
	(void)arg;
	shared->ended++;
}

static int fork_it(struct offsets_error *error)
{
	const struct monitor_job job = { .begin = on_begin,
		                         .watched = on_watched,
		                         .changed = on_changed,
		                         .end = on_end,
		                         .requests = requests,
		                         .count = KINDS };

	return monitor_fork(&job, &monitor, error);
}

static int enter(void **state)
{
	struct offsets_error error;

	(void)state;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	begin_error = 0;
	watched = -1;
	return shared == MAP_FAILED || fork_it(&error);
}

static int leave(void **state)
{
	(void)state;
	monitor_end(&monitor);
	munmap(shared, sizeof(*shared));
	return 0;
}

static int ask(unsigned int kind, size_t size, void *ret, size_t room, size_t *ret_size,
               int *ret_fd)
{
	static char data[MESSAGE_BYTES + 1];

	memset(data, 'x', sizeof(data));
	return channel_ask(&monitor.channel, kind, data, size, ret, room, ret_size, ret_fd);
}

static void an_answer_comes_back_whole(void **state)
{
	static char back[MESSAGE_BYTES];
	size_t size;

	(void)state;
	assert_int_equal(ask(ECHO, 0, NULL, 0, &size, NULL), 0);
	assert_int_equal(size, 0);
	assert_int_equal(ask(ECHO, MESSAGE_BYTES, back, sizeof(back), &size, NULL), 0);
	assert_int_equal(size, MESSAGE_BYTES);
	assert_int_equal(back[MESSAGE_BYTES - 1], 'x');
}

static void an_error_comes_back_with_what_it_says(void **state)
{
	char back[8];
	size_t size;

	(void)state;
	assert_int_equal(ask(FAIL, 3, back, sizeof(back), &size, NULL), -ENXIO);
	assert_int_equal(size, 3);
	assert_int_equal(monitor.channel.err, 0); /* others are asked as before */
	assert_int_equal(ask(ECHO, 1, back, sizeof(back), &size, NULL), 0);
}

static void a_descriptor_comes_along(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(ask(DESCRIPTOR, 0, NULL, 0, NULL, &fd), 0);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(ask(ECHO, 0, NULL, 0, NULL, &fd), 0);
	assert_int_equal(fd, -1);
}

/* Nobody waits for it: it must not stay open. */
static void a_descriptor_that_is_not_expected_is_closed(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	assert_int_equal(ask(DESCRIPTOR, 0, NULL, 0, NULL, NULL), 0);
	after = dup(0);
	assert_int_equal(after, before);
	close(after);
}

static void a_kind_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_int_equal(ask(KINDS, 0, NULL, 0, NULL, NULL), -ENOSYS);
	assert_int_equal(ask(~0U, 100, NULL, 0, NULL, NULL), -ENOSYS);
}

static void a_request_that_is_too_large_is_not_sent(void **state)
{
	(void)state;
	assert_int_equal(ask(ECHO, MESSAGE_BYTES + 1, NULL, 0, NULL, NULL), -EMSGSIZE);
	assert_int_equal(monitor.channel.err, 0);
}

static void an_answer_larger_than_its_room_ends_the_trust(void **state)
{
	char back[16];

	(void)state;
	assert_int_equal(ask(LARGE, 0, back, sizeof(back), NULL, NULL), -EPROTO);
	assert_int_equal(ask(ECHO, 0, NULL, 0, NULL, NULL), -EPROTO);
}

static void a_monitor_that_dies_is_noticed(void **state)
{
	struct pollfd fd = { monitor.channel.fd, POLLIN, 0 };

	(void)state;
	assert_int_equal(poll(&fd, 1, 0), 0);
	assert_int_equal(ask(DIE, 0, NULL, 0, NULL, NULL), -EPIPE);
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_int_equal(ask(ECHO, 0, NULL, 0, NULL, NULL), -EPIPE);
}

/* Half a header, a message without its kind. */
static void a_message_that_is_none_ends_the_monitor(void **state)
{
	char byte;

	(void)state;
	assert_int_equal(send(monitor.channel.fd, "abc", 3, 0), 3);
	assert_int_equal(recv(monitor.channel.fd, &byte, 1, 0), 0);
	assert_int_equal(shared->ended, 1);
}

static void it_ends_with_the_engine(void **state)
{
	(void)state;
	assert_int_equal(shared->begun, 1);
	assert_int_equal(shared->ended, 0);
	kill(monitor.pid, SIGTERM); /* signals are for the engine */
	kill(monitor.pid, SIGHUP);
	assert_int_equal(ask(ECHO, 0, NULL, 0, NULL, NULL), 0);
	monitor_end(&monitor);
	assert_int_equal(shared->ended, 1);
}

static void one_that_cannot_begin_is_an_error(void **state)
{
	struct offsets_error error;

	(void)state;
	monitor_end(&monitor);
	begin_error = -EPERM;
	assert_int_not_equal(fork_it(&error), 0);
	assert_non_null(strstr(error.text, "monitor process could not begin"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_comes_back_whole),
		TEST(an_error_comes_back_with_what_it_says),
		TEST(a_descriptor_comes_along),
		TEST(a_descriptor_that_is_not_expected_is_closed),
		TEST(a_kind_that_is_none_is_refused),
		TEST(a_request_that_is_too_large_is_not_sent),
		TEST(an_answer_larger_than_its_room_ends_the_trust),
		TEST(a_monitor_that_dies_is_noticed),
		TEST(a_message_that_is_none_ends_the_monitor),
		TEST(it_ends_with_the_engine),
		TEST(one_that_cannot_begin_is_an_error),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
