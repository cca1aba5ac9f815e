/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets: TCP, UDP and Unix, both ways over loopback and between two network
 * namespaces, of both families; in a network namespace of its own, where nobody
 * else has sockets.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

const char *socket_case;

/* ---- addresses -------------------------------------------------------- */

union address address_of(const char *text, unsigned int port)
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

socklen_t address_size(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

/* An IPv4 address that IPv6 maps is written as IPv4. */
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

union address own_address(int fd)
{
	union address a;
	socklen_t size = sizeof(a);

	require(!getsockname(fd, &a.any, &size), "getsockname");
	return a;
}

/* ---- records ---------------------------------------------------------- */

void put_network_namespace(void)
{
	struct stat st;

	require(!stat("/proc/self/ns/net", &st), "/proc/self/ns/net");
	put("\tnetns=%llu", (unsigned long long)st.st_ino);
}

void socket_begin(const char *action, const char *transport)
{
	put("socket\tcase=%s\tpid=%d\taction=%s\ttransport=%s", socket_case, getpid(), action,
	    transport);
	put_network_namespace();
}

void ends_record(const char *action, const char *transport, const union address *source,
                 const union address *destination, const char *more)
{
	socket_begin(action, transport);
	if (source)
		put_address("source", source);
	put_address("destination", destination);
	put("%s", more);
	record_end();
}

void bind_to(int fd, union address *a, const char *transport)
{
	require(!bind(fd, &a->any, address_size(a)), "bind");
	*a = own_address(fd);
	ends_record("bind", transport, NULL, a, "\toutcome=success");
}

/* ---- all -------------------------------------------------------------- */

static void in_own_network(void)
{
	own_network();
	tcp_on_loopback();
	udp_on_loopback();
	sockets_between_namespaces();
	unix_sockets();
}

static void sockets(void)
{
	require(!in_child("sockets", in_own_network), "sockets");
}

/* Sends a datagram to each of so many ports, with nobody there: as many flows. */
static void storm(int count)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), i;
	struct sockaddr_in to = { .sin_family = AF_INET };

	loopback_up();
	require(fd >= 0, "socket");
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < count; i++) {
		to.sin_port = htons(20000 + i);
		require(sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1, "sendto");
	}
}

static const struct command commands[] = { { "flow-storm", storm }, { 0 } };

PART(.name = "socket", .run = sockets, .commands = commands);
