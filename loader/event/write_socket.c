/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets. */
#include <netinet/in.h>
#include <string.h>

#include "loader/event/actions.h"
#include "loader/event/ecs.h"
#include "loader/event/ends.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

size_t socket_unix_name(const struct socket_event *e, char *ret, size_t size)
{
	size_t n = e->name_size < size ? e->name_size : size;

	memcpy(ret, e->name, n);
	if (n && !ret[0])
		ret[0] = '@';
	else
		n = strnlen(ret, n);
	return n;
}

bool socket_is_end(const struct socket_event *e)
{
	return e->operation == SOCKET_CLOSE || e->operation == SOCKET_FLOW;
}

/* One end of it; count: what came from there. */
static void end_object(struct format *f, const char *key, const struct event *ev,
                       const __u8 *address, uint16_t port, const struct socket_count *count)
{
	const struct socket_event *e = &ev->socket;

	if (event_unread(ev, FIELD_SOCKET_ADDRESSES)) {
		ecs_unread(f, key);
		return;
	}
	ecs_end_open(&f->json, key, &e->ends, address, port);
	if (socket_is_end(e))
		ecs_u64(f, "bytes", count->bytes, event_unread(ev, FIELD_SOCKET_BYTES));
	if (e->operation == SOCKET_FLOW)
		jsonw_u64(&f->json, "packets", count->packets);
	jsonw_object_close(&f->json);
}

bool socket_is_local(const struct socket_event *e)
{
	return e->operation == SOCKET_LISTEN || e->operation == SOCKET_BIND;
}

static void transport(struct jsonw *json, const struct socket_ends *ends)
{
	if (ends->family == AF_UNIX)
		jsonw_string(json, "transport", "unix");
	else if (ends->protocol == IPPROTO_TCP)
		jsonw_string(json, "transport", "tcp");
	else if (ends->protocol == IPPROTO_UDP)
		jsonw_string(json, "transport", "udp");
	else
		ecs_number(json, "iana_number", "%u", ends->protocol);
}

static void network_object(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const struct socket_ends *ends = &e->ends;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "network");
	transport(json, ends);
	if (event_unread(ev, FIELD_SOCKET_ADDRESSES))
		ecs_unread(f, "type");
	else if (ends->family != AF_UNIX)
		jsonw_string(
			json, "type",
			socket_address_v4(ends, socket_is_local(e) ? ends->local : ends->remote)
				? "ipv4"
				: "ipv6");
	if (!socket_is_local(e))
		jsonw_string(json, "direction", e->outgoing ? "egress" : "ingress");
	if (!socket_is_local(e) && ends->family != AF_UNIX &&
	    !event_unread(ev, FIELD_SOCKET_ADDRESSES))
		ecs_community_id(f, "community_id", ends);
	jsonw_object_close(json);
}

static void ends(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const char *own = e->outgoing ? "source" : "destination";
	const char *other = e->outgoing ? "destination" : "source";
	const struct socket_ends *ends = &e->ends;

	end_object(f, socket_is_local(e) ? "destination" : own, ev, ends->local, ends->local_port,
	           &e->sent);
	if (!socket_is_local(e))
		end_object(f, other, ev, ends->remote, ends->remote_port, &e->received);
}

static void head(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;

	ecs_head_open(f, ev);
	if (e->operation == SOCKET_CONNECT || e->operation == SOCKET_BIND)
		ecs_outcome(f, e->error, false);
	if (socket_is_end(e))
		jsonw_u64(&f->json, "duration", ev->header.time_ns - e->start_ns);
	ecs_head_close(f);
}

void socket_unmapped(struct format *f, const struct event *ev)
{
	const struct socket_ends *ends = &ev->socket.ends;

	ecs_net_namespace(f, ends, event_unread(ev, FIELD_SOCKET_NETNS));
	if (ends->bound_if)
		jsonw_u64(&f->json, "bound_interface", ends->bound_if);
}

void socket_json(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	struct jsonw *json = &f->json;
	char name[UNIX_NAME_BYTES];
	size_t size = socket_unix_name(e, name, sizeof(name));
	const struct actor actor = ACTOR(e, e->uid);

	head(f, ev);
	ecs_actor(f, ev, &actor);
	network_object(f, ev);
	if (e->ends.family == AF_UNIX && !event_unread(ev, FIELD_SOCKET_ADDRESSES)) {
		jsonw_object_open(json, "destination");
		ecs_bytes(f, "address", name, size, sizeof(name));
		jsonw_object_close(json);
	} else {
		ends(f, ev);
	}
	if (e->error && e->operation != SOCKET_CLOSE)
		ecs_error(json, e->error);
	ecs_sextant_open(f, ev);
	socket_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- text -------------------------------------------------------------- */

static void socket_ends_text(struct jsonw *out, const struct socket_event *e)
{
	const struct socket_ends *ends = &e->ends;
	char local[64], remote[64];

	socket_address_text(ends, ends->local, local, sizeof(local));
	socket_address_text(ends, ends->remote, remote, sizeof(remote));
	jsonw_printf(out, "%s %s port %u",
	             ends->protocol == IPPROTO_TCP   ? "tcp"
	             : ends->protocol == IPPROTO_UDP ? "udp"
	                                             : "other",
	             local, ends->local_port);
	if (e->operation != SOCKET_LISTEN && e->operation != SOCKET_BIND)
		jsonw_printf(out, " %s %s port %u", e->outgoing ? "to" : "from", remote,
		             ends->remote_port);
}

void socket_text(struct jsonw *out, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	char name[UNIX_NAME_BYTES];

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	jsonw_printf(out, " uid %u %s ", e->uid, event_action(ev));
	if (event_unread(ev, FIELD_SOCKET_ADDRESSES))
		words_unknown(out);
	else if (e->ends.family == AF_UNIX)
		words_word(out, name, socket_unix_name(e, name, sizeof(name)));
	else
		socket_ends_text(out, e);
	if (socket_is_end(e))
		jsonw_printf(out,
		             event_unread(ev, FIELD_SOCKET_BYTES) ? " sent ? received ?"
		                                                  : " sent %llu received %llu",
		             (unsigned long long)e->sent.bytes,
		             (unsigned long long)e->received.bytes);
	if (e->error && e->operation != SOCKET_CLOSE)
		jsonw_printf(out, " failed: %s", strerror(e->error));
}
