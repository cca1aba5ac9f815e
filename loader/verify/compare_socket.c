/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets and DNS. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "loader/stream/fields.h"
#include "loader/verify/comparison.h"

/* ---- ends ------------------------------------------------------------- */

static uint64_t v4(const void *address)
{
	uint32_t value;

	memcpy(&value, address, sizeof(value));
	return ntohl(value);
}

/* local, remote: of the process of the event. */
static void compare_ends(const struct comparison *c, const struct event *ev,
                         const struct socket_ends *seen, unsigned int field,
                         const struct sockaddr_in *local, const struct sockaddr_in *remote)
{
	const struct pair pairs[] = {
		{ "the local port", seen->local_port, ntohs(local->sin_port) },
		{ "the remote port", seen->remote_port, ntohs(remote->sin_port) },
		{ "the local address", v4(seen->local), v4(&local->sin_addr) },
		{ "the remote address", v4(seen->remote), v4(&remote->sin_addr) },
		{ "the address family", seen->family, AF_INET },
	};

	COMPARE_NUMBERS(c, ev, field, pairs);
}

static void compare_ends6(const struct comparison *c, const struct event *ev)
{
	const struct socket_ends *seen = &ev->socket.ends;
	const struct socket_actions *a = &c->actions->sockets;
	const struct pair pairs[] = {
		{ "the local port", seen->local_port, ntohs(a->local6.sin6_port) },
		{ "the remote port", seen->remote_port, ntohs(a->remote6.sin6_port) },
	};

	COMPARE_NUMBERS(c, ev, FIELD_SOCKET_ADDRESSES, pairs);
	differences_bytes(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "source.ip",
	                  (const char *)seen->local, 16, (const char *)&a->local6.sin6_addr, 16);
	differences_bytes(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "destination.ip",
	                  (const char *)seen->remote, 16, (const char *)&a->remote6.sin6_addr, 16);
}

/* ---- each ------------------------------------------------------------- */

static void compare_bytes(const struct comparison *c, const struct event *ev, uint64_t received,
                          uint64_t sent)
{
	const struct pair pairs[] = {
		{ "bytes received", ev->socket.received.bytes, received },
		{ "bytes sent", ev->socket.sent.bytes, sent },
	};

	if (!(fields_unknown(c->layout, ev) & (1U << FIELD_SOCKET_BYTES)))
		COMPARE_NUMBERS(c, ev, FIELD_SOCKET_BYTES, pairs);
}

static void compare_name(const struct comparison *c, const struct event *ev)
{
	const char *name = c->actions->sockets.name;
	size_t size = ev->socket.name_size;

	if (size > sizeof(ev->socket.name))
		size = sizeof(ev->socket.name);
	differences_bytes(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES,
	                  "destination.address", ev->socket.name + 1, size ? size - 1 : 0, name,
	                  strlen(name));
}

static void compare_netns(const struct comparison *c, const struct event *ev)
{
	const struct pair pairs[] = { { "sextant.namespace.net", ev->socket.ends.netns,
		                        c->child->own.net_ns } };

	if (c->child->own.net_ns)
		COMPARE_NUMBERS(c, ev, FIELD_SOCKET_NETNS, pairs);
}

static void compare_error(const struct comparison *c, const struct event *ev, int truth)
{
	const struct pair pairs[] = { { "error.code", ev->socket.error, truth } };

	COMPARE_NUMBERS(c, ev, FIELD_SOCKET_ADDRESSES, pairs);
}

static void compare_interface(const struct comparison *c, const struct event *ev)
{
	const struct pair pairs[] = { { "sextant.bound_interface", ev->socket.ends.bound_if,
		                        c->actions->sockets.interface } };

	if (c->layout->facts[LAYOUT_SOCK_BOUND_DEV].offset != LAYOUT_ABSENT)
		COMPARE_NUMBERS(c, ev, FIELD_SOCKET_ADDRESSES, pairs);
}

static void compare_one(const struct comparison *c, const struct event *ev,
                        enum socket_action action)
{
	const struct socket_actions *a = &c->actions->sockets;
	const struct socket_ends *ends = &ev->socket.ends;

	switch (action) {
	case SOCKETS_CLOSE:
		compare_bytes(c, ev, SOCKET_BYTES_RECEIVED, SOCKET_BYTES_SENT);
		/* fall through */
	case SOCKETS_CONNECT:
		compare_interface(c, ev);
		compare_ends(c, ev, ends, FIELD_SOCKET_ADDRESSES, &a->local, &a->remote);
		compare_error(c, ev, 0);
		break;
	case SOCKETS_CLOSED:
		compare_bytes(c, ev, SOCKET_BYTES_SENT, SOCKET_BYTES_RECEIVED);
		/* fall through */
	case SOCKETS_ACCEPT:
		compare_ends(c, ev, ends, FIELD_SOCKET_ADDRESSES, &a->remote, &a->local);
		break;
	case SOCKETS_CONNECT6:
		compare_ends6(c, ev);
		break;
	case SOCKETS_REFUSED:
		compare_error(c, ev, ECONNREFUSED);
		break;
	case SOCKETS_SEND:
		compare_ends(c, ev, ends, FIELD_SOCKET_ADDRESSES, &a->sender, &a->receiver);
		break;
	case SOCKETS_RECEIVE:
		compare_ends(c, ev, ends, FIELD_SOCKET_ADDRESSES, &a->receiver, &a->sender);
		break;
	case SOCKETS_UNIX:
		compare_name(c, ev);
		break;
	case SOCKET_ACTIONS_COUNT:
		break;
	}
}

void compare_socket(const struct comparison *c)
{
	unsigned int action, done = c->actions->sockets.done & c->sample->sockets_seen;

	for (action = 0; action < SOCKET_ACTIONS_COUNT; action++) {
		const struct event *ev = &c->sample->sockets[action];

		if (!(done & (1U << action)) || !can_compare(c, ev, FIELD_SOCKET_ADDRESSES))
			continue;
		compare_actor(c, ev, &c->child->own, &ev->socket.parent, NULL);
		compare_netns(c, ev);
		compare_one(c, ev, action);
	}
}

/* A socket that asks itself. */
void compare_dns(const struct comparison *c)
{
	const struct event *ev = &c->sample->dns;
	const struct sockaddr_in *self = &c->actions->sockets.resolver;

	compare_actor(c, ev, &c->child->own, &ev->dns.parent, NULL);
	compare_ends(c, ev, &ev->dns.ends, FIELD_START, self, self);
	if (can_compare(c, ev, FIELD_DNS_QUESTION))
		differences_bytes(c->differences, EVENT_DNS, FIELD_DNS_QUESTION,
		                  "dns.question.name", (const char *)ev->dns.message, ev->dns.size,
		                  socket_actions_question, SOCKET_QUESTION_BYTES);
}
