/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets as ECS JSON. */
#include <arpa/inet.h>
#include <string.h>

#include "loader/event/ecs.h"

static const struct operation {
	const char *name, *type; /* ECS: event.action, event.type */
	bool connection;         /* also event.type */
} operations[SOCKET_OPERATIONS] = {
	[SOCKET_LISTEN] = { "listen", "info", false },
	[SOCKET_CONNECT] = { "connect", "start", true },
	[SOCKET_ACCEPT] = { "accept", "start", true },
	[SOCKET_CLOSE] = { "close", "end", true },
	[SOCKET_DATAGRAM] = { "datagram", "start", true },
	[SOCKET_FLOW] = { "flow", "end", true },
	[SOCKET_BIND] = { "bind", "info", false },
};

const char *socket_operation_name(enum socket_operation operation)
{
	return operations[operation].name;
}

const char *socket_operation_type(enum socket_operation operation)
{
	return operations[operation].type;
}

bool socket_operation_connection(enum socket_operation operation)
{
	return operations[operation].connection;
}

bool socket_address_v4(const struct socket_ends *ends, const __u8 *address)
{
	return ends->family == AF_INET || IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
}

void socket_address_text(const struct socket_ends *ends, const __u8 *address, char *ret,
                         size_t size)
{
	if (ends->family == AF_INET)
		inet_ntop(AF_INET, address, ret, size);
	else if (socket_address_v4(ends, address))
		inet_ntop(AF_INET, address + 12, ret, size);
	else
		inet_ntop(AF_INET6, address, ret, size);
}

/* "@name" of an abstract one, as /proc/net/unix has it; size: of ret. */
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

void ecs_end_open(struct jsonw *json, const char *key, const struct socket_ends *ends,
                  const __u8 *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	jsonw_object_open(json, key);
	socket_address_text(ends, address, text, sizeof(text));
	jsonw_string(json, "ip", text);
	jsonw_u64(json, "port", port);
}

/* One end of it; count: what came from there. */
static void end_object(struct format *f, const char *key, const struct event *ev,
                       const __u8 *address, uint16_t port, const struct socket_count *count)
{
	const struct socket_event *e = &ev->socket;

	if (event_unread(ev, FIELD_ADDRESSES)) {
		ecs_unread(f, key);
		return;
	}
	ecs_end_open(&f->json, key, &e->ends, address, port);
	if (e->operation == SOCKET_CLOSE || e->operation == SOCKET_FLOW)
		ecs_u64(f, "bytes", count->bytes, event_unread(ev, FIELD_NUMBERS));
	if (e->operation == SOCKET_FLOW)
		jsonw_u64(&f->json, "packets", count->packets);
	jsonw_object_close(&f->json);
}

/* It has no other end. */
static bool is_local(const struct socket_event *e)
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
	if (event_unread(ev, FIELD_ADDRESSES))
		ecs_unread(f, "type");
	else if (ends->family != AF_UNIX)
		jsonw_string(json, "type",
		             socket_address_v4(ends, is_local(e) ? ends->local : ends->remote)
		                     ? "ipv4"
		                     : "ipv6");
	if (!is_local(e))
		jsonw_string(json, "direction", e->outgoing ? "egress" : "ingress");
	jsonw_object_close(json);
}

static void ends(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const char *own = e->outgoing ? "source" : "destination";
	const char *other = e->outgoing ? "destination" : "source";
	const struct socket_ends *ends = &e->ends;

	end_object(f, is_local(e) ? "destination" : own, ev, ends->local, ends->local_port,
	           &e->sent);
	if (!is_local(e))
		end_object(f, other, ev, ends->remote, ends->remote_port, &e->received);
}

void ecs_socket(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	struct jsonw *json = &f->json;
	char name[UNIX_NAME_BYTES];
	size_t size = socket_unix_name(e, name, sizeof(name));
	const struct actor actor = ACTOR(e, e->uid);

	ecs_actor(f, ev, &actor);
	network_object(f, ev);
	if (e->ends.family == AF_UNIX && !event_unread(ev, FIELD_ADDRESSES)) {
		jsonw_object_open(json, "destination");
		ecs_bytes(f, "address", name, size, sizeof(name));
		jsonw_object_close(json);
	} else {
		ends(f, ev);
	}
	if (e->error && e->operation != SOCKET_CLOSE)
		ecs_error(json, e->error);
	ecs_sextant_open(f, ev);
	jsonw_object_open(json, "namespace");
	ecs_u64(f, "net", e->ends.netns, !e->ends.netns);
	jsonw_object_close(json);
	if (e->ends.bound_if)
		jsonw_u64(json, "bound_interface", e->ends.bound_if);
	ecs_sextant_close(f);
}
