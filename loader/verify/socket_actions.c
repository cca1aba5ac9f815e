/* SPDX-License-Identifier: BSD-2-Clause */
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "loader/verify/socket_actions.h"
#include "offsets/util/cleanup.h"

#define DID(action) (1U << SOCKETS_##action)

static int socket_new(int family, int type)
{
	return socket(family, type | SOCK_CLOEXEC, 0);
}

/* host: of 127.0.0.0/8. */
static bool bound(int fd, unsigned int host, unsigned int port, struct sockaddr_in *ret)
{
	socklen_t size = sizeof(*ret);

	*ret = (struct sockaddr_in){ .sin_family = AF_INET,
		                     .sin_port = htons(port),
		                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host) };
	return fd >= 0 && !bind(fd, (struct sockaddr *)ret, size) &&
	       !getsockname(fd, (struct sockaddr *)ret, &size);
}

static bool connected(int fd, const struct sockaddr_in *remote)
{
	return !connect(fd, (const struct sockaddr *)remote, sizeof(*remote));
}

/* ---- TCP -------------------------------------------------------------- */

/* Each side sends something and reads it all; the client closes first. */
static bool talk(int client, int server)
{
	char text[16] = "sextant";
	bool ok =
		send(client, text, SOCKET_BYTES_SENT, MSG_NOSIGNAL) == SOCKET_BYTES_SENT &&
		recv(server, text, SOCKET_BYTES_SENT, MSG_WAITALL) == SOCKET_BYTES_SENT &&
		send(server, text, SOCKET_BYTES_RECEIVED, MSG_NOSIGNAL) == SOCKET_BYTES_RECEIVED &&
		recv(client, text, SOCKET_BYTES_RECEIVED, MSG_WAITALL) == SOCKET_BYTES_RECEIVED;

	return ok;
}

static void tcp_do(struct socket_actions *a)
{
	CLEANUP(cleanup_fd) int listener = socket_new(AF_INET, SOCK_STREAM);
	CLEANUP(cleanup_fd) int client = socket_new(AF_INET, SOCK_STREAM);
	CLEANUP(cleanup_fd) int server = -1;
	unsigned int loopback = if_nametoindex("lo");

	if (!bound(listener, 1, 0, &a->remote) || listen(listener, 1))
		return;
	if (loopback && !setsockopt(client, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
		a->interface = loopback;
	if (!bound(client, 2, 0, &a->local) || !connected(client, &a->remote))
		return;
	a->done |= DID(CONNECT);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0)
		return;
	a->done |= DID(ACCEPT);
	if (talk(client, server))
		a->done |= DID(CLOSE) | DID(CLOSED);
	close(client);
	client = -1;
}

static void tcp6_do(struct socket_actions *a)
{
	CLEANUP(cleanup_fd) int listener = socket_new(AF_INET6, SOCK_STREAM);
	CLEANUP(cleanup_fd) int client = socket_new(AF_INET6, SOCK_STREAM);
	socklen_t size = sizeof(a->remote6);

	a->remote6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
		                            .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	if (listener >= 0 && client >= 0 && !bind(listener, (struct sockaddr *)&a->remote6, size) &&
	    !listen(listener, 1) && !getsockname(listener, (struct sockaddr *)&a->remote6, &size) &&
	    !connect(client, (struct sockaddr *)&a->remote6, size) &&
	    !getsockname(client, (struct sockaddr *)&a->local6, &size))
		a->done |= DID(CONNECT6);
}

/* The port is ours, and nobody listens to it. */
static void refused_do(struct socket_actions *a)
{
	CLEANUP(cleanup_fd) int owner = socket_new(AF_INET, SOCK_STREAM);
	CLEANUP(cleanup_fd) int client = socket_new(AF_INET, SOCK_STREAM);

	if (bound(owner, 1, 0, &a->refused) && client >= 0 && !connected(client, &a->refused))
		a->done |= DID(REFUSED);
}

/* ---- datagrams, Unix -------------------------------------------------- */

static void udp_do(struct socket_actions *a)
{
	CLEANUP(cleanup_fd) int receiver = socket_new(AF_INET, SOCK_DGRAM);
	CLEANUP(cleanup_fd) int sender = socket_new(AF_INET, SOCK_DGRAM);
	char text[16];

	if (!bound(receiver, 1, 0, &a->receiver) || !bound(sender, 2, 0, &a->sender) ||
	    !connected(sender, &a->receiver) || send(sender, "sextant", 7, 0) != 7)
		return;
	a->done |= DID(SEND);
	if (recv(receiver, text, sizeof(text), 0) == 7)
		a->done |= DID(RECEIVE);
}

static void unix_do(struct socket_actions *a, const char *name)
{
	CLEANUP(cleanup_fd) int listener = socket_new(AF_UNIX, SOCK_STREAM);
	CLEANUP(cleanup_fd) int client = socket_new(AF_UNIX, SOCK_STREAM);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size;

	snprintf(a->name, sizeof(a->name), "%s", name);
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name);
	size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a->name);
	if (listener >= 0 && client >= 0 && !bind(listener, (struct sockaddr *)&address, size) &&
	    !listen(listener, 1) && !connect(client, (struct sockaddr *)&address, size))
		a->done |= DID(UNIX);
}

/* ---- DNS -------------------------------------------------------------- */

/* RFC 1035: the address of "sextant.invalid". */
const char socket_actions_question[SOCKET_QUESTION_BYTES] = "\x12\x34\1\0\0\1\0\0\0\0\0\0"
							    "\7sextant\7invalid\0"
							    "\0\1\0\1";

#define DNS_PORT 53

/* Some host of 127.0.0.0/8 at which nothing else listens. */
void socket_actions_ask(struct socket_actions *a)
{
	CLEANUP(cleanup_fd) int fd = socket_new(AF_INET, SOCK_DGRAM);

	a->asked = bound(fd, 0x5e47, DNS_PORT, &a->resolver) && connected(fd, &a->resolver) &&
	           send(fd, socket_actions_question, SOCKET_QUESTION_BYTES, 0) ==
	                   SOCKET_QUESTION_BYTES;
}

void socket_actions_do(const char *name, struct socket_actions *a)
{
	tcp_do(a);
	tcp6_do(a);
	refused_do(a);
	udp_do(a);
	unix_do(a, name);
}
