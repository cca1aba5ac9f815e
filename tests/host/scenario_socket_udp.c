/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP: datagrams and flows of both families, as who sends and who receives sees them. */
#include <unistd.h>

#include "tests/host/scenario_socket.h"

void datagram_record(const char *direction, const union address *source,
                     const union address *destination)
{
	socket_begin("datagram", "udp");
	put("\tsource_port=%u\tdestination_port=%u\tdirection=%s", ntohs(source->v4.sin_port),
	    ntohs(destination->v4.sin_port), direction);
	record_end();
}

/* Bytes of a datagram each way. */
#define ASKED    100
#define ANSWERED 50

void flow_record(const char *direction, const union address *source,
                 const union address *destination, struct counted sent, struct counted received)
{
	socket_begin("flow", "udp");
	put("\tsource_port=%u\tdestination_port=%u\tdirection=%s", ntohs(source->v4.sin_port),
	    ntohs(destination->v4.sin_port), direction);
	put("\tsource_bytes=%zu\tsource_packets=%d\tdestination_bytes=%zu\tdestination_packets=%d",
	    sent.bytes, sent.packets, received.bytes, received.packets);
	record_end();
}

int udp_socket(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(fd >= 0, "socket");
	return fd;
}

void udp(const char *listens_at, const char *sends_to, int connected)
{
	const struct counted there = { 3 * ASKED, 3 }, back = { ANSWERED, 1 };
	union address a = address_of(listens_at, 0), to, from, whom;
	int in = udp_socket(a.any.sa_family), out, i;
	socklen_t size = sizeof(whom);
	char data[ASKED];

	bind_to(in, &a, "udp");
	to = address_of(sends_to, ntohs(a.v4.sin_port));
	net_enter(net_far);
	out = udp_socket(to.any.sa_family);
	require(!connected || !connect(out, &to.any, address_size(&to)), "connect");
	for (i = 0; i < 3; i++)
		require(sendto(out, data, ASKED, 0, connected ? NULL : &to.any,
		               connected ? 0 : address_size(&to)) == ASKED,
		        "sendto");
	from = own_address(out);
	ends_record("datagram", "udp", connected ? &from : NULL, &to, "\tdirection=egress");
	net_enter(net_near);
	for (i = 0; i < 3; i++) {
		require(recvfrom(in, data, ASKED, MSG_PEEK, NULL, NULL) == ASKED, "peek");
		require(recvfrom(in, data, ASKED, 0, &whom.any, &size) == ASKED, "recv");
	}
	datagram_record("ingress", &from, &a);
	require(sendto(in, data, ANSWERED, 0, &whom.any, size) == ANSWERED, "answer");
	datagram_record("egress", &a, &from);
	flow_record("ingress", &from, &a, there, back);
	net_enter(net_far);
	require(recv(out, data, ASKED, 0) == ANSWERED, "answer");
	datagram_record("ingress", &a, &from);
	flow_record("egress", &from, &a, there, back);
	net_enter(net_near);
	close(in);
	close(out);
}

void udp_on_loopback(void)
{
	socket_case = "udp-v4";
	udp("127.0.0.1", "127.0.0.1", 0);
	socket_case = "udp-v4-connected";
	udp("127.0.0.1", "127.0.0.1", 1);
	socket_case = "udp-v6";
	udp("::1", "::1", 0);
	socket_case = "udp-dual-stack";
	udp("::", "127.0.0.1", 0);
}
