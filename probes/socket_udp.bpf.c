/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * UDP by flows (tier 1): the first datagram of a flow in each direction is
 * reported, and all are counted.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/packet.bpf.h"
#include "probes/core/socket_event.bpf.h"

/* The address of the other end, the socket's own port, and the process. */
INLINE struct flow_key flow_key(const struct layout *layout, __u64 sk, const struct end *remote)
{
	const __u64 *words = (const __u64 *)remote->address;
	struct flow_key key = { .sk = sk };
	__u64 pid = bpf_get_current_pid_tgid() >> 32, start = 0;
	__u16 own = 0;

	READ(layout, &own, sk, SOCK_NUM);
	key.ends = filter_hash(filter_hash(words[0], words[1]), remote->port);
	read_process_start(layout, bpf_get_current_task(), &start);
	key.ends = filter_hash(filter_hash(filter_hash(key.ends, own), pid), start);
	return key;
}

INLINE int datagram_send(void *ctx, struct flow *flow, struct socket_event *e, __u32 outgoing)
{
	if (!e)
		return 0;
	e->ends = flow->ends;
	e->outgoing = outgoing;
	return socket_send(ctx);
}

/*
 * Another datagram of a known flow: the first one in this direction is
 * reported.
 */
INLINE int datagram_more(void *ctx, struct flow *flow, __u32 outgoing, __u64 bytes)
{
	struct socket_event *e = 0;

	flow->last_ns = bpf_ktime_get_ns();
	if (outgoing ? !flow->sent.packets : !flow->received.packets)
		e = socket_begin(&flow->of, SOCKET_DATAGRAM, PROTOCOL_UDP);
	if (outgoing) {
		__sync_fetch_and_add(&flow->sent.packets, 1);
		__sync_fetch_and_add(&flow->sent.bytes, bytes);
	} else {
		__sync_fetch_and_add(&flow->received.packets, 1);
		__sync_fetch_and_add(&flow->received.bytes, bytes);
	}
	return datagram_send(ctx, flow, e, outgoing);
}

/*
 * Counted: if there are too many flows, the kernel evicts the oldest ones
 * without a notice. Not NULL: another CPU has just begun the same flow.
 */
INLINE struct flow *flow_begin(const struct flow_key *key, const struct flow *flow)
{
	struct counters *c = counters_find();
	struct flow *known = 0;

	if (bpf_map_update_elem(&flows, key, flow, BPF_NOEXIST))
		known = bpf_map_lookup_elem(&flows, key);
	if (!known && c)
		c->flows++;
	return known;
}

INLINE int datagram_report(void *ctx, const struct layout *layout, __u64 sk,
                           const struct end *remote, __u32 outgoing, __u64 bytes)
{
	struct flow_key key = flow_key(layout, sk, remote);
	struct flow *known = bpf_map_lookup_elem(&flows, &key);
	struct flow flow = { .of.outgoing = outgoing };
	struct socket_event *e;

	if (!known) {
		if (!caller_fill(layout, &flow.of))
			return 0;
		e = socket_begin(&flow.of, SOCKET_DATAGRAM, protocol_read(layout, sk));
		if (!e)
			return 0;
		ends_fill(layout, e, sk);
		end_put(e->ends.remote, remote, e->ends.family);
		e->ends.remote_port = swapped(remote->port);
		flow.ends = e->ends;
		flow.last_ns = flow.of.start_ns;
		if (outgoing)
			flow.sent = (struct socket_count){ bytes, 1 };
		else
			flow.received = (struct socket_count){ bytes, 1 };
		known = flow_begin(&key, &flow);
	}
	return known ? datagram_more(ctx, known, outgoing, bytes) : socket_send(ctx);
}

INLINE void destination_read(struct end *remote, __u64 network)
{
	__u8 version = 0;

	bpf_probe_read(&version, sizeof(version), (void *)network);
	if (version >> 4 == 4) {
		remote->family = FAMILY_INET;
		bpf_probe_read(remote->address, 4, (void *)(network + V4_DESTINATION));
		asm volatile("" ::
		                     : "memory"); /* otherwise one read of 4 or 16 bytes, which 4.19
		                                     refuses */
	} else {
		remote->family = FAMILY_INET6;
		bpf_probe_read(remote->address, 16, (void *)(network + V6_DESTINATION));
	}
}

/* A datagram that is complete, in the context of its sender: it goes to the IP layer. */
INLINE int datagram_sent(void *ctx, __u64 skb)
{
	const struct layout *layout = layout_find();
	struct end remote = { 0 };
	__u64 sk, head;
	__u16 network = 0, transport = 0;
	__u32 bytes = 0;

	if (!layout)
		return 0;
	sk = POINTER(layout, skb, SKB_SK);
	if (!is_datagram_socket(layout, sk))
		return 0;
	head = POINTER(layout, skb, SKB_HEAD);
	if (!head || READ(layout, &network, skb, SKB_NETWORK_HEADER) ||
	    READ(layout, &transport, skb, SKB_TRANSPORT_HEADER) ||
	    READ(layout, &bytes, skb, SKB_LEN))
		return 0;
	destination_read(&remote, head + network);
	bpf_probe_read(&remote.port, sizeof(remote.port),
	               (void *)(head + transport + UDP_DESTINATION));
	/* It has the headers from IP's on. UDP-Lite has no length in its own. */
	bytes -= (transport - network) + UDP_HEADER;
	return datagram_report(ctx, layout, sk, &remote, 1, bytes);
}

/*
 * int ip_send_skb(struct net *net, struct sk_buff *skb): what cannot be sent
 * (EMSGSIZE, ENETUNREACH) does not come so far; a firewall may still drop it.
 */
SEC("kprobe/ip_send_skb")
int t1_udp_send_kprobe(struct pt_regs *ctx)
{
	return datagram_sent(ctx, PT_REGS_PARM2(ctx));
}

/* int ip6_send_skb(struct sk_buff *skb). */
SEC("kprobe/ip6_send_skb")
int t1_udp6_send_kprobe(struct pt_regs *ctx)
{
	return datagram_sent(ctx, PT_REGS_PARM1(ctx));
}

/* The source of a datagram, from its headers. */
INLINE int datagram_received(void *ctx, __u64 sk, __u64 skb)
{
	const struct layout *layout = layout_find();
	struct end remote = { 0 };
	__u16 at = 0, bytes = 0;
	__u8 version = 0;
	__u64 head;

	if (!layout || !is_datagram_socket(layout, sk))
		return 0;
	head = POINTER(layout, skb, SKB_HEAD);
	if (!head || READ(layout, &at, skb, SKB_TRANSPORT_HEADER))
		return 0;
	bpf_probe_read(&remote.port, sizeof(remote.port), (void *)(head + at));
	bpf_probe_read(&bytes, sizeof(bytes), (void *)(head + at + UDP_LENGTH));
	if (READ(layout, &at, skb, SKB_NETWORK_HEADER))
		return 0;
	bpf_probe_read(&version, sizeof(version), (void *)(head + at));
	if (version >> 4 == 4) {
		remote.family = FAMILY_INET;
		bpf_probe_read(remote.address, 4, (void *)(head + at + 12));
	} else {
		remote.family = FAMILY_INET6;
		bpf_probe_read(remote.address, 16, (void *)(head + at + 8));
	}
	return datagram_report(ctx, layout, sk, &remote, 0, (__u16)(swapped(bytes) - UDP_HEADER));
}

/*
 * void skb_consume_udp(struct sock *sk, struct sk_buff *skb, int len), from
 * 4.10 on (ba6b918ab234) and in RHEL7, and void skb_free_datagram_locked(sk,
 * skb) before it: in recvmsg(), once the caller has the datagram. A caller that
 * only peeks (MSG_PEEK) leaves it in its queue: then its first member,
 * skb->next, is not NULL.
 */
SEC("kprobe/skb_consume_udp")
int t1_udp_receive_kprobe(struct pt_regs *ctx)
{
	__u64 skb = PT_REGS_PARM2(ctx);

	return read_pointer(skb, 0) ? 0 : datagram_received(ctx, PT_REGS_PARM1(ctx), skb);
}
