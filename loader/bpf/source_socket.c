/* SPDX-License-Identifier: BSD-2-Clause */
/* Sources of sockets and of DNS questions. */
#include <stddef.h>

#include "loader/bpf/source_rows.h"

static const struct tracefs_field state_fields[] = {
	{ "skaddr", 8, 8 },
	{ "newstate", 20, 4 },
	{ NULL, 0, 0 },
};

static const struct tracefs_field destroy_fields[] = { { "skaddr", 8, 8 }, { NULL, 0, 0 } };

/* clang-format off */

/* ---- socket ----------------------------------------------------------- */

#define SOCKET_FACTS FACTS(LAYOUT_SOCKET_SK)
#define SKB_FACTS    FACTS(LAYOUT_SKB_HEAD, LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE)
#define SENT_FACTS \
	FACTS(LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_LEN, LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE)

/* A call that may fail before anything is sent, and in the version of IPv6, if there is IPv6. */
#define CONNECTS(needed, function, what) \
	KEPT(needed, function, "t1_socket_kretprobe", "t1_connect_kprobe", .lacks = what)
#define BINDS(needed, function, what) \
	KEPT(needed, function, "t1_socket_kretprobe", "t1_bind_kprobe", .facts = SOCKET_FACTS, \
	     .lacks = what)
#define SENDS(needed, function, program, what) \
	PROGRAM(needed, KPROBE(function), program, .maps = MAPS_FLOWS, .facts = SENT_FACTS, \
	        .lacks = what)
#define RECEIVES(function) \
	PROGRAM(IF_HOOK_EXISTS, KPROBE(function), "t1_udp_receive_kprobe", .maps = MAPS_FLOWS, \
	        .facts = SKB_FACTS, .lacks = "datagrams that are received")
#define UNIX_CONNECTS(needed, function, what) \
	PAIR(needed, function, "t1_unix_kretprobe", "t1_unix_kprobe", .maps = MAPS_UNIX_CALLS, \
	     .facts = SOCKET_FACTS, .lacks = what), \
	PROGRAM(PAIRED, KPROBE("exit_signals"), "t1_unix_ends_kprobe")
#define UNIX_CONNECTED(function, what) \
	PROGRAM(IF_HOOK_EXISTS, KRETPROBE(function), "t1_unix_kretprobe", \
	        .maps = MAPS_UNIX_CALLS, .facts = SOCKET_FACTS, .lacks = what)

/* What the states of TCP do not say. The first function is there from 4.10 on (ba6b918ab234). */
#define BY_CALLS \
	PROGRAM(OPTIONAL, KPROBE("security_sock_graft"), "t1_accept_kprobe"), \
	PROGRAM(FALLBACK, KRETPROBE("inet_csk_accept"), "t1_accept_kretprobe", .lacks = "accept"), \
	CONNECTS(OPTIONAL, "tcp_v4_connect", "connects that fail before a packet is sent"), \
	CONNECTS(IF_HOOK_EXISTS, "tcp_v6_connect", "connects that fail before a packet is sent"), \
	BINDS(OPTIONAL, "inet_bind", "bind"), \
	BINDS(IF_HOOK_EXISTS, "inet6_bind", "bind"), \
	SENDS(OPTIONAL, "ip_send_skb", "t1_udp_send_kprobe", "datagrams that are sent"), \
	SENDS(IF_HOOK_EXISTS, "ip6_send_skb", "t1_udp6_send_kprobe", "datagrams that are sent"), \
	RECEIVES("skb_consume_udp"), \
	RECEIVES("skb_free_datagram_locked"), \
	UNIX_CONNECTS(OPTIONAL, "unix_stream_connect", "connects of Unix sockets"), \
	UNIX_CONNECTED("security_unix_stream_connect", "connects of Unix sockets"), \
	UNIX_CONNECTS(IF_HOOK_EXISTS, "unix_dgram_connect", "connects of Unix sockets")

/* Listening is a state that tcp_set_state() does not set; the tracepoint reports it. */
#define LISTENS(...) \
	PROGRAM(OPTIONAL, KPROBE("inet_csk_listen_start"), "t1_listen_kprobe", __VA_ARGS__)

/* Without the end of a socket whose state does not change then. */
#define ENDS_LACK "the exact count of connections that are lost"
/* What no source reports. */
#define SOCKET_LACKS "packet, raw and ping sockets, SCTP, sendto(2) on Unix sockets"
#define DNS_LACKS    "questions over TCP"

#define STATES_FACTS FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DPORT)

const struct source socket_sources[] = {
	{ .tiers = T1, .maps = MAPS_CONNECTIONS, .facts = STATES_FACTS, .lacks = SOCKET_LACKS,
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, TRACEPOINT("sock", "inet_sock_set_state", state_fields),
		        "t1_socket"),
		PROGRAM(IF_HOOK_EXISTS, TRACEPOINT("tcp", "tcp_destroy_sock", destroy_fields),
		        "t1_socket_ends", .lacks = ENDS_LACK),
		LISTENS(), BY_CALLS) },
	{ .tiers = T1, .maps = MAPS_CONNECTIONS, .facts = STATES_FACTS, .lacks = SOCKET_LACKS,
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, KPROBE("tcp_set_state"), "t1_socket_kprobe"),
		PROGRAM(IF_HOOK_EXISTS, KPROBE("tcp_v4_destroy_sock"), "t1_socket_ends_kprobe",
		        .lacks = ENDS_LACK),
		LISTENS(.lacks = "listen"), BY_CALLS) },
	{ 0 },
};

/* ---- dns -------------------------------------------------------------- */

const struct source dns_sources[] = {
	{ .tiers = T1,
	  .facts = FACTS(LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN, LAYOUT_SKB_SK, LAYOUT_SOCK_PROTOCOL),
	  .lacks = DNS_LACKS,
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, KPROBE("ip_send_skb"), "t1_dns_kprobe"),
		PROGRAM(IF_HOOK_EXISTS, KPROBE("ip6_send_skb"), "t1_dns6_kprobe",
		        .lacks = "questions over IPv6")) },
	{ 0 },
};
/* clang-format on */
