/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: loopback alone, and of it an address that is nobody else's. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/host/siege.h"

static struct sockaddr_in address(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(SIEGE_ADDRESS),
	};
}

/* A reset ends it at once: nothing waits, and no port stays in use. */
static void finish(int fd)
{
	struct linger now = { 1, 0 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void streams(void)
{
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), taken = -1;
	struct sockaddr_in at = address(0);
	socklen_t size = sizeof(at);

	if (!bind(server, (struct sockaddr *)&at, size) && !listen(server, 1) &&
	    !getsockname(server, (struct sockaddr *)&at, &size) &&
	    !connect(client, (struct sockaddr *)&at, size))
		taken = accept(server, NULL, NULL);
	if (taken >= 0 && send(taken, "x", 1, MSG_NOSIGNAL) == 1)
		shutdown(taken, SHUT_RDWR);
	finish(taken);
	finish(client);
	finish(server);
}

/* Nobody listens, or the descriptor does not block. */
static void failures(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (any(2) ? SOCK_NONBLOCK : 0), 0);
	struct sockaddr_in at = address(1 + any(65535));
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		                    .sin6_port = htons(1 + any(65535)),
		                    .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	connect(fd, (struct sockaddr *)&at, any(4) ? sizeof(at) : any(sizeof(at)));
	finish(fd);
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	connect(fd, (struct sockaddr *)&six, any(4) ? sizeof(six) : any(sizeof(six)));
	finish(fd);
}

static void binds(void)
{
	int fd = socket(any(2) ? AF_INET : AF_INET6,
	                (any(2) ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = address(any(2) ? any(1024) : 0);

	bind(fd, (struct sockaddr *)&at, sizeof(at));
	listen(fd, any(1000));
	finish(fd);
}

/* A flow each: from another port, to another one. */
static void datagrams(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), i;
	char data[1000];

	bytes_any(data, sizeof(data));
	for (i = 0; i < 20; i++) {
		struct sockaddr_in at = address(1 + any(65535));

		sendto(fd, data, any(sizeof(data)), MSG_DONTWAIT, (struct sockaddr *)&at,
		       sizeof(at));
	}
	finish(fd);
}

/* ---- DNS -------------------------------------------------------------- */

/* Labels of any bytes; at times their lengths are no truth, or they point back. */
static size_t question(unsigned char *to, size_t size)
{
	static const unsigned char header[12] = { 0x12, 0x34, 1, 0, 0, 1 };
	size_t at = sizeof(header);

	memcpy(to, header, sizeof(header));
	while (at + 70 < size && any(8)) {
		size_t label = 1 + any(63);

		to[at] = any(20) ? label : any(256);
		bytes_any((char *)to + at + 1, label);
		at += 1 + label;
	}
	if (!any(10))
		to[at++] = 0xc0;
	memcpy(to + at, "\0\0\1\0\1", 5);
	at += 5;
	return any(10) ? at : any(at);
}

static void questions(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), i;
	struct sockaddr_in at = address(53);
	unsigned char data[600];

	if (any(2))
		connect(fd, (struct sockaddr *)&at, sizeof(at));
	for (i = 0; i < 20; i++)
		sendto(fd, data, question(data, any(2) ? 600 : 255), MSG_DONTWAIT,
		       (struct sockaddr *)&at, sizeof(at));
	finish(fd);
}

/* ---- Unix ------------------------------------------------------------- */

static void unix_names(void)
{
	int type = any(2) ? SOCK_STREAM : any(2) ? SOCK_DGRAM : SOCK_SEQPACKET;
	int server = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 + any(sizeof(at.sun_path));

	bytes_any(at.sun_path + 1, sizeof(at.sun_path) - 1);
	if (any(2)) {
		name_any(at.sun_path, sizeof(at.sun_path) - 1);
		unlink(at.sun_path);
		size = sizeof(at);
	}
	bind(server, (struct sockaddr *)&at, size);
	listen(server, 1);
	connect(client, (struct sockaddr *)&at, size);
	close(client);
	close(server);
}

/* ---- the rest --------------------------------------------------------- */

static void kinds(void)
{
	int fd = socket(any(46), (any(2) ? 1 + any(6) : SOCK_RAW) | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                any(4) ? 0 : any(256));
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };
	struct sock_fprog program = { 1, code };
	int pair[2];

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
		close(fd);
	}
	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close(pair[0]);
		close(pair[1]);
	}
}

const struct phase net_phases[] = {
	{ "net-streams", streams },     { "net-failures", failures },
	{ "net-binds", binds },         { "net-datagrams", datagrams },
	{ "net-questions", questions }, { "net-unix", unix_names },
	{ "net-kinds", kinds },         { NULL, NULL },
};
