/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets and questions to DNS as records of audit. */
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "loader/event/actions.h"
#include "loader/audit/audit_call.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"
#include "loader/event/dns_question.h"
#include "loader/event/ends.h"
#include "loader/event/particulars.h"

/* ---- addresses ----------------------------------------------------------- */

/* SOCKADDR: the struct sockaddr that the caller passed, or got. */
static void sockaddr_put(struct audit *a, const void *address, size_t size)
{
	audit_record(a, "SOCKADDR");
	audit_word(a, "saddr", "");
	audit_bytes(a->out, address, size);
}

static void end_put(struct audit *a, const struct socket_ends *ends, const __u8 *address,
                    uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (ends->family == AF_INET) {
		memcpy(&in.sin_addr, address, sizeof(in.sin_addr));
		sockaddr_put(a, &in, sizeof(in));
	} else {
		memcpy(&in6.sin6_addr, address, sizeof(in6.sin6_addr));
		sockaddr_put(a, &in6, sizeof(in6));
	}
}

static void unix_put(struct audit *a, const struct socket_event *e)
{
	struct {
		sa_family_t family;
		char name[UNIX_NAME_BYTES];
	} address = { .family = AF_UNIX };
	size_t size = e->name_size < sizeof(address.name) ? e->name_size : sizeof(address.name);

	memcpy(address.name, e->name, size);
	if (size && address.name[0] && size < sizeof(address.name))
		size = strnlen(address.name, size) + 1; /* a path: with its NUL */
	sockaddr_put(a, &address, sizeof(address.family) + size);
}

static void address_put(struct audit *a, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const struct socket_ends *ends = &e->ends;

	if (event_unread(ev, FIELD_SOCKET_ADDRESSES))
		return;
	if (ends->family == AF_UNIX)
		unix_put(a, e);
	else if (socket_is_local(e))
		end_put(a, ends, ends->local, ends->local_port);
	else
		end_put(a, ends, ends->remote, ends->remote_port);
}

/* addr= comes first: ausearch --host looks for the first "addr=", and laddr= has that in it. */
static void own_ends(struct audit *a, const struct socket_ends *ends)
{
	char text[INET6_ADDRSTRLEN];

	socket_address_text(ends, ends->remote, text, sizeof(text));
	audit_word(a, "addr", text);
	audit_own_number(a, "port", ends->remote_port);
	socket_address_text(ends, ends->local, text, sizeof(text));
	audit_word(a, "laddr", text);
	audit_own_number(a, "lport", ends->local_port);
	audit_own_number(a, "proto", ends->protocol);
}

/* ---- sockets ------------------------------------------------------------- */

static void counts_put(struct audit *a, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	bool is_unread = event_unread(ev, FIELD_SOCKET_BYTES);

	audit_own_number_if(a, "sent", e->sent.bytes, is_unread);
	audit_own_number_if(a, "received", e->received.bytes, is_unread);
}

/* Both ends, of which SOCKADDR has one. */
static void ends_put(struct audit *a, const struct event *ev)
{
	if (!event_unread(ev, FIELD_SOCKET_ADDRESSES))
		own_ends(a, &ev->socket.ends);
	audit_own_word(a, "direction", ev->socket.outgoing ? "egress" : "ingress");
}

/* The end of a connection or a flow, which is that of no system call. */
static void end_event(struct audit *a, const struct event *ev, const struct audit_task *task)
{
	const struct socket_event *e = &ev->socket;

	audit_own_open(a, task, event_action(ev));
	audit_word(a, "hostname", "?"); /* ausearch looks at addr= behind it alone */
	ends_put(a, ev);
	counts_put(a, ev);
	audit_own_text(a, "comm", e->comm, strnlen(e->comm, EVENTS_COMM_BYTES));
	audit_own_close(a, false);
}

static struct audit_call call_of(const struct socket_event *e)
{
	struct audit_call call = { .number = CALL_CONNECT };

	switch ((enum socket_operation)e->operation) {
	case SOCKET_LISTEN:
		call.number = CALL_LISTEN;
		break;
	case SOCKET_BIND:
		call.number = CALL_BIND;
		break;
	case SOCKET_ACCEPT:
		call.number = CALL_ACCEPT4;
		call.outcome = AUDIT_SUCCESS;
		return call;
	case SOCKET_DATAGRAM:
		call.number = e->outgoing ? CALL_SENDTO : CALL_RECVFROM;
		call.outcome = AUDIT_SUCCESS;
		return call;
	default:
		break;
	}
	audit_call_ended(&call, e->error);
	return call;
}

void socket_audit(struct audit *a, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	struct audit_call call = call_of(e);
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	if (socket_is_end(e)) {
		end_event(a, ev, &task);
		return;
	}
	audit_syscall(a, ev, &task, &call);
	address_put(a, ev);
	if (!socket_is_local(e) && e->ends.family != AF_UNIX) {
		audit_more_open(a, event_action(ev));
		ends_put(a, ev);
	}
	audit_end(a, &task);
}

/* ---- DNS ----------------------------------------------------------------- */

static void question_put(struct audit *a, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	struct dns_question question;

	audit_more_open(a, "dns");
	own_ends(a, &e->ends);
	if (!event_unread(ev, FIELD_DNS_QUESTION) && dns_question_read(e, &question)) {
		audit_own_text(a, "name", question.name, question.name_size);
		audit_own_number(a, "qtype", question.type);
		audit_own_number(a, "qclass", question.class);
	} else {
		audit_word(a, "name", "(null)");
	}
}

void dns_audit(struct audit *a, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	struct audit_call call = { .number = CALL_SENDTO };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	audit_syscall(a, ev, &task, &call);
	end_put(a, &e->ends, e->ends.remote, e->ends.remote_port);
	question_put(a, ev);
	audit_end(a, &task);
}
