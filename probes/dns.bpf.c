/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* DNS queries over UDP (tier 1), as the datagram is sent. */
#include "probes/core/context.bpf.h"
#include "probes/core/packet.bpf.h"
#include "probes/core/send.bpf.h"
#include "probes/core/sock.bpf.h"
#include "probes/core/wanted.bpf.h"

#define DNS_FLAGS  2 /* RFC 1035, 4.1.1: the first bit is 0 in a query */
#define DNS_ANSWER 0x80

/* Both ends, from the headers of a datagram. */
INLINE void datagram_ends(struct socket_ends *ends, __u64 network, __u64 transport)
{
	__u8 version = 0;
	__u16 port = 0;

	bpf_probe_read(&version, sizeof(version), (void *)network);
	if (version >> 4 == 4) {
		ends->family = FAMILY_INET;
		bpf_probe_read(ends->local, 4, (void *)(network + V4_SOURCE));
		bpf_probe_read(ends->remote, 4, (void *)(network + V4_DESTINATION));
		asm volatile("" ::
		                     : "memory"); /* otherwise one read of 4 or 16 bytes, which 4.19
		                                     refuses */
	} else {
		ends->family = FAMILY_INET6;
		bpf_probe_read(ends->local, 16, (void *)(network + V6_SOURCE));
		bpf_probe_read(ends->remote, 16, (void *)(network + V6_DESTINATION));
	}
	bpf_probe_read(&port, sizeof(port), (void *)transport);
	ends->local_port = swapped(port);
	bpf_probe_read(&port, sizeof(port), (void *)(transport + UDP_DESTINATION));
	ends->remote_port = swapped(port);
	ends->protocol = PROTOCOL_UDP;
}

/*
 * A message outside of the head of the packet (splice, MSG_ZEROCOPY) is not
 * read.
 */
INLINE void message_fill(struct dns_event *e, const struct layout *layout, __u64 skb, __u64 message,
                         __u64 bytes)
{
	__u32 beside = 0;
	__u64 size = bytes < DNS_BYTES_MAX ? bytes : DNS_BYTES_MAX;

	if (READ(layout, &beside, skb, SKB_DATA_LEN) || beside || !size) {
		e->header.unread |= 1U << FIELD_DNS_QUESTION;
		return;
	}
	e->size = size;
	BARRIER(size);
	size = ((size - 1) & (DNS_BYTES_MAX - 1)) + 1;
	unread_if(&e->header, bpf_probe_read(e->message, size, (void *)message),
	          FIELD_DNS_QUESTION);
}

/* By the socket: in front of UDP's header IPv6 may have others. */
INLINE int is_udp(const struct layout *layout, __u64 skb)
{
	return protocol_read(layout, POINTER(layout, skb, SKB_SK)) == PROTOCOL_UDP;
}

/* A datagram that is complete, in the context of its sender. */
INLINE int question(void *ctx, __u64 skb)
{
	const struct layout *layout = layout_find();
	struct connection c = { 0 };
	struct event_header header = { 0 };
	struct scratch *s;
	struct dns_event *e;
	__u64 head, network, transport, task = bpf_get_current_task();
	__u16 at = 0, bytes = 0;

	if (!layout)
		return 0;
	head = POINTER(layout, skb, SKB_HEAD);
	READ(layout, &at, skb, SKB_TRANSPORT_HEADER);
	transport = head + at;
	bpf_probe_read(&at, sizeof(at), (void *)(transport + UDP_DESTINATION));
	if (at != swapped(DNS_PORT) || !is_udp(layout, skb) ||
	    !event_wanted(layout, task, EVENT_DNS))
		return 0;
	READ(layout, &at, skb, SKB_NETWORK_HEADER);
	network = head + at;
	bpf_probe_read(&bytes, sizeof(bytes), (void *)(transport + UDP_LENGTH));
	actor_fill(layout, &header, &c);
	s = message_begin(EVENT_DNS, sizeof(*e));
	if (!s)
		return 0;
	e = &s->dns;
	e->process = c.process;
	e->parent = c.parent;
	e->header.unread = c.unread;
	e->uid = c.uid;
	__builtin_memcpy(e->comm, c.comm, sizeof(e->comm));
	READ(layout, &e->ends.netns,
	     POINTER(layout, POINTER(layout, task, TASK_NSPROXY), NSPROXY_NET), NET_NS_INUM);
	message_fill(e, layout, skb, transport + UDP_HEADER, (__u16)(swapped(bytes) - UDP_HEADER));
	datagram_ends(&e->ends, network, transport);
	if (!(e->message[DNS_FLAGS] & DNS_ANSWER))
		message_send(ctx, s, EVENT_DNS, sizeof(*e));
	return 0;
}

/* int ip_send_skb(struct net *net, struct sk_buff *skb). */
SEC("kprobe/ip_send_skb")
int t1_dns_kprobe(struct pt_regs *ctx)
{
	return question(ctx, PT_REGS_PARM2(ctx));
}

/* int ip6_send_skb(struct sk_buff *skb). */
SEC("kprobe/ip6_send_skb")
int t1_dns6_kprobe(struct pt_regs *ctx)
{
	return question(ctx, PT_REGS_PARM1(ctx));
}
