/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets as ECS JSON. */
#include <arpa/inet.h>
#include <string.h>

#include "ecs.h"

static const struct operation {
	const char *name, *type; /* ECS: event.action, event.type */
	bool connection;         /* also event.type */
} operations[SOCKET_OPERATIONS] = {
	[SOCKET_LISTEN] = { "listen", "info", false },
	[SOCKET_CONNECT] = { "connect", "start", true },
	[SOCKET_ACCEPT] = { "accept", "start", true },
	[SOCKET_CLOSE] = { "close", "end", true },
	[SOCKET_DATAGRAM] = { "datagram", "start", true },
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

bool socket_address_v4(const struct socket_event *e, const __u8 *address)
{
	return e->family == AF_INET || IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
}

void socket_address_text(const struct socket_event *e, const __u8 *address, char *ret, size_t size)
{
	if (e->family == AF_INET)
		inet_ntop(AF_INET, address, ret, size);
	else if (socket_address_v4(e, address))
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

/* One end of it; bytes: what came from there. */
static void end_object(struct format *f, const char *key, const struct socket_event *e,
                       const __u8 *address, uint16_t port, uint64_t bytes)
{
	char text[INET6_ADDRSTRLEN];

	jsonw_object_open(&f->json, key);
	socket_address_text(e, address, text, sizeof(text));
	jsonw_string(&f->json, "ip", text);
	jsonw_u64(&f->json, "port", port);
	if (e->operation == SOCKET_CLOSE)
		jsonw_u64(&f->json, "bytes", bytes);
	jsonw_object_close(&f->json);
}

static void network_object(struct jsonw *json, const struct socket_event *e)
{
	jsonw_object_open(json, "network");
	jsonw_string(json, "transport",
	             e->family == AF_UNIX         ? "unix"
	             : e->protocol == IPPROTO_TCP ? "tcp"
	                                          : "udp");
	if (e->family != AF_UNIX)
		jsonw_string(
			json, "type",
			socket_address_v4(e, e->operation == SOCKET_LISTEN ? e->local : e->remote)
				? "ipv4"
				: "ipv6");
	if (e->operation != SOCKET_LISTEN)
		jsonw_string(json, "direction", e->outgoing ? "egress" : "ingress");
	jsonw_object_close(json);
}

static void ends(struct format *f, const struct socket_event *e)
{
	if (e->operation == SOCKET_LISTEN) {
		end_object(f, "destination", e, e->local, e->local_port, 0);
	} else if (e->outgoing) {
		end_object(f, "source", e, e->local, e->local_port, e->sent);
		end_object(f, "destination", e, e->remote, e->remote_port, e->received);
	} else {
		end_object(f, "source", e, e->remote, e->remote_port, e->received);
		end_object(f, "destination", e, e->local, e->local_port, e->sent);
	}
}

void ecs_socket(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	struct jsonw *json = &f->json;
	char name[UNIX_NAME_BYTES];
	size_t size = socket_unix_name(e, name, sizeof(name));
	const struct ecs_text texts[] = {
		ecs_comm_text("process.name", e->comm),
		ecs_comm_text("process.parent.name", e->parent.comm),
		{ "destination.address", name, size },
	};

	ecs_actor(f, ev, e->comm, &e->process, &e->parent, e->uid);
	network_object(json, e);
	if (e->family == AF_UNIX) {
		jsonw_object_open(json, "destination");
		jsonw_bytes(json, "address", name, size);
		jsonw_object_close(json);
	} else if (!event_unread(ev, FIELD_ADDRESSES)) {
		ends(f, e);
	}
	if (e->operation == SOCKET_CONNECT && e->error)
		ecs_error(json, e->error);
	ecs_sextant_open(f, ev);
	jsonw_object_open(json, "namespace");
	jsonw_u64(json, "net", e->netns);
	jsonw_object_close(json);
	if (e->bound_if)
		jsonw_u64(json, "bound_interface", e->bound_if);
	ecs_sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}
