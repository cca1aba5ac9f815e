/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of what a socket does; operations and fields of these events. */
#ifndef PROBES_ABI_SOCKET_RECORD_H
#define PROBES_ABI_SOCKET_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

/* clang-format off */
#define SOCKET_OPERATION_TABLE(OPERATION) \
	OPERATION(SOCKET, SOCKET_LISTEN, "listen", "info", "a TCP socket starts to listen; `destination` is its address") \
	OPERATION(SOCKET, SOCKET_CONNECT, "connect", "connection start", "a TCP connection is established, or fails: ECONNREFUSED, ETIMEDOUT, or ECANCELED if the client closed it before there was an answer. Failures before the first packet (ENETUNREACH) need kprobes. Also when a process connects a Unix socket: `destination.address` is its name, with `@` in place of the first byte of an abstract name") \
	OPERATION(SOCKET, SOCKET_ACCEPT, "accept", "connection start", "a TCP connection is accepted (needs kprobes)") \
	OPERATION(SOCKET, SOCKET_CLOSE, "close", "connection end", "a connection ends whose `connect` or `accept` was reported") \
	OPERATION(SOCKET, SOCKET_DATAGRAM, "datagram", "connection start", "the first UDP or UDP-Lite datagram of a flow, once in each direction (needs kprobes). Sent is what goes to the IP layer; a firewall may still drop it") \
	OPERATION(SOCKET, SOCKET_FLOW, "flow", "connection end", "a UDP flow had no datagram for a minute, or the sensor ends. A flow is identified by process, socket, local port, remote address and remote port") \
	OPERATION(SOCKET, SOCKET_BIND, "bind", "info", "an IPv4 or IPv6 socket gets a local address (`destination`), or fails to")
/* clang-format on */

/* What a socket does. A flow of datagrams that has ended is made by the loader. */
enum socket_operation {
	SOCKET_NO_OPERATION,
	SOCKET_OPERATION_TABLE(OPERATION_NUMBER) /* from 1 */
	SOCKET_OPERATIONS
};

/* Both ends of a connection or flow. */
struct socket_ends {
	__u8 local[16], remote[16];    /* IPv4: the first four */
	__u16 local_port, remote_port; /* host order */
	__u16 family;                  /* AF_* */
	__u16 protocol;                /* IPPROTO_*; 0: Unix */
	__u32 netns;                   /* inode number */
	__u32 bound_if;                /* index of the interface that it is bound to; 0: none */
};

/* Of a connection that was closed, of a flow. */
struct socket_count {
	__u64 bytes;
	__u64 packets; /* of a flow */
};

#define UNIX_NAME_BYTES 128 /* a power of two; the kernel takes 108 */

/* Sent for the process that a connection belongs to, in whatever context it changes. */
struct socket_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u64 start_ns; /* CLOCK_MONOTONIC, when it connected or accepted, or its first datagram */
	struct socket_count received, sent;
	struct socket_ends ends;
	__u32 operation; /* enum socket_operation */
	__u32 outgoing;  /* 1: this end began it */
	__s32 error;     /* errno; 0: it has succeeded */
	__u32 uid;
	__u32 name_size, zero; /* bytes of name */
	char comm[EVENTS_COMM_BYTES];
	char name[UNIX_NAME_BYTES]; /* of a Unix socket: sun_path; abstract ones begin with NUL */
};

#define BOTH_ENDS "connect accept close datagram flow"

/* clang-format off */
#define SOCKET_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, SOCKET) \
	ACTOR_NAMES(NAME, SOCKET) \
	NAME(SOCKET, NONE, "event.outcome", event_outcome, ALWAYS, "connect bind", "`success` or `failure`") \
	NAME(SOCKET, NONE, "event.duration", count, ALWAYS, "close flow", "time since the connection was made, or from the first datagram of the flow to its last, in nanoseconds") \
	NAME(SOCKET, NONE, "error.code", error_code, OPTIONAL, "", "the error, such as `ECONNREFUSED`; missing if there was none") \
	NAME(SOCKET, NONE, "network.transport", transport, OPTIONAL, "", "`tcp`, `udp` or `unix`") \
	NAME(SOCKET, NONE, "network.iana_number", id, OPTIONAL, "", "protocol number, in place of `network.transport`, for other protocols (136: UDP-Lite)") \
	NAME(SOCKET, NONE, "network.direction", direction, ALWAYS, BOTH_ENDS, "`egress`: this side began it; `ingress`: the other side did") \
	FIELD(SOCKET, ADDRESSES, "", FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DADDR, LAYOUT_SOCK_RCV_SADDR, LAYOUT_SOCK_V6_DADDR, LAYOUT_SOCK_V6_RCV_SADDR)) \
	NAME(SOCKET, ADDRESSES, "network.type", ip_version, OPTIONAL, "", "`ipv4` or `ipv6`. An IPv4 address in an IPv6 socket is `ipv4`. Missing for Unix sockets") \
	NAME(SOCKET, NONE, "network.community_id", community_id, OPTIONAL, BOTH_ENDS, "the [Community ID](https://github.com/corelight/community-id-spec) of the flow, version 1 with the seed 0, by which Zeek and Suricata know it. Missing if the socket has no address of its own, as the packets have another one then") \
	NAME(SOCKET, ADDRESSES, "source", end, OPTIONAL, BOTH_ENDS, "the side that began: `ip` and `port`, as the socket has them. A UDP socket that is not bound has no address: `0.0.0.0` or `::`. Missing for Unix sockets") \
	NAME(SOCKET, ADDRESSES, "destination", end, ALWAYS, "", "the other side, or the local address of `bind` and `listen`: `ip` and `port`. For a Unix socket its name, `address`") \
	FIELD(SOCKET, BYTES, "TCP connections that are closed", FACTS(LAYOUT_TCP_BYTES_RECEIVED, LAYOUT_TCP_BYTES_ACKED)) \
	NAME(SOCKET, BYTES, "source.bytes", count, ALWAYS, "close flow", "bytes that each side sent. `null` in `close` if the offsets come from a table that does not know where they are counted") \
	NAME(SOCKET, BYTES, "destination.bytes", count, ALWAYS, "close flow", "") \
	NAME(SOCKET, NONE, "source.packets", count, ALWAYS, "flow", "datagrams that each side sent") \
	NAME(SOCKET, NONE, "destination.packets", count, ALWAYS, "flow", "") \
	/* No program sets its bit: it could not be read if it is 0. */ \
	FIELD(SOCKET, NETNS, "", FACTS(LAYOUT_SOCK_NET, LAYOUT_NET_NS_INUM)) \
	NAME(SOCKET, NETNS, "sextant.namespace.net", inum, ALWAYS, "", "network namespace, an inode number") \
	NAME(SOCKET, NONE, "sextant.bound_interface", count, OPTIONAL, "", "index of the interface to which the socket is bound; missing if none")
/* clang-format on */

FIELDS_ENUM(socket, SOCKET)

#endif
