/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * TCP connections by their states (tier 1), and the calls that give a socket an
 * address: connect and bind. A state changes in whatever context a packet
 * arrives, so the owner is kept where it acts (map "connections", key: sock):
 * at connect, which sends the SYN itself, and at accept.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/socket_event.bpf.h"

#define STATE_ESTABLISHED 1 /* include/net/tcp_states.h */
#define STATE_SYN_SENT    2
#define STATE_SYN_RECV    3
#define STATE_FIN_WAIT2   5
#define STATE_CLOSE       7
#define STATE_CLOSE_WAIT  8
#define STATE_LAST_ACK    9
#define STATE_LISTEN      10
#define STATE_CLOSING     11

#define GIVEN_UP 125 /* ECANCELED, include/uapi/asm-generic/errno.h */

/* SOCK_DONE of enum sock_flags, include/net/sock.h: tcp_fin() sets it. */
#define FLAG_DONE (1 << 1)

/*
 * A socket that has closed waits for the peer's FIN in FIN_WAIT2; mostly the
 * kernel forgets it before that comes. Where the flags are not known it counts
 * as come.
 */
INLINE int peer_has_ended(const struct layout *layout, __u64 sk)
{
	__u64 flags = FLAG_DONE;

	if (OFFSET(layout, SOCK_FLAGS) != LAYOUT_ABSENT)
		READ(layout, &flags, sk, SOCK_FLAGS);
	return flags & FLAG_DONE;
}

/*
 * The kernel counts a FIN as one byte. By the last state, both sides have sent
 * one, or only one side.
 */
INLINE void bytes_fill(const struct layout *layout, struct socket_event *e, __u64 sk, __u64 before)
{
	__u64 received = 0, sent = 0;
	__u8 state = 0;
	int both, peer;

	READ(layout, &state, sk, SOCK_STATE);
	both = state == STATE_FIN_WAIT2 || state == STATE_LAST_ACK || state == STATE_CLOSING;
	peer = state == STATE_FIN_WAIT2 ? peer_has_ended(layout, sk)
	                                : both || state == STATE_CLOSE_WAIT;
	READ(layout, &received, sk, TCP_BYTES_RECEIVED);
	READ(layout, &sent, sk, TCP_BYTES_ACKED);
	sent = sent > before ? sent - before : 0;
	e->sent.bytes = sent && both ? sent - 1 : sent;
	e->received.bytes = received && peer ? received - 1 : received;
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
	/* The caller has closed it before there was an answer. */
	if (operation == SOCKET_CONNECT && !c->established && !e->error)
		e->error = GIVEN_UP;
	return socket_send(ctx);
}

/*
 * In the map from connect, listen or accept until the sock is closed or gone.
 * What the kernel evicts when there are too many is what has come and neither
 * left nor is there: the loader counts it.
 */
INLINE void connection_put(__u64 sk, const struct connection *c)
{
	struct counters *counts = counters_find();

	if (bpf_map_update_elem(&connections, &sk, c, BPF_NOEXIST))
		bpf_map_update_elem(&connections, &sk, c, BPF_EXIST);
	else if (counts)
		counts->connections++;
}

INLINE int connection_forget(__u64 sk)
{
	struct counters *counts = counters_find();

	if (!bpf_map_delete_elem(&connections, &sk) && counts)
		counts->disconnections++;
	return 0;
}

/*
 * Its state has changed while the kernel ran no program: it runs none of the others inside of a
 * kprobe or tracepoint that a packet interrupts (bpf_prog_active in trace_call_bpf(),
 * kprobe_running()).
 */
INLINE void change_missed(void)
{
	if (class_wanted(EVENT_SOCKET))
		keep_count(EVENT_SOCKET);
}

/* The sock is gone, or another one is there: one that is still established has no end. */
INLINE int connection_is_over(__u64 sk)
{
	const struct connection *c = bpf_map_lookup_elem(&connections, &sk);

	if (c && c->established)
		change_missed();
	return connection_forget(sk);
}

/* The caller becomes the owner of a connection; what was at that address before is over. */
INLINE int connection_owner_fill(const struct layout *layout, struct connection *c, __u64 sk)
{
	connection_is_over(sk);
	return caller_fill(layout, c);
}

INLINE int call_under_way(__u64 sk)
{
	const struct kept_call *kept = kept_find(EVENT_SOCKET);

	return kept && kept->subject == sk;
}

/* The SYN, if the kernel counts it as a byte; what it counts beside it are data (Fast Open). */
INLINE __u64 syn_acked(const struct layout *layout, __u64 sk)
{
	__u64 acked = 0;

	READ(layout, &acked, sk, TCP_BYTES_ACKED);
	return acked ? 1 : 0;
}

/* By its last state it was established, and there was no program when it became so. */
INLINE void establish_late(const struct layout *layout, __u64 sk, struct connection *c)
{
	__u8 state = STATE_SYN_SENT;

	READ(layout, &state, sk, SOCK_STATE);
	if (state == STATE_SYN_SENT || state == STATE_SYN_RECV || state == STATE_CLOSE)
		return;
	change_missed();
	c->established = 1;
	c->unread |= 1U << FIELD_SOCKET_BYTES; /* whether the SYN counts is not known */
}

/* True: it is to be reported. False: another sock is there, or it was accepted before (Fast Open).
 */
INLINE int established_now(const struct layout *layout, __u64 sk, struct connection *c)
{
	if (c->outgoing && !c->established) {
		c->established = 1;
		c->acked = syn_acked(layout, sk);
		return 1;
	}
	if (c->established == ESTABLISHED_SOON)
		c->established = 1;
	else
		connection_is_over(sk);
	return 0;
}

/* What to report about a change of a known connection; 0: nothing. */
INLINE __u32 connection_change(const struct layout *layout, __u64 sk, __u32 state,
                               struct connection *ret)
{
	struct connection *c = bpf_map_lookup_elem(&connections, &sk);

	if (!c)
		return 0;
	if (state == STATE_ESTABLISHED) {
		if (!established_now(layout, sk, c))
			return 0;
		*ret = *c;
		return SOCKET_CONNECT;
	}
	if (state != STATE_CLOSE)
		return 0;
	*ret = *c;
	connection_forget(sk);
	if (ret->outgoing && !ret->established)
		establish_late(layout, sk, ret);
	if (ret->established)
		return SOCKET_CLOSE;
	/* 0: it has listened, or t1_socket_kretprobe() reports why it failed. */
	return ret->outgoing && !call_under_way(sk) ? SOCKET_CONNECT : 0;
}

INLINE int listens(__u64 sk)
{
	const struct connection *c = bpf_map_lookup_elem(&connections, &sk);

	return c && !c->outgoing && !c->established;
}

INLINE int state_change(void *ctx, __u64 sk, __u32 state)
{
	const struct layout *layout = layout_find();
	struct connection c = { 0 };
	__u32 operation = SOCKET_LISTEN;

	if (!layout)
		return 0;
	if (state == STATE_LISTEN && listens(sk))
		return 0; /* it is reported already */
	if (state == STATE_SYN_SENT || state == STATE_LISTEN) {
		if (!connection_owner_fill(layout, &c, sk))
			return 0;
		c.outgoing = state == STATE_SYN_SENT;
		connection_put(sk, &c);
		if (c.outgoing)
			return 0;
	} else {
		operation = connection_change(layout, sk, state, &c);
	}
	return operation && class_wanted(EVENT_SOCKET)
	               ? connection_send(ctx, layout, &c, sk, operation)
	               : 0;
}

/*
 * events/sock/inet_sock_set_state/format; the loader checks it. From 4.16 on
 * (563e0bb0dc74).
 */
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

/*
 * void tcp_set_state(struct sock *sk, int state): not for a socket that starts
 * to listen.
 */
SEC("kprobe/tcp_set_state")
int t1_socket_kprobe(struct pt_regs *ctx)
{
	return state_change(ctx, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}

/*
 * events/tcp/tcp_destroy_sock/format, and void tcp_v4_destroy_sock(struct sock *sk),
 * also for IPv6: the last of a connection whose end was missed, and of a listen
 * that failed.
 */
struct destroy_context {
	__u64 common;
	__u64 sk;
};

SEC("tracepoint/tcp/tcp_destroy_sock")
int t1_socket_ends(struct destroy_context *ctx)
{
	return connection_is_over(ctx->sk);
}

SEC("kprobe/tcp_v4_destroy_sock")
int t1_socket_ends_kprobe(struct pt_regs *ctx)
{
	return connection_is_over(PT_REGS_PARM1(ctx));
}

/*
 * int inet_csk_listen_start(struct sock *sk, ...): the port is bound, or will
 * be.
 */
SEC("kprobe/inet_csk_listen_start")
int t1_listen_kprobe(struct pt_regs *ctx)
{
	return state_change(ctx, PT_REGS_PARM1(ctx), STATE_LISTEN);
}

INLINE int accepted(void *ctx, const struct layout *layout, __u64 sk)
{
	struct connection c = { .established = 1 };

	__u8 state = STATE_ESTABLISHED;

	if (!connection_owner_fill(layout, &c, sk))
		return 0;
	c.acked = syn_acked(layout, sk);
	READ(layout, &state, sk, SOCK_STATE);
	if (state == STATE_SYN_RECV)
		c.established = ESTABLISHED_SOON;
	if (state != STATE_CLOSE) /* else it has been reset: no end will come */
		connection_put(sk, &c);
	return connection_send(ctx, layout, &c, sk, SOCKET_ACCEPT);
}

#define PROTOCOL_MPTCP 262 /* include/uapi/linux/in.h, from 5.6 on */

/*
 * The TCP connection of a sock that is accepted, 0: it is none. An MPTCP
 * connection has one below it; its number needs two bytes, which sk_protocol
 * has from 5.6 on.
 */
INLINE __u64 accepted_tcp(const struct layout *layout, __u64 sk)
{
	__u16 family = 0, protocol = 0;

	READ(layout, &family, sk, SOCK_FAMILY);
	if (family != FAMILY_INET && family != FAMILY_INET6)
		return 0;
	if (SIZE(layout, SOCK_PROTOCOL) == sizeof(protocol))
		READ(layout, &protocol, sk, SOCK_PROTOCOL);
	if (protocol == PROTOCOL_MPTCP)
		return POINTER(layout, sk, MPTCP_FIRST);
	return protocol_read(layout, sk) == PROTOCOL_TCP ? sk : 0;
}

/*
 * void security_sock_graft(struct sock *sk, struct socket *parent): a sock that
 * is accepted gets its socket, in the context of who accepts it. All families
 * of sockets come here.
 */
SEC("kprobe/security_sock_graft")
int t1_accept_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 sk = layout ? accepted_tcp(layout, PT_REGS_PARM1(ctx)) : 0;

	return sk ? accepted(ctx, layout, sk) : 0;
}

/*
 * struct sock *inet_csk_accept(struct sock *sk, ...): returns the connection
 * that is accepted. For kernels without CONFIG_SECURITY_NETWORK: it sleeps
 * until there is one, and all who wait share the instances of the probe.
 */
SEC("kretprobe/inet_csk_accept")
int t1_accept_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout && PT_REGS_RC(ctx) ? accepted(ctx, layout, PT_REGS_RC(ctx)) : 0;
}

/* ---- calls with an address --------------------------------------------- */

/*
 * int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, ...), and
 * tcp_v6_connect().
 */
SEC("kprobe/tcp_v4_connect")
int t1_connect_kprobe(struct pt_regs *ctx)
{
	return keep_entered(EVENT_SOCKET, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), SOCKET_CONNECT);
}

/*
 * int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len), and
 * inet6_bind().
 */
SEC("kprobe/inet_bind")
int t1_bind_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? keep_entered(EVENT_SOCKET, POINTER(layout, PT_REGS_PARM1(ctx), SOCKET_SK),
	                             PT_REGS_PARM2(ctx), SOCKET_BIND)
	              : 0;
}

/*
 * A connection whose SYN was sent is reported by its state. The address of a
 * call that has failed is not in the sock.
 */
INLINE int call_returns_with(void *ctx, const struct layout *layout, const struct kept_call *kept,
                             __s32 result)
{
	struct connection c = { 0 };
	struct socket_event *e;
	struct end end = { 0 };
	__u64 sk = kept->subject, operation = kept->number;

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
			connection_forget(sk);
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
	struct kept_call kept;

	return kept_take(EVENT_SOCKET, &kept) && layout
	               ? call_returns_with(ctx, layout, &kept, PT_REGS_RC(ctx))
	               : 0;
}
