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
		e = socket_begin(&flow.of, SOCKET_DATAGRAM, PROTOCOL_UDP);
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

/* An IPv4 address in an IPv6 socket. */
INLINE int end_is_mapped(const struct end *end)
{
	const __u64 *words = (const __u64 *)end->address;

	return end->family == FAMILY_INET6 && !words[0] && (__u32)words[1] == 0xffff0000;
}

/*
 * The destination: the kernel's copy of the address, or that of the connected
 * socket.
 */
INLINE int datagram_sent(struct pt_regs *ctx, const struct layout *layout, __u64 sk, __u64 message,
                         __u64 bytes, int v6)
{
	struct end remote = { 0 };
	__u64 name = POINTER(layout, message, MSGHDR_NAME);

	if (name) {
		end_read(&remote, name);
	} else {
		READ(layout, &remote.family, sk, SOCK_FAMILY);
		READ(layout, &remote.port, sk, SOCK_DPORT);
		if (remote.family == FAMILY_INET6)
			READ(layout, &remote.address, sk, SOCK_V6_DADDR);
		else
			read_at(remote.address, 4, sk, OFFSET(layout, SOCK_DADDR));
	}
	if (v6 && (remote.family == FAMILY_INET || end_is_mapped(&remote)))
		return 0; /* udpv6_sendmsg() calls udp_sendmsg() then */
	return datagram_report(ctx, layout, sk, &remote, 1, bytes);
}

/*
 * int udp_sendmsg([struct kiocb *iocb,] struct sock *sk, struct msghdr *msg,
 * size_t len), and udpv6_sendmsg(): with iocb until 4.1 (1b784140474e).
 */
#define SENT_KPROBE(name, function, id, v6)                                        \
	SEC("kprobe/" function)                                                    \
	int t1_##name##_kprobe(struct pt_regs *ctx)                                \
	{                                                                          \
		const struct layout *layout = layout_find();                       \
		__u64 third = PT_REGS_PARM3(ctx), fourth = PT_REGS_PARM4(ctx), at; \
                                                                                   \
		if (!layout)                                                       \
			return 0;                                                  \
		at = OFFSET(layout, id##_SK);                                      \
		return datagram_sent(ctx, layout, parameter(ctx, at),              \
		                     parameter(ctx, OFFSET(layout, id##_MSG)),     \
		                     at ? fourth : third, v6);                     \
	}

SENT_KPROBE(udp_send, "udp_sendmsg", UDP_SENDMSG, 0)
SENT_KPROBE(udp6_send, "udpv6_sendmsg", UDPV6_SENDMSG, 1)

/* The source of a datagram, from its headers. */
INLINE int datagram_received(void *ctx, __u64 sk, __u64 skb)
{
	const struct layout *layout = layout_find();
	struct end remote = { 0 };
	__u16 at = 0, bytes = 0;
	__u8 version = 0;
	__u64 head;

	if (!layout || protocol_read(layout, sk) != PROTOCOL_UDP)
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
