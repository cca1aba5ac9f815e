/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of a question to DNS over UDP, and the fields of its event. */
#ifndef PROBES_ABI_DNS_RECORD_H
#define PROBES_ABI_DNS_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"
#include "probes/abi/socket_record.h"

#define DNS_PORT      53
#define DNS_BYTES_MAX 512 /* a power of two; of a message over UDP: RFC 1035, 4.2.1 */

/* Sent by the process that asks, as the datagram goes out. */
struct dns_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct socket_ends ends;
	__u32 uid;
	__u32 size; /* of the message, and how much of it is here */
	char comm[EVENTS_COMM_BYTES];
	__u8 message[DNS_BYTES_MAX]; /* RFC 1035, 4.1; what is behind size is 0 */
};

/* clang-format off */
#define DNS_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, DNS) \
	ACTOR_NAMES(NAME, DNS) \
	NAME(DNS, NONE, "network.transport", transport, ALWAYS, "", "`udp`") \
	NAME(DNS, NONE, "network.type", ip_version, ALWAYS, "", "`ipv4` or `ipv6`") \
	NAME(DNS, NONE, "network.protocol", dns_protocol, ALWAYS, "", "`dns`") \
	NAME(DNS, NONE, "network.direction", direction, ALWAYS, "", "`egress`") \
	NAME(DNS, NONE, "network.community_id", community_id, OPTIONAL, "", "the [Community ID](https://github.com/corelight/community-id-spec) of the flow, version 1 with the seed 0, by which Zeek and Suricata know it. Missing if the socket has no address of its own, as the packets have another one then") \
	NAME(DNS, NONE, "source", end, ALWAYS, "", "`ip` and `port` of the datagram") \
	NAME(DNS, NONE, "destination", end, ALWAYS, "", "") \
	NAME(DNS, NONE, "dns.type", dns_type, ALWAYS, "", "`query`") \
	FIELD(DNS, QUESTION, "", FACTS(LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN, LAYOUT_SKB_TRANSPORT_HEADER)) \
	NAME(DNS, QUESTION, "dns.id", id, OPTIONAL, "", "id of the message; missing if the message is shorter than its header") \
	NAME(DNS, QUESTION, "dns.question", dns_question, ALWAYS, "", "the first question of the message: `name`, `type` and `class`. The name has no last dot, so the root is empty; a dot inside a label is `\\.`, a backslash `\\\\`. Type and class are such as `AAAA` and `IN`; others `TYPE100`, `CLASS5` (RFC 3597). `null` if there is no question or it is malformed; `null` and listed in `sextant.read_errors` if the kernel does not hold the datagram in one piece") \
	/* No program sets its bit: it could not be read if it is 0. */ \
	FIELD(DNS, NETNS, "", FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_NET, LAYOUT_NET_NS_INUM)) \
	NAME(DNS, NETNS, "sextant.namespace.net", inum, ALWAYS, "", "network namespace, an inode number")
/* clang-format on */

FIELDS_ENUM(dns, DNS)

#endif
