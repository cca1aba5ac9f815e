/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Sockets (tier 1): TCP by its states, UDP by flows and the first datagram of one
 * each way, connections to Unix sockets, questions to DNS. States change in whatever context a
 * packet comes in, so who acts is kept where it acts (map "connections", by sock): at connect,
 * which sends the SYN itself, and at accept. Addresses are the sock's.
 */
#include "probes/filter.bpf.h"
#include "probes/kept.bpf.h"
#include "probes/stack.bpf.h"

#define FAMILY_INET  2 /* AF_INET, include/linux/socket.h */
#define FAMILY_INET6 10
#define PROTOCOL_TCP 6 /* IPPROTO_TCP, include/uapi/linux/in.h */
#define PROTOCOL_UDP 17

#define STATE_ESTABLISHED 1 /* include/net/tcp_states.h */
#define STATE_SYN_SENT    2
#define STATE_FIN_WAIT2   5
#define STATE_CLOSE       7
#define STATE_CLOSE_WAIT  8
#define STATE_LAST_ACK    9
#define STATE_LISTEN      10
#define STATE_CLOSING     11

/* ---- reading ---------------------------------------------------------- */

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

INLINE __u16 swapped(__u16 port)
{
	return port << 8 | port >> 8;
}

/* A port that is bound but not used yet is in skc_num alone; one that is not bound any more in
 * inet_sport alone. */
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
	unread_if(&e->header, failed, FIELD_ADDRESSES);
}

/* One end, where the sock does not have it. */
struct end {
	__u8 address[16];
	__u16 family, port; /* port: network order */
};

#define V4_ADDRESS 4 /* in struct sockaddr_in, include/uapi/linux/in.h */
#define V6_ADDRESS 8 /* in struct sockaddr_in6, include/uapi/linux/in6.h */

/* From the kernel's copy of what the caller gave. */
INLINE void end_read(struct end *end, __u64 sockaddr)
{
	bpf_probe_read(&end->family, sizeof(end->family), (void *)sockaddr);
	bpf_probe_read(&end->port, sizeof(end->port), (void *)(sockaddr + 2));
	if (end->family == FAMILY_INET6)
		bpf_probe_read(end->address, 16, (void *)(sockaddr + V6_ADDRESS));
	else
		bpf_probe_read(end->address, 4, (void *)(sockaddr + V4_ADDRESS));
}

/* IPv4 in a socket of IPv6. */
INLINE int end_is_mapped(const struct end *end)
{
	const __u64 *words = (const __u64 *)end->address;

	return end->family == FAMILY_INET6 && !words[0] && (__u32)words[1] == 0xffff0000;
}

/* Of IPv4 in a dual-stack socket as a v4-mapped one. */
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

/* One byte of it, at the byte where it lies: a bit-field until 5.6 (bf9765145b85). */
INLINE __u8 protocol_read(const struct layout *layout, __u64 sk)
{
	__u8 protocol = 0;

	READ(layout, &protocol, sk, SOCK_PROTOCOL);
	return protocol;
}

/* ---- sending ---------------------------------------------------------- */

INLINE struct socket_event *socket_begin(const struct connection *c, __u32 operation, __u8 protocol)
{
	struct scratch *s = message_begin(EVENT_SOCKET, sizeof(struct socket_event));
	struct socket_event *e;

	if (!s)
		return 0;
	e = &s->socket;
	e->process = c->process;
	e->parent = c->parent;
	e->header.unread = c->unread;
	e->uid = c->uid;
	e->start_ns = c->start_ns;
	e->outgoing = c->outgoing;
	__builtin_memcpy(e->comm, c->comm, sizeof(e->comm));
	e->operation = operation;
	e->ends.protocol = protocol;
	return e;
}

INLINE int socket_send(void *ctx)
{
	struct scratch *s = scratch_find();

	if (s)
		message_send(ctx, s, EVENT_SOCKET, sizeof(struct socket_event));
	return 0;
}

#define GIVEN_UP 125 /* ECANCELED, include/uapi/asm-generic/errno.h */

/*
 * A FIN is a byte to the kernel. By the last state: both have come, or that of
 * the other side. (Who waits for it in vain in FIN_WAIT2 is not told from who got it.)
 */
INLINE void bytes_fill(const struct layout *layout, struct socket_event *e, __u64 sk, __u64 before)
{
	__u64 received = 0, sent = 0;
	__u8 state = 0;
	int both;

	READ(layout, &state, sk, SOCK_STATE);
	both = state == STATE_FIN_WAIT2 || state == STATE_LAST_ACK || state == STATE_CLOSING;
	READ(layout, &received, sk, TCP_BYTES_RECEIVED);
	READ(layout, &sent, sk, TCP_BYTES_ACKED);
	sent -= before;
	e->sent.bytes = sent && both ? sent - 1 : sent;
	e->received.bytes =
		received && (both || state == STATE_CLOSE_WAIT) ? received - 1 : received;
}

INLINE int connection_send(void *ctx, const struct layout *layout, const struct connection *c,
                           __u64 sk, __u32 operation)
{
	struct socket_event *e = socket_begin(c, operation, PROTOCOL_TCP);

	if (!e)
		return 0;
	ends_fill(layout, e, sk);
	if (operation == SOCKET_CLOSE)
		bytes_fill(layout, e, sk, c->acked);
	if (operation != SOCKET_LISTEN)
		READ(layout, &e->error, sk, SOCK_ERR);
	/* Closed by who began it, before there was an answer. */
	if (operation == SOCKET_CONNECT && !c->established && !e->error)
		e->error = GIVEN_UP;
	return socket_send(ctx);
}

/* ---- TCP -------------------------------------------------------------- */

/* One that begins here has its caller here. False: it is not wanted. */
INLINE int caller_fill(const struct layout *layout, struct connection *c)
{
	struct event_header header = { 0 };

	if (!event_wanted(layout, bpf_get_current_task(), EVENT_SOCKET))
		return 0;
	actor_fill(layout, &header, c);
	return 1;
}

/* The same of a connection; one that was at that address before is forgotten. */
INLINE int connection_owner_fill(const struct layout *layout, struct connection *c, __u64 sk)
{
	if (caller_fill(layout, c))
		return 1;
	bpf_map_delete_elem(&connections, &sk);
	return 0;
}

INLINE int call_under_way(__u64 sk)
{
	const struct kept_call *kept = kept_find(EVENT_SOCKET);

	return kept && kept->subject == sk;
}

/* What the change of one that is known has to tell; 0: nothing. */
INLINE __u32 connection_change(const struct layout *layout, __u64 sk, __u32 state,
                               struct connection *ret)
{
	struct connection *c = bpf_map_lookup_elem(&connections, &sk);

	if (!c)
		return 0;
	if (state == STATE_ESTABLISHED && c->outgoing && !c->established) {
		c->established = 1;
		READ(layout, &c->acked, sk, TCP_BYTES_ACKED);
		*ret = *c;
		return SOCKET_CONNECT;
	}
	if (state != STATE_CLOSE)
		return 0;
	*ret = *c;
	bpf_map_delete_elem(&connections, &sk);
	if (ret->established)
		return SOCKET_CLOSE;
	/* No: it has listened, or tcp_v4_connect() is about to say why. */
	return ret->outgoing && !call_under_way(sk) ? SOCKET_CONNECT : 0;
}

INLINE int state_change(void *ctx, __u64 sk, __u32 state)
{
	const struct layout *layout = layout_find();
	struct connection c = { 0 };
	__u32 operation = SOCKET_LISTEN;

	if (!layout)
		return 0;
	if (state == STATE_SYN_SENT || state == STATE_LISTEN) {
		if (!connection_owner_fill(layout, &c, sk))
			return 0;
		c.outgoing = state == STATE_SYN_SENT;
		if (!c.outgoing && bpf_map_lookup_elem(&connections, &sk))
			return 0; /* told already */
		bpf_map_update_elem(&connections, &sk, &c, BPF_ANY);
		if (c.outgoing)
			return 0;
	} else {
		operation = connection_change(layout, sk, state, &c);
	}
	return operation && class_wanted(EVENT_SOCKET)
	               ? connection_send(ctx, layout, &c, sk, operation)
	               : 0;
}

/* events/sock/inet_sock_set_state/format; the loader checks it. From 4.16 on (563e0bb0dc74). */
struct state_context {
	__u64 common;
	__u64 sk;
	__s32 old_state, new_state; /* sk->sk_state is still the old one */
};

SEC("tracepoint/sock/inet_sock_set_state")
int t1_socket(struct state_context *ctx)
{
	const struct layout *layout = layout_find();

	if (!layout || protocol_read(layout, ctx->sk) != PROTOCOL_TCP)
		return 0;
	return state_change(ctx, ctx->sk, ctx->new_state);
}

/* void tcp_set_state(struct sock *sk, int state); what listens does not come here. */
SEC("kprobe/tcp_set_state")
int t1_socket_kprobe(struct pt_regs *ctx)
{
	return state_change(ctx, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}

/* int inet_csk_listen_start(struct sock *sk, ...): the port is bound, or will be */
SEC("kprobe/inet_csk_listen_start")
int t1_listen_kprobe(struct pt_regs *ctx)
{
	return state_change(ctx, PT_REGS_PARM1(ctx), STATE_LISTEN);
}

/* struct sock *inet_csk_accept(struct sock *sk, ...): the connection that is accepted */
SEC("kretprobe/inet_csk_accept")
int t1_accept_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct connection c = { .established = 1 };
	__u64 sk = PT_REGS_RC(ctx);

	if (!layout || !sk || !connection_owner_fill(layout, &c, sk))
		return 0;
	READ(layout, &c.acked, sk, TCP_BYTES_ACKED);
	bpf_map_update_elem(&connections, &sk, &c, BPF_ANY);
	return connection_send(ctx, layout, &c, sk, SOCKET_ACCEPT);
}

/* ---- calls with an address -------------------------------------------- */

/* int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, ...), and tcp_v6_connect() */
SEC("kprobe/tcp_v4_connect")
int t1_connect_kprobe(struct pt_regs *ctx)
{
	return keep(EVENT_SOCKET, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), SOCKET_CONNECT);
}

/* int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len), and inet6_bind() */
SEC("kprobe/inet_bind")
int t1_bind_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? keep(EVENT_SOCKET, POINTER(layout, PT_REGS_PARM1(ctx), SOCKET_SK),
	                     PT_REGS_PARM2(ctx), SOCKET_BIND)
	              : 0;
}

/* A connection whose SYN is on its way is told by its state. What has failed is not in the sock. */
INLINE int call_returns_with(void *ctx, const struct layout *layout, struct kept_call *kept,
                             __s32 result)
{
	struct connection c = { 0 };
	struct socket_event *e;
	struct end end = { 0 };
	__u64 sk = kept->subject, operation = kept->number;

	kept->type = KEPT_NOTHING;
	if ((operation == SOCKET_CONNECT && !result) || !caller_fill(layout, &c))
		return 0;
	c.outgoing = operation == SOCKET_CONNECT;
	e = socket_begin(&c, operation, protocol_read(layout, sk));
	if (!e)
		return 0;
	ends_fill(layout, e, sk);
	e->error = -result;
	if (result) {
		end_read(&end, kept->value);
		if (operation == SOCKET_CONNECT) {
			bpf_map_delete_elem(&connections, &sk);
			end_put(e->ends.remote, &end, e->ends.family);
			e->ends.remote_port = swapped(end.port);
		} else {
			end_put(e->ends.local, &end, e->ends.family);
			e->ends.local_port = swapped(end.port);
		}
	}
	return socket_send(ctx);
}

SEC("kretprobe/tcp_v4_connect")
int t1_socket_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct kept_call *kept = kept_find(EVENT_SOCKET);

	return layout && kept ? call_returns_with(ctx, layout, kept, PT_REGS_RC(ctx)) : 0;
}

/* ---- UDP -------------------------------------------------------------- */

/* The address of a datagram's other end, its own port, the process. */
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

INLINE int datagram_tell(void *ctx, struct flow *flow, struct socket_event *e, __u32 outgoing)
{
	if (!e)
		return 0;
	e->ends = flow->ends;
	e->outgoing = outgoing;
	return socket_send(ctx);
}

/* One of a flow that is known: the first this way is told. */
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
	return datagram_tell(ctx, flow, e, outgoing);
}

/* Counted: of too many the oldest make room, which nobody tells us. */
INLINE void flow_begin(const struct flow_key *key, const struct flow *flow)
{
	struct counters *c = counters_find();

	bpf_map_update_elem(&flows, key, flow, BPF_ANY);
	if (c)
		c->flows++;
}

INLINE int datagram_report(void *ctx, const struct layout *layout, __u64 sk,
                           const struct end *remote, __u32 outgoing, __u64 bytes)
{
	struct flow_key key = flow_key(layout, sk, remote);
	struct flow *known = bpf_map_lookup_elem(&flows, &key);
	struct flow flow = { .of.outgoing = outgoing };
	struct socket_event *e;

	if (known)
		return datagram_more(ctx, known, outgoing, bytes);
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
	flow_begin(&key, &flow);
	return socket_send(ctx);
}

/* Where a datagram goes: a kernel's copy of the address, or the one that is connected. */
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

/* int udp_sendmsg([struct kiocb *iocb,] struct sock *sk, struct msghdr *msg, size_t len), and
 * udpv6_sendmsg(): the first until 4.1 (1b784140474e). */
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

#define UDP_LENGTH 4 /* in struct udphdr, include/uapi/linux/udp.h */
#define UDP_HEADER 8

/* Where a datagram comes from, by its headers. */
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
 * void skb_consume_udp(struct sock *sk, struct sk_buff *skb, int len), from 4.10
 * on (ba6b918ab234) and in RHEL7, and void skb_free_datagram_locked(sk, skb)
 * before it: in recvmsg(), once the datagram is the caller's. Who only looks
 * (MSG_PEEK) leaves it in its queue, as its first member, skb->next, says.
 */
SEC("kprobe/skb_consume_udp")
int t1_udp_receive_kprobe(struct pt_regs *ctx)
{
	__u64 skb = PT_REGS_PARM2(ctx);

	return read_pointer(skb, 0) ? 0 : datagram_received(ctx, PT_REGS_PARM1(ctx), skb);
}

/* ---- DNS -------------------------------------------------------------- */

#define UDP_DESTINATION 2 /* in struct udphdr */
#define V4_PROTOCOL     9 /* in struct iphdr, include/uapi/linux/ip.h */
#define V4_SOURCE       12
#define V4_DESTINATION  16
#define V6_NEXT         6 /* in struct ipv6hdr, include/uapi/linux/ipv6.h */
#define V6_SOURCE       8
#define V6_DESTINATION  24
#define DNS_FLAGS       2 /* RFC 1035, 4.1.1: the first bit is 0 in a question */
#define DNS_ANSWER      0x80

/* Both ends by the headers of a datagram; false: it is none. */
INLINE int datagram_ends(struct socket_ends *ends, __u64 network, __u64 transport)
{
	__u8 version = 0, protocol = 0;
	__u16 port = 0;

	bpf_probe_read(&version, sizeof(version), (void *)network);
	if (version >> 4 == 4) {
		ends->family = FAMILY_INET;
		bpf_probe_read(&protocol, sizeof(protocol), (void *)(network + V4_PROTOCOL));
		bpf_probe_read(ends->local, 4, (void *)(network + V4_SOURCE));
		bpf_probe_read(ends->remote, 4, (void *)(network + V4_DESTINATION));
		asm volatile("" ::: "memory"); /* else one read of 4 or 16, which 4.19 refuses */
	} else {
		ends->family = FAMILY_INET6;
		bpf_probe_read(&protocol, sizeof(protocol), (void *)(network + V6_NEXT));
		bpf_probe_read(ends->local, 16, (void *)(network + V6_SOURCE));
		bpf_probe_read(ends->remote, 16, (void *)(network + V6_DESTINATION));
	}
	bpf_probe_read(&port, sizeof(port), (void *)transport);
	ends->local_port = swapped(port);
	bpf_probe_read(&port, sizeof(port), (void *)(transport + UDP_DESTINATION));
	ends->remote_port = swapped(port);
	ends->protocol = protocol;
	return protocol == PROTOCOL_UDP;
}

/* What is not behind the head of the packet (splice, MSG_ZEROCOPY) is not looked for. */
INLINE void message_fill(struct dns_event *e, const struct layout *layout, __u64 skb, __u64 message,
                         __u64 bytes)
{
	__u32 beside = 0;
	__u64 size = bytes < DNS_BYTES_MAX ? bytes : DNS_BYTES_MAX;

	if (READ(layout, &beside, skb, SKB_DATA_LEN) || beside || !size) {
		e->header.unread |= 1U << FIELD_QUESTION;
		return;
	}
	e->size = size;
	BARRIER(size);
	size = ((size - 1) & (DNS_BYTES_MAX - 1)) + 1;
	unread_if(&e->header, bpf_probe_read(e->message, size, (void *)message), FIELD_QUESTION);
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
	if (at != swapped(DNS_PORT) || !event_wanted(layout, task, EVENT_DNS))
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
	if (datagram_ends(&e->ends, network, transport) && !(e->message[DNS_FLAGS] & DNS_ANSWER))
		message_send(ctx, s, EVENT_DNS, sizeof(*e));
	return 0;
}

/* int ip_send_skb(struct net *net, struct sk_buff *skb) */
SEC("kprobe/ip_send_skb")
int t1_dns_kprobe(struct pt_regs *ctx)
{
	return question(ctx, PT_REGS_PARM2(ctx));
}

/* int ip6_send_skb(struct sk_buff *skb) */
SEC("kprobe/ip6_send_skb")
int t1_dns6_kprobe(struct pt_regs *ctx)
{
	return question(ctx, PT_REGS_PARM1(ctx));
}

/* ---- Unix sockets ----------------------------------------------------- */

#define SUN_PATH 2 /* in struct sockaddr_un, include/uapi/linux/un.h */

/* int unix_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags),
 * and unix_dgram_connect() */
SEC("kprobe/unix_stream_connect")
int t1_unix_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct unix_call call = { 0 };
	__u64 task = bpf_get_current_task();
	__u64 size = (__u32)PT_REGS_PARM3(ctx) - SUN_PATH;

	if (!layout || !event_wanted(layout, task, EVENT_SOCKET))
		return 0;
	call.sk = POINTER(layout, PT_REGS_PARM1(ctx), SOCKET_SK);
	/* No more than there is: behind it lies what is nobody's business. Without a name:
	 * autobind. */
	if (size - 1 < UNIX_NAME_BYTES) {
		size = ((size - 1) & (UNIX_NAME_BYTES - 1)) + 1;
		call.size = size;
		BARRIER(size);
		size = ((size - 1) & (UNIX_NAME_BYTES - 1)) + 1;
		bpf_probe_read(call.name, size, (void *)(PT_REGS_PARM2(ctx) + SUN_PATH));
	}
	bpf_map_update_elem(&unix_calls, &task, &call, BPF_ANY);
	return 0;
}

SEC("kretprobe/unix_stream_connect")
int t1_unix_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task = bpf_get_current_task();
	struct unix_call *call = bpf_map_lookup_elem(&unix_calls, &task);
	struct connection c = { .outgoing = 1 };
	struct event_header header = { 0 };
	struct socket_event *e;

	if (!layout || !call)
		return 0;
	actor_fill(layout, &header, &c);
	e = socket_begin(&c, SOCKET_CONNECT, 0);
	if (!e)
		return 0;
	e->ends.family = 1; /* AF_UNIX */
	e->error = -(__s32)PT_REGS_RC(ctx);
	e->name_size = call->size;
	__builtin_memcpy(e->name, call->name, sizeof(e->name));
	READ(layout, &e->ends.netns, POINTER(layout, call->sk, SOCK_NET), NET_NS_INUM);
	bpf_map_delete_elem(&unix_calls, &task);
	return socket_send(ctx);
}
