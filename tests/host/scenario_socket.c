/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario's sockets: TCP and UDP both ways over loopback, of both families
 * and of a dual-stack socket, refused and timed out connections, Unix sockets; in
 * a network namespace of its own, so that nobody else's are there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

static const char *name; /* of the case */

/* ---- addresses -------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address address_of(const char *text, unsigned int port)
{
	union address a = { 0 };

	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
	} else {
		require(inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1, text);
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
	}
	return a;
}

static socklen_t address_size(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

/* What IPv6 maps is IPv4. */
static void put_address(const char *key, const union address *a)
{
	char text[INET6_ADDRSTRLEN];
	const struct in6_addr *v6 = &a->v6.sin6_addr;

	if (a->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof(text));
	else if (IN6_IS_ADDR_V4MAPPED(v6))
		inet_ntop(AF_INET, v6->s6_addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, v6, text, sizeof(text));
	put("\t%s=%s\t%s_port=%u", key, text, key,
	    ntohs(a->v4.sin_port)); /* at one place in both */
}

static union address own_address(int fd)
{
	union address a;
	socklen_t size = sizeof(a);

	require(!getsockname(fd, &a.any, &size), "getsockname");
	return a;
}

/* ---- records ---------------------------------------------------------- */

static void begin(const char *action, const char *transport)
{
	struct stat st;

	require(!stat("/proc/self/ns/net", &st), "/proc/self/ns/net");
	put("socket\tcase=%s\tpid=%d\taction=%s\ttransport=%s\tnetns=%llu", name, getpid(), action,
	    transport, (unsigned long long)st.st_ino);
}

static void ends_record(const char *action, const char *transport, const union address *source,
                        const union address *destination, const char *more)
{
	begin(action, transport);
	if (source)
		put_address("source", source);
	put_address("destination", destination);
	put("%s", more);
	record_end();
}

/* ---- TCP -------------------------------------------------------------- */

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

	require(!bind(fd, &a.any, address_size(&a)) && !listen(fd, 1), text);
	*ret = own_address(fd);
	ends_record("listen", "tcp", NULL, ret, "");
	return fd;
}

/* Bytes each way; the one who connects closes first. */
#define SENT     1000
#define RECEIVED 3000

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
	require(recv(connection, data, 1, 0) == 0 && !close(connection), "close");
	ends_record("close", "tcp", &client, &server,
	            "\tsource_bytes=1000\tdestination_bytes=3000");
}

static void talk(const char *text, const union address *server)
{
	static char data[RECEIVED];
	union address to = address_of(text, ntohs(server->v4.sin_port)), from;
	int fd = tcp_socket(&to);

	require(!connect(fd, &to.any, address_size(&to)), "connect");
	from = own_address(fd);
	ends_record("connect", "tcp", &from, &to, "\toutcome=success");
	require(send(fd, data, SENT, 0) == SENT, "send");
	require(recv(fd, data, RECEIVED, MSG_WAITALL) == RECEIVED, "recv");
	require(!close(fd), "close");
	ends_record("close", "tcp", &from, &to, "\tsource_bytes=1000\tdestination_bytes=3000");
}

static void tcp(const char *listens_at, const char *connects_to)
{
	union address server;
	int fd = listener(listens_at, &server), status;
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		talk(connects_to, &server);
		_exit(0);
	}
	fork_record(name, child, getpid());
	serve(fd);
	require(waitpid(child, &status, 0) == child && !status, "talk");
	close(fd);
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

/* A listener that hears nothing does not answer: two SYNs, three seconds. */
static void tcp_times_out(void)
{
	struct sock_filter code[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_fprog deaf = { 1, code };
	union address server;
	int fd = listener("127.0.0.1", &server);

	require(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &deaf, sizeof(deaf)), "filter");
	tcp_fails("127.0.0.1", ntohs(server.v4.sin_port), "\toutcome=ETIMEDOUT");
	close(fd);
}

/* ---- UDP -------------------------------------------------------------- */

static void udp(const char *listens_at, const char *sends_to, int connected)
{
	union address a = address_of(listens_at, 0), to, from;
	int in = socket(a.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), out, i;
	char data[100];

	require(in >= 0 && !bind(in, &a.any, address_size(&a)), "bind");
	a = own_address(in);
	to = address_of(sends_to, ntohs(a.v4.sin_port));
	out = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	require(out >= 0, "socket");
	require(!connected || !connect(out, &to.any, address_size(&to)), "connect");
	for (i = 0; i < 3; i++) { /* the first of them is told */
		require(sendto(out, data, 100, 0, connected ? NULL : &to.any,
		               connected ? 0 : address_size(&to)) == 100,
		        "sendto");
		require(recv(in, data, 100, 0) == 100, "recv");
		from = own_address(out);
		if (!i) {
			ends_record("datagram", "udp", connected ? &from : NULL, &to,
			            "\tdirection=egress");
			begin("datagram", "udp");
			put("\tsource_port=%u\tdestination_port=%u\tdirection=ingress",
			    ntohs(from.v4.sin_port), ntohs(a.v4.sin_port));
			record_end();
		}
	}
	close(in);
	close(out);
}

/* ---- Unix sockets ----------------------------------------------------- */

static void unix_connect(const char *path, size_t size, int listens)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + size;
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(server >= 0 && fd >= 0, "socket");
	memcpy(a.sun_path, path, size);
	if (listens)
		require(!bind(server, (struct sockaddr *)&a, length) && !listen(server, 1), "bind");
	require((connect(fd, (struct sockaddr *)&a, length) == 0) == listens, "connect");
	begin("connect", "unix");
	put_hex("address", path, size);
	put("\toutcome=%s", listens ? "success" : "ENOENT");
	record_end();
	close(server);
	close(fd);
}

/* ---- all -------------------------------------------------------------- */

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request), "lo");
	request.ifr_flags |= IFF_UP;
	require(!ioctl(fd, SIOCSIFFLAGS, &request) && !close(fd), "lo");
}

static void operate(void)
{
	require(!unshare(CLONE_NEWNET), "unshare");
	loopback_up();
	name = "tcp-v4";
	tcp("127.0.0.1", "127.0.0.1");
	name = "tcp-v6";
	tcp("::1", "::1");
	name = "tcp-dual-stack";
	tcp("::", "127.0.0.1");
	name = "tcp-refused";
	tcp_fails("127.0.0.1", 9, "\toutcome=ECONNREFUSED"); /* discard: nobody listens */
	tcp_fails("::1", 9, "\toutcome=ECONNREFUSED");
	name = "tcp-timed-out";
	tcp_times_out();
	name = "udp-v4";
	udp("127.0.0.1", "127.0.0.1", 0);
	name = "udp-v4-connected";
	udp("127.0.0.1", "127.0.0.1", 1);
	name = "udp-v6";
	udp("::1", "::1", 0);
	name = "udp-dual-stack";
	udp("::", "127.0.0.1", 0);
	name = "unix";
	unlink("listening");
	unix_connect("listening", strlen("listening"), 1);
	unix_connect("\0abstract", strlen("abstract") + 1, 1);
	unix_connect("nobody", strlen("nobody"), 0);
}

void case_sockets(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		require(!chdir(directory), directory);
		operate();
		_exit(0);
	}
	fork_record("sockets", child, getpid());
	require(!child_wait("sockets", child), "sockets");
}
