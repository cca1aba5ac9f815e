/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP: datagrams and flows of both families, as who sends and who receives sees them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

static const char *udp_transport = "udp"; /* or the number of another protocol */

void datagram_record(const char *direction, const union address *source,
                     const union address *destination)
{
	socket_begin("datagram", udp_transport);
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
	socket_begin("flow", udp_transport);
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

/* One datagram from a connected socket to another one of this process. */
static void udp_one(int in, int out, size_t bytes, void (*send_it)(int out, size_t bytes))
{
	const struct counted there = { bytes, 1 }, back = { 0, 0 };
	union address a = address_of("127.0.0.1", 0), from;
	char data[1000];

	bind_to(in, &a, udp_transport);
	require(!connect(out, &a.any, address_size(&a)), "connect");
	send_it(out, bytes);
	from = own_address(out);
	datagram_record("egress", &from, &a);
	flow_record("egress", &from, &a, there, back);
	require(recv(in, data, sizeof(data), 0) == (ssize_t)bytes, "recv");
	datagram_record("ingress", &from, &a);
	flow_record("ingress", &from, &a, there, back);
	close(in);
	close(out);
}

static void by_sendfile(int out, size_t bytes)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	require(fd >= 0 && sendfile(out, fd, NULL, bytes) == (ssize_t)bytes && !close(fd),
	        "sendfile");
}

static void in_two_pieces(int out, size_t bytes)
{
	static const char data[1000];

	require(send(out, data, 10, MSG_MORE) == 10 &&
	                send(out, data, bytes - 10, 0) == (ssize_t)bytes - 10,
	        "MSG_MORE");
}

static void by_send(int out, size_t bytes)
{
	static const char data[1000];

	require(send(out, data, bytes, 0) == (ssize_t)bytes, "send");
}

/* This and other kernels may be without UDP-Lite. */
static void udp_lite(void)
{
	int in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
	int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);

	if (in < 0 || out < 0)
		return;
	udp_transport = "136";
	udp_one(in, out, 120, by_send);
	udp_transport = "udp";
}

/* Nothing is sent: there is no event of it. */
static void udp_that_fails(void)
{
	static const char data[70000];
	union address here = address_of("127.0.0.1", 9), nowhere = address_of("192.0.2.1", 9);
	union address nowhere6 = address_of("2001:db8::1", 9), here6 = address_of("::1", 9);
	int fd = udp_socket(AF_INET), fd6 = udp_socket(AF_INET6);

	require(sendto(fd, data, sizeof(data), 0, &here.any, address_size(&here)) < 0 &&
	                errno == EMSGSIZE,
	        "EMSGSIZE");
	require(sendto(fd, data, 1, 0, &nowhere.any, address_size(&nowhere)) < 0 &&
	                errno == ENETUNREACH,
	        "ENETUNREACH");
	require(sendto(fd6, data, sizeof(data), 0, &here6.any, address_size(&here6)) < 0 &&
	                errno == EMSGSIZE,
	        "EMSGSIZE");
	require(sendto(fd6, data, 1, 0, &nowhere6.any, address_size(&nowhere6)) < 0 &&
	                errno == ENETUNREACH,
	        "ENETUNREACH");
	close(fd);
	close(fd6);
}

void udp_on_loopback(void)
{
	socket_case = "udp-fails";
	udp_that_fails();
	socket_case = "udp-sendfile";
	udp_one(udp_socket(AF_INET), udp_socket(AF_INET), 300, by_sendfile);
	socket_case = "udp-more";
	udp_one(udp_socket(AF_INET), udp_socket(AF_INET), 40, in_two_pieces);
	socket_case = "udp-lite";
	udp_lite();
	socket_case = "udp-v4";
	udp("127.0.0.1", "127.0.0.1", 0);
	socket_case = "udp-v4-connected";
	udp("127.0.0.1", "127.0.0.1", 1);
	socket_case = "udp-v6";
	udp("::1", "::1", 0);
	socket_case = "udp-dual-stack";
	udp("::", "127.0.0.1", 0);
}
