/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reads a struct sock: addresses, ports, protocol. And the process that acts on
 * it.
 */
#ifndef PROBES_CORE_SOCK_BPF_H
#define PROBES_CORE_SOCK_BPF_H

#include "probes/abi/maps.h"
#include "probes/core/process.bpf.h"

#define FAMILY_INET      2 /* AF_INET, include/linux/socket.h */
#define FAMILY_INET6     10
#define PROTOCOL_TCP     6 /* IPPROTO_TCP, include/uapi/linux/in.h */
#define PROTOCOL_UDP     17
#define PROTOCOL_UDPLITE 136

#define TYPE_DATAGRAM 2 /* SOCK_DGRAM, include/linux/net.h */

/* The current process, as the owner of a connection. */
INLINE void actor_fill(const struct layout *layout, struct event_header *header,
                       struct connection *c)
{
	__u64 task = bpf_get_current_task(), id = bpf_get_current_pid_tgid();

	c->process.pid = id >> 32;
	c->process.tid = id;
	unread_if(header, read_process_start(layout, task, &c->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, header, task, POINTER(layout, task, TASK_REAL_PARENT), &c->parent);
	c->unread = header->unread;
	c->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(c->comm, sizeof(c->comm));
	c->start_ns = bpf_ktime_get_ns();
}

/* From network to host order, or back. */
INLINE __u16 swapped(__u16 port)
{
	return port << 8 | port >> 8;
}

/*
 * A port that is bound but not used yet is in skc_num only; one that is no
 * longer bound is in inet_sport only.
 */
INLINE void ports_fill(const struct layout *layout, struct socket_ends *ends, __u64 sk)
{
	__u16 port = 0;

	READ(layout, &port, sk, INET_SPORT);
	ends->local_port = swapped(port);
	if (!port)
		READ(layout, &ends->local_port, sk, SOCK_NUM);
	port = 0;
	READ(layout, &port, sk, SOCK_DPORT);
	ends->remote_port = swapped(port);
}

/* IPv6 addresses are in the sock from 3.13 on (efe4208f47f9), and in RHEL7. */
INLINE void ends_fill(const struct layout *layout, struct socket_event *e, __u64 sk)
{
	struct socket_ends *ends = &e->ends;
	int failed = READ(layout, &ends->family, sk, SOCK_FAMILY);

	if (ends->family == FAMILY_INET6) {
		failed |= READ(layout, &ends->local, sk, SOCK_V6_RCV_SADDR);
		failed |= READ(layout, &ends->remote, sk, SOCK_V6_DADDR);
	} else {
		failed |= read_at(ends->local, sizeof(__u32), sk, OFFSET(layout, SOCK_RCV_SADDR));
		failed |= read_at(ends->remote, sizeof(__u32), sk, OFFSET(layout, SOCK_DADDR));
	}
	ports_fill(layout, ends, sk);
	READ(layout, &ends->bound_if, sk, SOCK_BOUND_DEV);
	READ(layout, &ends->netns, POINTER(layout, sk, SOCK_NET), NET_NS_INUM);
	unread_if(&e->header, failed, FIELD_SOCKET_ADDRESSES);
}

/* The address of one end, if it is not in the sock. */
struct end {
	__u8 address[16];
	__u16 family, port; /* port: network order */
};

#define V4_ADDRESS 4 /* in struct sockaddr_in, include/uapi/linux/in.h */
#define V6_ADDRESS 8 /* in struct sockaddr_in6, include/uapi/linux/in6.h */

/* sockaddr: the kernel's copy of what the caller gave. */
INLINE void end_read(struct end *end, __u64 sockaddr)
{
	bpf_probe_read(&end->family, sizeof(end->family), (void *)sockaddr);
	bpf_probe_read(&end->port, sizeof(end->port), (void *)(sockaddr + 2));
	if (end->family == FAMILY_INET6)
		bpf_probe_read(end->address, 16, (void *)(sockaddr + V6_ADDRESS));
	else
		bpf_probe_read(end->address, 4, (void *)(sockaddr + V4_ADDRESS));
}

/* An IPv4 address in a dual-stack socket becomes a v4-mapped one. */
INLINE void end_put(__u8 *address, const struct end *end, __u16 family)
{
	if (family == FAMILY_INET6 && end->family == FAMILY_INET) {
		__builtin_memset(address, 0, 10);
		address[10] = address[11] = 0xff;
		__builtin_memcpy(address + 12, end->address, 4);
	} else {
		__builtin_memcpy(address, end->address, sizeof(end->address));
	}
}

/*
 * One byte, at the byte where it lies: it is a bit-field until 5.6
 * (bf9765145b85).
 */
INLINE __u8 protocol_read(const struct layout *layout, __u64 sk)
{
	__u8 protocol = 0;

	READ(layout, &protocol, sk, SOCK_PROTOCOL);
	return protocol;
}

/* UDP or UDP-Lite, and no raw socket, which may have their numbers. */
INLINE int is_datagram_socket(const struct layout *layout, __u64 sk)
{
	__u8 protocol = protocol_read(layout, sk);
	__u16 type = 0;

	READ(layout, &type, sk, SOCK_TYPE);
	return type == TYPE_DATAGRAM && (protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE);
}

#endif
