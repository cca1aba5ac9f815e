/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario's sockets: TCP and UDP both ways over loopback and between two
 * network namespaces, of both families and of a dual-stack socket, connections
 * that fail in each way, questions to DNS, Unix sockets; in a network namespace
 * of its own, so that nobody else's are there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static const char *name; /* of the case */

/* ---- namespaces ------------------------------------------------------- */

/* Descriptors of them; the far one only while something is done between both. */
static int near = -1, far = -1;

static void enter(int namespace)
{
	if (far >= 0)
		require(!setns(namespace, CLONE_NEWNET), "setns");
}

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

static void bind_to(int fd, union address *a, const char *transport)
{
	require(!bind(fd, &a->any, address_size(a)), "bind");
	*a = own_address(fd);
	ends_record("bind", transport, NULL, a, "\toutcome=success");
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

	bind_to(fd, &a, "tcp");
	require(!listen(fd, 1), text);
	*ret = a;
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
		enter(far);
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

/* Bound by somebody else. */
static void tcp_in_use(void)
{
	union address server;
	int fd = listener("127.0.0.1", &server), other = tcp_socket(&server);

	require(bind(other, &server.any, address_size(&server)) < 0, "bind");
	ends_record("bind", "tcp", NULL, &server, "\toutcome=EADDRINUSE");
	close(other);
	close(fd);
}

/* Bound to an interface, as the event says. */
static void tcp_on_an_interface(void)
{
	union address a = address_of("127.0.0.1", 0);
	int fd = tcp_socket(&a);
	char more[32];

	require(!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), "lo");
	bind_to(fd, &a, "tcp");
	require(!listen(fd, 1), name);
	snprintf(more, sizeof(more), "\tinterface=%u", if_nametoindex("lo"));
	ends_record("listen", "tcp", NULL, &a, more);
	close(fd);
}

/* A listener that hears nothing does not answer: two SYNs, three seconds. */
static void tcp_times_out(void)
{
	struct sock_filter code[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_fprog deaf = { 1, code };
	union address server;
	int fd = listener("127.0.0.1", &server), client;

	require(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &deaf, sizeof(deaf)), "filter");
	tcp_fails("127.0.0.1", ntohs(server.v4.sin_port), "\toutcome=ETIMEDOUT");
	name = "tcp-given-up";
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	require(client >= 0 && connect(client, &server.any, sizeof(server.v4)) < 0 &&
	                errno == EINPROGRESS && !close(client),
	        name);
	ends_record("connect", "tcp", NULL, &server, "\toutcome=ECANCELED");
	close(fd);
}

/* ---- UDP -------------------------------------------------------------- */

/* One way, as who sends it and who gets it sees it. */
static void datagram_record(const char *direction, const union address *source,
                            const union address *destination)
{
	begin("datagram", "udp");
	put("\tsource_port=%u\tdestination_port=%u\tdirection=%s", ntohs(source->v4.sin_port),
	    ntohs(destination->v4.sin_port), direction);
	record_end();
}

/* Bytes of a datagram each way. */
#define ASKED    100
#define ANSWERED 50

/* By what was sent by who began it, and what came back. */
struct counted {
	size_t bytes;
	int packets;
};

static void flow_record(const char *direction, const union address *source,
                        const union address *destination, struct counted sent,
                        struct counted received)
{
	begin("flow", "udp");
	put("\tsource_port=%u\tdestination_port=%u\tdirection=%s", ntohs(source->v4.sin_port),
	    ntohs(destination->v4.sin_port), direction);
	put("\tsource_bytes=%zu\tsource_packets=%d\tdestination_bytes=%zu\tdestination_packets=%d",
	    sent.bytes, sent.packets, received.bytes, received.packets);
	record_end();
}

static int udp_socket(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(fd >= 0, "socket");
	return fd;
}

static void udp(const char *listens_at, const char *sends_to, int connected)
{
	const struct counted there = { 3 * ASKED, 3 }, back = { ANSWERED, 1 };
	union address a = address_of(listens_at, 0), to, from, whom;
	int in = udp_socket(a.any.sa_family), out, i;
	socklen_t size = sizeof(whom);
	char data[ASKED];

	bind_to(in, &a, "udp");
	to = address_of(sends_to, ntohs(a.v4.sin_port));
	enter(far);
	out = udp_socket(to.any.sa_family);
	require(!connected || !connect(out, &to.any, address_size(&to)), "connect");
	for (i = 0; i < 3; i++)
		require(sendto(out, data, ASKED, 0, connected ? NULL : &to.any,
		               connected ? 0 : address_size(&to)) == ASKED,
		        "sendto");
	from = own_address(out);
	ends_record("datagram", "udp", connected ? &from : NULL, &to, "\tdirection=egress");
	enter(near);
	for (i = 0; i < 3; i++) {
		require(recvfrom(in, data, ASKED, MSG_PEEK, NULL, NULL) == ASKED, "peek");
		require(recvfrom(in, data, ASKED, 0, &whom.any, &size) == ASKED, "recv");
	}
	datagram_record("ingress", &from, &a);
	require(sendto(in, data, ANSWERED, 0, &whom.any, size) == ANSWERED, "answer");
	datagram_record("egress", &a, &from);
	flow_record("ingress", &from, &a, there, back);
	enter(far);
	require(recv(out, data, ASKED, 0) == ANSWERED, "answer");
	datagram_record("ingress", &a, &from);
	flow_record("egress", &from, &a, there, back);
	enter(near);
	close(in);
	close(out);
}

/* ---- DNS -------------------------------------------------------------- */

/* A question by its labels, each with its length before it. */
static void ask(const char *server, const char *labels, size_t size, int type, int flags)
{
	const struct counted there = { 12 + size + 5, 1 }, back = { 0, 0 };
	union address to = address_of(server, 53), from;
	unsigned char message[300] = { 0x12, 0x34, flags, 0, 0, 1 };
	int fd = udp_socket(to.any.sa_family);

	memcpy(message + 12, labels, size);
	message[12 + size + 2] = type; /* behind the root's label */
	message[12 + size + 4] = 1;
	require(sendto(fd, message, there.bytes, 0, &to.any, address_size(&to)) > 0, "sendto");
	from = own_address(fd);
	datagram_record("egress", &from, &to);
	flow_record("egress", &from, &to, there, back);
	close(fd);
}

static void question_record(const char *server, const char *question, size_t size, const char *type)
{
	struct stat st;

	require(!stat("/proc/self/ns/net", &st), "/proc/self/ns/net");
	put("dns\tcase=dns\tpid=%d\tnetns=%llu\tserver=%s\ttype=%s", getpid(),
	    (unsigned long long)st.st_ino, server, type);
	put_hex("question", question, size);
	record_end();
}

#define ASK(server, labels, type, question, type_name)                              \
	do {                                                                        \
		ask(server, labels, sizeof(labels) - 1, type, 1);                   \
		question_record(server, question, sizeof(question) - 1, type_name); \
	} while (0)

static void dns(void)
{
	static char deep[256], text[256];
	union address v4 = address_of("127.0.0.1", 53), v6 = address_of("::1", 53);
	int server = udp_socket(AF_INET), server6 = udp_socket(AF_INET6), i;

	bind_to(server, &v4, "udp");
	bind_to(server6, &v6, "udp");

	ASK("127.0.0.1", "\7example\3com", 1, "example.com", "A");
	ASK("::1", "\4_ldp\4_tcp\7example\3com", 33, "_ldp._tcp.example.com", "SRV");
	ASK("127.0.0.1", "", 2, "", "NS"); /* the root */
	ASK("127.0.0.1", "\3a.b\5\n\xff\\\"x", 99, "a\\.b.\n\xff\\\\\"x", "SPF");
	ASK("127.0.0.1", "\1a", 100, "a", "TYPE100");
	/* As long as a name can be: 127 labels of one byte. */
	for (i = 0; i < 127; i++)
		memcpy(deep + 2 * i, "\1d", 2), memcpy(text + 2 * i, "d.", 2);
	ask("127.0.0.1", deep, 254, 1, 1);
	question_record("127.0.0.1", text, 253, "A");
	/* A label that is longer than the message: there is no question. */
	ask("127.0.0.1", "\77short", 6, 1, 1);
	question_record("127.0.0.1", "", 0, "none");
	/* An answer: not told. */
	ask("127.0.0.1", "\6answer", 7, 1, 0x81);
	close(server);
	close(server6);
}

/* ---- Unix sockets ----------------------------------------------------- */

static void unix_connect(const char *path, size_t size, int type, int listens)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + size;
	int server = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	require(server >= 0 && fd >= 0, "socket");
	memcpy(a.sun_path, path, size);
	if (listens)
		require(!bind(server, (struct sockaddr *)&a, length) &&
		                (type == SOCK_DGRAM || !listen(server, 1)),
		        "bind");
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

static void attribute(struct nlmsghdr *message, int type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* Ends one that holds all that came after it. */
static void attribute_close(struct nlmsghdr *message, size_t at)
{
	struct rtattr *a = (struct rtattr *)((char *)message + at);

	a->rta_len = message->nlmsg_len - at;
}

/* A pair of interfaces, the second one in the far namespace; false: this kernel has none. */
static int veth_pair(void)
{
	char request[512] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[512];
	} answer;
	const struct ifinfomsg peer = { 0 };
	struct nlmsghdr *m = (struct nlmsghdr *)request;
	size_t info, data, pair;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	require(fd >= 0, "netlink");
	m->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	m->nlmsg_type = RTM_NEWLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	attribute(m, IFLA_IFNAME, "near", 5);
	info = m->nlmsg_len;
	attribute(m, IFLA_LINKINFO, NULL, 0);
	attribute(m, IFLA_INFO_KIND, "veth", 4);
	data = m->nlmsg_len;
	attribute(m, IFLA_INFO_DATA, NULL, 0);
	pair = m->nlmsg_len;
	attribute(m, VETH_INFO_PEER, &peer, sizeof(peer));
	attribute(m, IFLA_IFNAME, "far", 4);
	attribute(m, IFLA_NET_NS_FD, &far, sizeof(far));
	attribute_close(m, pair);
	attribute_close(m, data);
	attribute_close(m, info);
	require(send(fd, request, m->nlmsg_len, 0) == (ssize_t)m->nlmsg_len, "netlink");
	require(recv(fd, &answer, sizeof(answer), 0) >= (ssize_t)NLMSG_LENGTH(sizeof(answer.error)),
	        "netlink");
	close(fd);
	return !answer.error.error;
}

static void interface_up(const char *interface, const char *address)
{
	struct ifreq request = { 0 };
	union address a = address_of(address, 0);
	int fd = udp_socket(AF_INET);

	strcpy(request.ifr_name, interface);
	request.ifr_addr = a.any;
	require(!ioctl(fd, SIOCSIFADDR, &request), interface);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	require(!ioctl(fd, SIOCSIFFLAGS, &request) && !close(fd), interface);
}

/* Usable at once: without the second in which nobody else must answer to it. */
static void address_add(const char *interface, const char *address)
{
	struct {
		struct in6_addr address;
		uint32_t prefix;
		int index;
	} request = { .prefix = 64, .index = if_nametoindex(interface) }; /* struct in6_ifreq */
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/accept_dad", interface);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	require(fd >= 0 && write(fd, "0", 1) == 1 && !close(fd), path);
	fd = udp_socket(AF_INET6);
	require(inet_pton(AF_INET6, address, &request.address) == 1 &&
	                !ioctl(fd, SIOCSIFADDR, &request) && !close(fd),
	        address);
}

static int namespace_open(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	require(fd >= 0, "/proc/self/ns/net");
	return fd;
}

/* What one does is told of its namespace, at either end. */
static void between_namespaces(void)
{
	near = namespace_open();
	require(!unshare(CLONE_NEWNET), "unshare");
	far = namespace_open();
	enter(near);
	if (veth_pair()) {
		address_add("near", "fd61::1");
		interface_up("near", "10.61.0.1");
		enter(far);
		address_add("far", "fd61::2");
		interface_up("far", "10.61.0.2");
		enter(near);
		name = "tcp-between-namespaces";
		tcp("10.61.0.1", "10.61.0.1");
		name = "udp-between-namespaces";
		udp("10.61.0.1", "10.61.0.1", 0);
		name = "tcp-v6-between-namespaces";
		tcp("fd61::1", "fd61::1");
		name = "udp-v6-between-namespaces";
		udp("fd61::1", "fd61::1", 0);
	}
	close(near);
	close(far);
	far = -1;
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
	name = "tcp-no-route";
	tcp_fails("192.0.2.1", 9, "\toutcome=ENETUNREACH");
	tcp_fails("2001:db8::1", 9, "\toutcome=ENETUNREACH");
	name = "tcp-in-use";
	tcp_in_use();
	name = "tcp-on-an-interface";
	tcp_on_an_interface();
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
	between_namespaces();
	name = "dns";
	dns();
	name = "unix";
	unlink("listening");
	unlink("datagrams");
	unix_connect("listening", strlen("listening"), SOCK_STREAM, 1);
	unix_connect("\0abstract", strlen("abstract") + 1, SOCK_SEQPACKET, 1);
	unix_connect("nobody", strlen("nobody"), SOCK_STREAM, 0);
	unix_connect("datagrams", strlen("datagrams"), SOCK_DGRAM, 1);
	unix_connect("no datagrams", strlen("no datagrams"), SOCK_DGRAM, 0);
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

/* A datagram to each of so many ports, with nobody there: as many flows. */
void flow_storm(int count)
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
