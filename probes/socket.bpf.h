/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Sockets (tier 1): TCP by its states, UDP by the first datagram of a flow each
 * way, connections to Unix sockets. States change in whatever context a packet
 * comes in, so who acts is kept where it acts (map "connections", by sock): at
 * connect, which sends the SYN itself, and at accept. Addresses are the sock's.
 */
#include "filter.bpf.h"
#include "stack.bpf.h"

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
INLINE void ports_fill(const struct layout *layout, struct socket_event *e, __u64 sk)
{
	__u16 port = 0;

	READ(layout, &port, sk, INET_SPORT);
	e->local_port = swapped(port);
	if (!port)
		READ(layout, &e->local_port, sk, SOCK_NUM);
	port = 0;
	READ(layout, &port, sk, SOCK_DPORT);
	e->remote_port = swapped(port);
}

/* IPv6 addresses are in the sock from 3.13 on (efe4208f47f9), and in RHEL7. */
INLINE void addresses_fill(const struct layout *layout, struct socket_event *e, __u64 sk)
{
	int failed = READ(layout, &e->family, sk, SOCK_FAMILY);

	if (e->family == FAMILY_INET6) {
		failed |= READ(layout, &e->local, sk, SOCK_V6_RCV_SADDR);
		failed |= READ(layout, &e->remote, sk, SOCK_V6_DADDR);
	} else {
		failed |= read_at(e->local, sizeof(__u32), sk, OFFSET(layout, SOCK_RCV_SADDR));
		failed |= read_at(e->remote, sizeof(__u32), sk, OFFSET(layout, SOCK_DADDR));
	}
	ports_fill(layout, e, sk);
	READ(layout, &e->bound_if, sk, SOCK_BOUND_DEV);
	READ(layout, &e->netns, POINTER(layout, sk, SOCK_NET), NET_NS_INUM);
	unread_if(&e->header, failed, FIELD_ADDRESSES);
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
	e->protocol = protocol;
	return e;
}

INLINE int socket_send(void *ctx)
{
	struct scratch *s = scratch_find();

	if (s)
		message_send(ctx, s, EVENT_SOCKET, sizeof(struct socket_event));
	return 0;
}

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
	e->sent = sent && both ? sent - 1 : sent;
	e->received = received && (both || state == STATE_CLOSE_WAIT) ? received - 1 : received;
}

INLINE int connection_send(void *ctx, const struct layout *layout, const struct connection *c,
                           __u64 sk, __u32 operation)
{
	struct socket_event *e = socket_begin(c, operation, PROTOCOL_TCP);

	if (!e)
		return 0;
	addresses_fill(layout, e, sk);
	if (operation == SOCKET_CLOSE)
		bytes_fill(layout, e, sk, c->acked);
	if (operation != SOCKET_LISTEN)
		READ(layout, &e->error, sk, SOCK_ERR);
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
	return ret->outgoing ? SOCKET_CONNECT : 0; /* 0: it has listened */
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

/* ---- UDP -------------------------------------------------------------- */

/* The other end, where it is not the sock's. */
struct remote {
	__u8 address[16];
	__u16 family, port; /* port: network order */
};

/* Is it the first of its flow for a while? Each one seen lets it go on. */
INLINE int flow_begins(__u64 sk, const struct remote *remote)
{
	const __u64 *words = (const __u64 *)remote->address;
	struct flow_key key = { .sk = sk };
	__u64 now = bpf_ktime_get_ns(), *seen;

	key.remote = filter_hash(filter_hash(words[0], words[1]), remote->port);
	seen = bpf_map_lookup_elem(&flows, &key);
	if (seen && now - *seen < FLOW_IDLE_NS) {
		*seen = now;
		return 0;
	}
	bpf_map_update_elem(&flows, &key, &now, BPF_ANY);
	return 1;
}

INLINE int datagram_report(void *ctx, const struct layout *layout, __u64 sk,
                           const struct remote *remote, __u32 outgoing)
{
	struct connection c = { .outgoing = outgoing };
	struct socket_event *e;

	if (!flow_begins(sk, remote) || !caller_fill(layout, &c))
		return 0;
	e = socket_begin(&c, SOCKET_DATAGRAM, PROTOCOL_UDP);
	if (!e)
		return 0;
	addresses_fill(layout, e, sk);
	if (e->family == FAMILY_INET6 && remote->family == FAMILY_INET) {
		e->remote[10] = e->remote[11] = 0xff; /* as a v4-mapped one: a dual-stack socket */
		__builtin_memcpy(e->remote + 12, remote->address, 4);
		__builtin_memset(e->remote, 0, 10);
	} else {
		__builtin_memcpy(e->remote, remote->address, sizeof(e->remote));
	}
	e->remote_port = swapped(remote->port);
	return socket_send(ctx);
}

#define V6_ADDRESS 8 /* in struct sockaddr_in6, include/uapi/linux/in6.h */

/* Where a datagram goes: a kernel's copy of the address, or the one that is connected. */
INLINE int datagram_sent(struct pt_regs *ctx, __u64 sk, __u64 message, const struct layout *layout)
{
	struct remote remote = { 0 };
	__u64 name = POINTER(layout, message, MSGHDR_NAME);

	if (name) {
		bpf_probe_read(&remote.family, sizeof(remote.family), (void *)name);
		bpf_probe_read(&remote.port, sizeof(remote.port), (void *)(name + 2));
		if (remote.family == FAMILY_INET6)
			bpf_probe_read(remote.address, 16, (void *)(name + V6_ADDRESS));
		else
			bpf_probe_read(remote.address, 4, (void *)(name + 4));
	} else {
		READ(layout, &remote.family, sk, SOCK_FAMILY);
		READ(layout, &remote.port, sk, SOCK_DPORT);
		if (remote.family == FAMILY_INET6)
			READ(layout, &remote.address, sk, SOCK_V6_DADDR);
		else
			read_at(remote.address, 4, sk, OFFSET(layout, SOCK_DADDR));
	}
	return datagram_report(ctx, layout, sk, &remote, 1);
}

SEC("kprobe/udp_sendmsg")
int t1_udp_send_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? datagram_sent(ctx, parameter(ctx, OFFSET(layout, UDP_SENDMSG_SK)),
	                              parameter(ctx, OFFSET(layout, UDP_SENDMSG_MSG)), layout)
	              : 0;
}

SEC("kprobe/udpv6_sendmsg")
int t1_udp6_send_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? datagram_sent(ctx, parameter(ctx, OFFSET(layout, UDPV6_SENDMSG_SK)),
	                              parameter(ctx, OFFSET(layout, UDPV6_SENDMSG_MSG)), layout)
	              : 0;
}

/*
 * void skb_consume_udp(struct sock *sk, struct sk_buff *skb, int len), from 4.10
 * on, and void skb_free_datagram_locked(sk, skb) before it: in recvmsg(), once
 * the datagram is the caller's.
 */
INLINE int datagram_received(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 sk = PT_REGS_PARM1(ctx), skb = PT_REGS_PARM2(ctx), head;
	struct remote remote = { 0 };
	__u16 at = 0;
	__u8 version = 0;

	if (!layout || protocol_read(layout, sk) != PROTOCOL_UDP)
		return 0;
	head = POINTER(layout, skb, SKB_HEAD);
	if (!head || READ(layout, &at, skb, SKB_TRANSPORT_HEADER))
		return 0;
	bpf_probe_read(&remote.port, sizeof(remote.port), (void *)(head + at));
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
	return datagram_report(ctx, layout, sk, &remote, 0);
}

SEC("kprobe/skb_consume_udp")
int t1_udp_receive_kprobe(struct pt_regs *ctx)
{
	return datagram_received(ctx);
}

/* ---- Unix sockets ----------------------------------------------------- */

#define SUN_PATH 2 /* in struct sockaddr_un, include/uapi/linux/un.h */

/* int unix_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags) */
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
	e->family = 1; /* AF_UNIX */
	e->error = -(__s32)PT_REGS_RC(ctx);
	e->name_size = call->size;
	__builtin_memcpy(e->name, call->name, sizeof(e->name));
	READ(layout, &e->netns, POINTER(layout, call->sk, SOCK_NET), NET_NS_INUM);
	bpf_map_delete_elem(&unix_calls, &task);
	return socket_send(ctx);
}
