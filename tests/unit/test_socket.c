/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines to sockets: each arrives once, or is counted; what is away for a while gets them later. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "loader/out/frame.h"
#include "loader/out/socket.h"

static const char *const tags[LEDGER_TAGS] = { "exec", "fork" };
static struct offsets_error error;
static struct socket_options options;
static char path[108];

/* ---- the other side ------------------------------------------------------- */

static int unix_listen(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	snprintf(path, sizeof(path), "%s/socket", work);
	unlink(path);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int network_listen(int type, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_port = htons(port),
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	memcpy(&options.address.storage, &address, sizeof(address));
	options.address.size = sizeof(address);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

/* ---- the sink ------------------------------------------------------------- */

static struct sink *open_sink(enum socket_kind kind)
{
	const struct sink_use use = { .policy = SINK_DROP,
		                      .full = SINK_FULL_DROP_OLDEST,
		                      .options = &options };
	struct sink *sink;

	options.kind = kind;
	options.host = "a host";
	options.tag_names = tags;
	assert_int_equal(sink_open(&socket_ops, path, &use, &sink, &error), 0);
	return sink;
}

static void put(struct sink *sink, const char *text)
{
	assert_int_equal(sink_line(sink, text, strlen(text), 1), 0);
}

/* Until all is delivered, as the event loop does it; ten seconds at most. */
static void flush(struct sink *sink)
{
	unsigned int i;

	for (i = 0; sink->queue.size && i < 1000; i++) {
		int ms, fd;

		assert_int_equal(sink_flush(sink, &error), 0);
		fd = sink_wait(sink, &ms);
		if (fd >= 0)
			poll(&(struct pollfd){ fd, POLLOUT, 0 }, 1, 10);
		else if (ms >= 0)
			usleep(10000);
	}
	assert_int_equal(sink->queue.size, 0);
}

static void assert_balance(const struct sink *sink, uint64_t made, uint64_t delivered)
{
	const struct ledger *l = &sink->ledger;

	assert_int_equal(l->made[1], made);
	assert_int_equal(l->delivered[1], delivered);
	assert_int_equal(made, delivered + sink_queued(sink, 1) + ledger_dropped(l, 1));
}

static void assert_got(int fd, const char *text)
{
	static char got[65536];
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, text);
}

/* ---- Unix sockets ---------------------------------------------------------- */

static void a_line_is_a_line_of_a_stream(void **state)
{
	int listener = unix_listen(SOCK_STREAM), fd;
	struct sink *sink = open_sink(SOCKET_UNIX);

	(void)state;
	put(sink, "one");
	put(sink, "two");
	flush(sink);
	fd = accept(listener, NULL, NULL);
	assert_got(fd, "one\ntwo\n");
	assert_balance(sink, 2, 2);
	sink_close(sink);
	close(fd);
	close(listener);
}

static void a_line_is_a_datagram(void **state)
{
	int fd = unix_listen(SOCK_DGRAM);
	struct sink *sink = open_sink(SOCKET_UNIX_DATAGRAM);

	(void)state;
	put(sink, "one");
	put(sink, "two");
	flush(sink);
	assert_got(fd, "one");
	assert_got(fd, "two");
	assert_balance(sink, 2, 2);
	sink_close(sink);
	close(fd);
}

static void who_is_not_there_gets_the_lines_later(void **state)
{
	struct sink *sink = open_sink(SOCKET_UNIX_DATAGRAM);
	int fd;

	(void)state;
	close(unix_listen(SOCK_DGRAM));
	unlink(path);
	put(sink, "one");
	assert_int_equal(sink_flush(sink, &error), 0);
	assert_true(sink->failing);
	assert_balance(sink, 1, 0);
	fd = unix_listen(SOCK_DGRAM);
	flush(sink);
	assert_false(sink->failing);
	assert_got(fd, "one");
	close(fd);
	unlink(path);
	fd = unix_listen(SOCK_DGRAM); /* a daemon that was restarted */
	put(sink, "two");
	flush(sink);
	assert_got(fd, "two");
	assert_balance(sink, 2, 2);
	sink_close(sink);
	close(fd);
}

static void what_no_datagram_holds_is_dropped_and_counted(void **state)
{
	static char line[600000];
	int fd = unix_listen(SOCK_DGRAM);
	struct sink *sink = open_sink(SOCKET_UNIX_DATAGRAM);

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	put(sink, line);
	put(sink, "two");
	flush(sink);
	assert_int_equal(sink->ledger.dropped[1][DROP_TOO_LONG], 1);
	assert_balance(sink, 2, 1);
	assert_got(fd, "two");
	sink_close(sink);
	close(fd);
}

/* A sealed file takes its place, of which the descriptor comes in an empty datagram. */
static void the_journal_takes_lines_of_any_length(void **state)
{
	static char line[600000], got[700000];
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof(control) };
	int fd = unix_listen(SOCK_DGRAM), file;
	struct sink *sink = open_sink(SOCKET_JOURNALD);
	struct stat st;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	put(sink, "short");
	put(sink, line);
	flush(sink);
	assert_balance(sink, 2, 2);
	assert_true(recv(fd, got, sizeof(got), 0) > 0);
	assert_non_null(strstr(got, "SYSLOG_IDENTIFIER=sextant\n"));
	assert_non_null(strstr(got, "SEXTANT_CLASS=fork\nMESSAGE=short\n"));
	assert_int_equal(recvmsg(fd, &message, 0), 0);
	memcpy(&file, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(file));
	assert_int_equal(fstat(file, &st), 0);
	assert_int_equal(pread(file, got, sizeof(got), 0), st.st_size);
	assert_memory_equal(got + st.st_size - sizeof(line), line, sizeof(line) - 1);
	close(file);
	sink_close(sink);
	close(fd);
}

/* ---- syslog ---------------------------------------------------------------- */

static void messages_of_rfc_5424(void **state)
{
	const struct frame_line line = { "{\"@timestamp\":\"2026-11-21T03:40:12.123456789Z\"}", 47,
		                         "a host", "exec", 0 };
	char frame[1024], expected[1024];
	size_t size;

	(void)state;
	size = frame_syslog(&line, frame);
	snprintf(expected, sizeof(expected),
	         "<86>1 2026-11-21T03:40:12.123456Z a_host sextant %d exec - %s", getpid(),
	         line.text);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(frame, expected, size);
	size = frame_syslog_counted(&line, frame);
	frame[size] = '\0';
	assert_int_equal(strtoul(frame, NULL, 10), strlen(expected));
	assert_string_equal(strchr(frame, ' ') + 1, expected);
}

/* The times of OCSF; of a line for people that of now. */
static void messages_have_the_time_of_their_line(void **state)
{
	static const char ocsf[] = "{\"class_uid\":1007,\"time\":1796000523004}";
	struct frame_line line = { ocsf, sizeof(ocsf) - 1, "host", "exec", 0 };
	static const char begin[] = "<86>1 2026-11-30T01:02:03.004000Z host ",
			  now[] = "<86>1 2001-09-09T01:46:40.000001Z host ";
	char frame[1024];

	(void)state;
	frame_syslog(&line, frame);
	assert_memory_equal(frame, begin, strlen(begin));
	line.text = "01:46:40.000 exec";
	line.size = strlen(line.text);
	line.now_ns = 1000000000000001000;
	frame_syslog(&line, frame);
	assert_memory_equal(frame, now, strlen(now));
}

/* "LENGTH MESSAGE" one behind the other: how many of them end with which text. */
static size_t messages_count(const char *text, size_t size)
{
	size_t count = 0, length;
	char *message;

	while (size) {
		length = strtoul(text, &message, 10);
		assert_true(length && *message == ' ' && message + 1 + length <= text + size);
		size -= message + 1 + length - text;
		text = message + 1 + length;
		count++;
	}
	return count;
}

static size_t read_all(int fd, char *ret, size_t room)
{
	size_t size = 0;
	ssize_t n;

	while ((n = recv(fd, ret + size, room - size, MSG_DONTWAIT)) > 0)
		size += n;
	return size;
}

static void octets_are_counted_over_tcp(void **state)
{
	static char got[1 << 20];
	int listener = network_listen(SOCK_STREAM, 0), fd;
	struct sink *sink = open_sink(SOCKET_SYSLOG_TCP);
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		put(sink, "a line");
	flush(sink);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(messages_count(got, read_all(fd, got, sizeof(got))), 1000);
	assert_balance(sink, 1000, 1000);
	sink_close(sink);
	close(fd);
	close(listener);
}

/* It has read nothing: the kernel had taken the lines, and lost them. */
static void what_a_collector_did_not_acknowledge_is_sent_again(void **state)
{
	static char got[4 << 20], line[1000];
	int listener = network_listen(SOCK_STREAM, 0), fd, small = 4096;
	uint16_t port = port_of(listener);
	struct sink *sink = open_sink(SOCKET_SYSLOG_TCP);
	struct linger reset = { 1, 0 };
	size_t size = 0;
	unsigned int i;

	(void)state;
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	memset(line, 'x', sizeof(line) - 1);
	for (i = 0; i < 500; i++)
		put(sink, line);
	for (i = 0; i < 20; i++) {
		assert_int_equal(sink_flush(sink, &error), 0);
		usleep(5000);
	}
	fd = accept(listener, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	assert_true(sink->ledger.delivered[1] < 500);
	close(fd);
	close(listener);
	listener = network_listen(SOCK_STREAM, port);
	i = sink->ledger.delivered[1];
	fd = -1;
	while (sink->queue.size) {
		assert_int_equal(sink_flush(sink, &error), 0);
		if (fd < 0)
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			size += read_all(fd, got + size, sizeof(got) - size);
		usleep(1000);
	}
	size += read_all(fd, got + size, sizeof(got) - size);
	assert_true(messages_count(got, size) >= 500 - i);
	assert_balance(sink, 500, 500);
	sink_close(sink);
	close(fd);
	close(listener);
}

static void a_message_is_a_datagram_over_udp(void **state)
{
	static char got[2000];
	int fd = network_listen(SOCK_DGRAM, 0);
	struct sink *sink = open_sink(SOCKET_SYSLOG_UDP);
	ssize_t n;

	(void)state;
	put(sink, "one");
	flush(sink);
	n = recv(fd, got, sizeof(got), 0);
	assert_true(n > 4);
	assert_memory_equal(got, "<86>1 ", 6);
	assert_memory_equal(got + n - 3, "one", 3);
	assert_balance(sink, 1, 1);
	sink_close(sink);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_line_of_a_stream),
		cmocka_unit_test(a_line_is_a_datagram),
		cmocka_unit_test(who_is_not_there_gets_the_lines_later),
		cmocka_unit_test(what_no_datagram_holds_is_dropped_and_counted),
		cmocka_unit_test(the_journal_takes_lines_of_any_length),
		cmocka_unit_test(messages_of_rfc_5424),
		cmocka_unit_test(messages_have_the_time_of_their_line),
		cmocka_unit_test(octets_are_counted_over_tcp),
		cmocka_unit_test(what_a_collector_did_not_acknowledge_is_sent_again),
		cmocka_unit_test(a_message_is_a_datagram_over_udp),
	};

	return cmocka_run_group_tests_name("socket", tests, work_enter, work_leave);
}
