/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Begins and sends the event of a socket (tier 1). Its process is the owner of
 * the connection or flow, which is not always the one that runs.
 */
#ifndef PROBES_CORE_SOCKET_EVENT_BPF_H
#define PROBES_CORE_SOCKET_EVENT_BPF_H

#include "probes/core/send.bpf.h"
#include "probes/core/sock.bpf.h"
#include "probes/core/wanted.bpf.h"

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

/* The current process becomes the owner. False: the event is not wanted. */
INLINE int caller_fill(const struct layout *layout, struct connection *c)
{
	struct event_header header = { 0 };

	if (!event_wanted(layout, bpf_get_current_task(), EVENT_SOCKET))
		return 0;
	actor_fill(layout, &header, c);
	return 1;
}

#endif
