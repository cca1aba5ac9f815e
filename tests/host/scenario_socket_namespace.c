/* SPDX-License-Identifier: BSD-2-Clause */
/* Network namespaces: one of its own, and a second one that a pair of interfaces connects to it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

int net_near = -1, net_far = -1;

void net_enter(int namespace)
{
	if (net_far >= 0)
		require(!setns(namespace, CLONE_NEWNET), "setns");
}

void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request), "lo");
	request.ifr_flags |= IFF_UP;
	require(!ioctl(fd, SIOCSIFFLAGS, &request) && !close(fd), "lo");
}

void own_network(void)
{
	require(!unshare(CLONE_NEWNET), "unshare");
	loopback_up();
}

/* ---- a pair of interfaces ----------------------------------------------- */

static void attribute(struct nlmsghdr *message, int type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* Ends an attribute that holds all attributes after it. */
static void attribute_close(struct nlmsghdr *message, size_t at)
{
	struct rtattr *a = (struct rtattr *)((char *)message + at);

	a->rta_len = message->nlmsg_len - at;
}

/* A pair of interfaces, the second one in the net_far namespace; false: this kernel has none. */
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
	attribute(m, IFLA_NET_NS_FD, &net_far, sizeof(net_far));
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

/* Without duplicate address detection, so that the address is usable at once. */
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

/* An event names the namespace of the socket, at either end. */
void sockets_between_namespaces(void)
{
	net_near = namespace_open();
	require(!unshare(CLONE_NEWNET), "unshare");
	net_far = namespace_open();
	net_enter(net_near);
	if (veth_pair()) {
		address_add("near", "fd61::1");
		interface_up("near", "10.61.0.1");
		net_enter(net_far);
		address_add("far", "fd61::2");
		interface_up("far", "10.61.0.2");
		net_enter(net_near);
		socket_case = "tcp-between-namespaces";
		tcp("10.61.0.1", "10.61.0.1");
		socket_case = "udp-between-namespaces";
		udp("10.61.0.1", "10.61.0.1", 0);
		socket_case = "tcp-v6-between-namespaces";
		tcp("fd61::1", "fd61::1");
		socket_case = "udp-v6-between-namespaces";
		udp("fd61::1", "fd61::1", 0);
	}
	close(net_near);
	close(net_far);
	net_far = -1;
}
