/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP: connections of both families, and each way in which one fails. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

static int tcp_socket(const union address *a)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(fd >= 0, "socket");
	return fd;
}

static int listener(const char *text, union address *ret)
{
	union address a = address_of(text, 0);
	int fd = tcp_socket(&a);

	bind_to(fd, &a, "tcp");
	require(!listen(fd, 1), text);
	*ret = a;
	ends_record("listen", "tcp", NULL, ret, "");
	return fd;
}

/* Bytes each way; the one who connects closes first. */
#define SENT     1000
#define RECEIVED 3000

static useconds_t closes_after; /* the one who accepts, when the other one has closed */
static int fast_open;           /* the data are in the SYN */

static void serve(int fd)
{
	static char data[RECEIVED];
	union address client, server;
	socklen_t size = sizeof(client);
	int connection = accept(fd, &client.any, &size);

	require(connection >= 0, "accept");
	server = own_address(connection);
	ends_record("accept", "tcp", &client, &server, "");
	require(recv(connection, data, SENT, MSG_WAITALL) == SENT, "recv");
	require(send(connection, data, RECEIVED, 0) == RECEIVED, "send");
	require(recv(connection, data, 1, 0) == 0, "end");
	usleep(closes_after);
	require(!close(connection), "close");
	ends_record("close", "tcp", &client, &server,
	            "\tsource_bytes=1000\tdestination_bytes=3000");
}

static void talk(const char *text, const union address *server)
{
	static char data[RECEIVED];
	union address to = address_of(text, ntohs(server->v4.sin_port)), from;
	int fd = tcp_socket(&to);

	if (fast_open)
		require(sendto(fd, data, SENT, MSG_FASTOPEN, &to.any, address_size(&to)) == SENT,
		        "fast open");
	else
		require(!connect(fd, &to.any, address_size(&to)), "connect");
	from = own_address(fd);
	ends_record("connect", "tcp", &from, &to, "\toutcome=success");
	require(fast_open || send(fd, data, SENT, 0) == SENT, "send");
	require(recv(fd, data, RECEIVED, MSG_WAITALL) == RECEIVED, "recv");
	require(!close(fd), "close");
	ends_record("close", "tcp", &from, &to, "\tsource_bytes=1000\tdestination_bytes=3000");
}

void tcp(const char *listens_at, const char *connects_to)
{
	union address server;
	int fd = listener(listens_at, &server), status, waiting = 1;
	pid_t child;

	require(!fast_open || !setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &waiting, sizeof(waiting)),
	        "TCP_FASTOPEN");
	child = fork();

	require(child >= 0, "fork");
	if (!child) {
		net_enter(net_far);
		talk(connects_to, &server);
		_exit(0);
	}
	fork_record(socket_case, child, getpid());
	serve(fd);
	require(waitpid(child, &status, 0) == child && !status, "talk");
	close(fd);
}

/* The state of who closes first ends before the other one has closed. */
static void tcp_slow(void)
{
	closes_after = 500000;
	tcp("127.0.0.1", "127.0.0.1");
	closes_after = 0;
}

/* Without cookies. A network namespace has a setting of its own from 4.14 on (3733be14a32b). */
static void tcp_fast_open(void)
{
	static const char setting[] =
		"519"; /* TFO_CLIENT_ENABLE and following, include/net/tcp.h */
	int fd = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	require(write(fd, setting, sizeof(setting) - 1) == sizeof(setting) - 1 && !close(fd),
	        "tcp_fastopen");
	fast_open = 1;
	tcp("127.0.0.1", "127.0.0.1");
	fast_open = 0;
}

static void tcp_fails(const char *text, unsigned int port, const char *outcome)
{
	union address to = address_of(text, port);
	int fd = tcp_socket(&to), one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &one, sizeof(one));
	require(connect(fd, &to.any, address_size(&to)) < 0, "a connection to nobody");
	ends_record("connect", "tcp", NULL, &to, outcome);
	close(fd);
}

/* An address that another socket is bound to. */
static void tcp_in_use(void)
{
	union address server;
	int fd = listener("127.0.0.1", &server), other = tcp_socket(&server);

	require(bind(other, &server.any, address_size(&server)) < 0, "bind");
	ends_record("bind", "tcp", NULL, &server, "\toutcome=EADDRINUSE");
	close(other);
	close(fd);
}

/* A listener that is bound to an interface: the event names it. */
static void tcp_on_an_interface(void)
{
	union address a = address_of("127.0.0.1", 0);
	int fd = tcp_socket(&a);
	char more[32];

	require(!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), "lo");
	bind_to(fd, &a, "tcp");
	require(!listen(fd, 1), socket_case);
	snprintf(more, sizeof(more), "\tinterface=%u", if_nametoindex("lo"));
	ends_record("listen", "tcp", NULL, &a, more);
	close(fd);
}

/* A listener whose filter drops everything: it takes two SYNs and three seconds. */
static void tcp_times_out(void)
{
	struct sock_filter code[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_fprog drop = { 1, code };
	union address server;
	int fd = listener("127.0.0.1", &server), client;

	require(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &drop, sizeof(drop)), "filter");
	tcp_fails("127.0.0.1", ntohs(server.v4.sin_port), "\toutcome=ETIMEDOUT");
	socket_case = "tcp-given-up";
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	require(client >= 0 && connect(client, &server.any, sizeof(server.v4)) < 0 &&
	                errno == EINPROGRESS && !close(client),
	        socket_case);
	ends_record("connect", "tcp", NULL, &server, "\toutcome=ECANCELED");
	close(fd);
}

static void tcp_v4(void)
{
	tcp("127.0.0.1", "127.0.0.1");
}

void tcp_on_loopback(void)
{
	socket_case = "tcp-v4";
	tcp_v4();
	socket_case = "tcp-beside-sleepers";
	beside_sleepers(tcp_v4);
	socket_case = "tcp-v6";
	tcp("::1", "::1");
	socket_case = "tcp-dual-stack";
	tcp("::", "127.0.0.1");
	socket_case = "tcp-slow";
	tcp_slow();
	socket_case = "tcp-fast-open";
	tcp_fast_open();
	socket_case = "tcp-refused";
	tcp_fails("127.0.0.1", 9, "\toutcome=ECONNREFUSED"); /* discard: nobody listens */
	tcp_fails("::1", 9, "\toutcome=ECONNREFUSED");
	socket_case = "tcp-no-route";
	tcp_fails("192.0.2.1", 9, "\toutcome=ENETUNREACH");
	tcp_fails("2001:db8::1", 9, "\toutcome=ENETUNREACH");
	socket_case = "tcp-in-use";
	tcp_in_use();
	socket_case = "tcp-on-an-interface";
	tcp_on_an_interface();
	socket_case = "tcp-timed-out";
	tcp_times_out();
}
