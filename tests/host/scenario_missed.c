/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP connections whose changes no program sees, as the kernel's kprobes are off meanwhile: the
 * file that environment variable SWITCH names turns them off and on.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

#define PAIRS_MAX 64

struct pair {
	int client, server;
};

static void kprobes_set(const char *value)
{
	const char *path = getenv("SWITCH");

	require(path != NULL, "SWITCH");
	file_write(path, 0, value);
}

static int listen_at(union address *ret, int backlog)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret = address_of("127.0.0.1", 0);
	require(fd >= 0 && !bind(fd, &ret->any, sizeof(ret->v4)) && !listen(fd, backlog), "listen");
	*ret = own_address(fd);
	return fd;
}

static int connect_to(const union address *to, int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	require(fd >= 0, "socket");
	require(!connect(fd, &to->any, sizeof(to->v4)) || (flags && errno == EINPROGRESS),
	        "connect");
	return fd;
}

static void pairs_open(struct pair *pairs, int count, int listener, const union address *at)
{
	for (int i = 0; i < count; i++) {
		pairs[i].client = connect_to(at, 0);
		pairs[i].server = accept(listener, NULL, NULL);
		require(pairs[i].server >= 0, "accept");
	}
}

static void pairs_close(const struct pair *pairs, int count)
{
	for (int i = 0; i < count; i++)
		require(!close(pairs[i].client) && !close(pairs[i].server), "close");
}

/* Connections that end unseen, and others, which get their memory. */
static void ends(int count)
{
	struct pair pairs[PAIRS_MAX];
	union address at;
	int fd = listen_at(&at, 1);

	pairs_open(pairs, count, fd, &at);
	kprobes_set("0");
	pairs_close(pairs, count);
	kprobes_set("1");
	pairs_open(pairs, count, fd, &at);
	pairs_close(pairs, count);
	close(fd);
}

/* It waits in the queue of a listener until it is established, unseen; it is closed by SO_LINGER.
 */
static void established(void)
{
	struct linger at_once = { .l_onoff = 1 };
	union address at;
	int fd = listen_at(&at, 0), first = connect_to(&at, 0), late, accepted[2];

	late = connect_to(&at, SOCK_NONBLOCK);
	kprobes_set("0");
	accepted[0] = accept(fd, NULL, NULL);
	accepted[1] = accept(fd, NULL, NULL); /* the SYN is sent again after a second */
	kprobes_set("1");
	require(accepted[0] >= 0 && accepted[1] >= 0, "accept");
	require(!setsockopt(late, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), "SO_LINGER");
	close(late);
	close(first);
	close(accepted[0]);
	close(accepted[1]);
	close(fd);
}

static void missed_changes(int count)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	require(count > 0 && count <= PAIRS_MAX && !sched_setaffinity(0, sizeof(one), &one),
	        "CPU 0");
	loopback_up();
	established(); /* before there is what one of them would be taken for */
	ends(count);
}

static const struct command commands[] = { { "missed-changes", missed_changes }, { 0 } };

PART(.name = "missed", .commands = commands);
