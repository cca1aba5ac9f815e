/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: Network Activity. Questions to DNS: DNS Activity. */
#include <errno.h>
#include <netinet/in.h>

#include "loader/event/ends.h"
#include "loader/ocsf/ocsf.h"
#include "loader/event/particulars.h"
#include "loader/ocsf/ocsf_writers.h"

/* ---- ends ---------------------------------------------------------------- */

/* One of them; address NULL: it could not be read. */
static void end_write(struct format *f, const char *key, const struct socket_ends *ends,
                      const __u8 *address, uint16_t port)
{
	if (address) {
		ecs_end_open(&f->json, key, ends, address, port);
	} else {
		jsonw_object_open(&f->json, key);
		jsonw_string(&f->json, "name", "");
		ecs_unread(f, "ip");
		ecs_unread(f, "port");
	}
	jsonw_object_close(&f->json);
}

/* From who began it to the other side. */
static void both_write(struct format *f, const struct socket_ends *ends, bool outgoing, bool unread)
{
	const __u8 *local = unread ? NULL : ends->local, *remote = unread ? NULL : ends->remote;

	end_write(f, outgoing ? "src_endpoint" : "dst_endpoint", ends, local, ends->local_port);
	end_write(f, outgoing ? "dst_endpoint" : "src_endpoint", ends, remote, ends->remote_port);
}

/* What is written of a connection or datagram; address: that tells the version of IP, or NULL. */
static void protocol_write(struct format *f, const struct socket_ends *ends, unsigned int protocol,
                           const __u8 *address)
{
	struct jsonw *json = &f->json;

	if (ends->family == AF_UNIX) {
		jsonw_string(json, "protocol_name", "unix");
		return;
	}
	jsonw_u64(json, "protocol_num", protocol);
	if (protocol == IPPROTO_TCP)
		jsonw_string(json, "protocol_name", "tcp");
	if (protocol == IPPROTO_UDP)
		jsonw_string(json, "protocol_name", "udp");
	if (address)
		jsonw_u64(json, "protocol_ver_id", socket_address_v4(ends, address) ? 4 : 6);
	else
		ecs_unread(f, "protocol_ver_id");
}

/* ---- sockets ------------------------------------------------------------- */

static void direction_write(struct jsonw *json, const struct socket_event *e)
{
	if (socket_is_local(e))
		ocsf_enum(json, "direction_id", OCSF_UNKNOWN, "direction", "Unknown");
	else if (e->outgoing)
		ocsf_enum(json, "direction_id", 2, "direction", "Outbound");
	else
		ocsf_enum(json, "direction_id", 1, "direction", "Inbound");
}

static void connection_write(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const struct socket_ends *ends = &e->ends;
	bool unread = event_unread(ev, FIELD_SOCKET_ADDRESSES);

	jsonw_object_open(&f->json, "connection_info");
	direction_write(&f->json, e);
	protocol_write(f, ends, ends->protocol,
	               unread               ? NULL
	               : socket_is_local(e) ? ends->local
	                                    : ends->remote);
	if (!socket_is_local(e) && ends->family != AF_UNIX && !unread)
		ecs_community_id(f, "community_uid", ends);
	jsonw_object_close(&f->json);
}

static void endpoints_write(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	bool unread = event_unread(ev, FIELD_SOCKET_ADDRESSES);
	bool is_known = !socket_is_local(e) && e->ends.family != AF_UNIX;

	jsonw_bool(&f->json, "is_src_dst_assignment_known", is_known);
	if (is_known)
		both_write(f, &e->ends, e->outgoing, unread);
	else
		end_write(f, "dst_endpoint", &e->ends, unread ? NULL : e->ends.local,
		          e->ends.local_port);
}

/* name: of a Unix socket. */
static void unix_write(struct format *f, const char *name, size_t size)
{
	jsonw_bool(&f->json, "is_src_dst_assignment_known", true);
	jsonw_object_open(&f->json, "dst_endpoint");
	ecs_bytes(f, "name", name, size, UNIX_NAME_BYTES);
	jsonw_object_close(&f->json);
}

/* Out is from who began it to the other side. */
static void traffic_write(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const struct socket_count *out = e->outgoing ? &e->sent : &e->received;
	const struct socket_count *in = e->outgoing ? &e->received : &e->sent;
	bool unread = event_unread(ev, FIELD_SOCKET_BYTES);

	jsonw_object_open(&f->json, "traffic");
	ecs_u64(f, "bytes_out", out->bytes, unread);
	ecs_u64(f, "bytes_in", in->bytes, unread);
	if (e->operation == SOCKET_FLOW) {
		jsonw_u64(&f->json, "packets_out", out->packets);
		jsonw_u64(&f->json, "packets_in", in->packets);
	}
	jsonw_object_close(&f->json);
}

static struct ocsf_activity connect_activity(int error)
{
	if (!error)
		return (struct ocsf_activity){ OCSF_NETWORK, 1, "Open", OCSF_SUCCESS, 0 };
	if (error == ECONNREFUSED)
		return (struct ocsf_activity){ OCSF_NETWORK, 5, "Refuse", OCSF_FAILURE, error };
	return (struct ocsf_activity){ OCSF_NETWORK, 4, "Fail", OCSF_FAILURE, error };
}

static struct ocsf_activity activity_of(const struct socket_event *e)
{
	switch ((enum socket_operation)e->operation) {
	case SOCKET_CONNECT:
	case SOCKET_ACCEPT:
		return connect_activity(e->error);
	case SOCKET_CLOSE:
		return (struct ocsf_activity){ OCSF_NETWORK, 2, "Close", OCSF_SUCCESS, 0 };
	case SOCKET_DATAGRAM:
	case SOCKET_FLOW:
		return (struct ocsf_activity){ OCSF_NETWORK, 6, "Traffic", OCSF_SUCCESS, 0 };
	case SOCKET_LISTEN:
		return (struct ocsf_activity){ OCSF_NETWORK, 7, "Listen", OCSF_SUCCESS, 0 };
	default:
		return (struct ocsf_activity){ OCSF_NETWORK, OCSF_OTHER, "bind",
			                       e->error ? OCSF_FAILURE : OCSF_SUCCESS, e->error };
	}
}

static void duration_rest(struct format *f, const struct event *ev)
{
	if (!socket_is_end(&ev->socket))
		return;
	jsonw_object_open(&f->json, "event");
	jsonw_u64(&f->json, "duration", ev->header.time_ns - ev->socket.start_ns);
	jsonw_object_close(&f->json);
}

void socket_ocsf(struct format *f, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	const struct actor actor = ACTOR(e, e->uid);
	const struct ocsf_activity activity = activity_of(e);
	char name[UNIX_NAME_BYTES];
	size_t size = socket_unix_name(e, name, sizeof(name));

	ocsf_head(f, ev, &activity);
	if (socket_is_end(e))
		jsonw_u64(&f->json, "duration", (ev->header.time_ns - e->start_ns) / 1000000);
	ocsf_actor(f, ev, &actor);
	connection_write(f, ev);
	if (e->ends.family == AF_UNIX && !event_unread(ev, FIELD_SOCKET_ADDRESSES))
		unix_write(f, name, size);
	else
		endpoints_write(f, ev);
	if (socket_is_end(e) && e->ends.family != AF_UNIX)
		traffic_write(f, ev);
	ocsf_actor_rest(f, ev, &actor);
	duration_rest(f, ev);
	socket_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- DNS ----------------------------------------------------------------- */

static void query_write(struct format *f, const struct event *ev, const struct dns_question *q)
{
	uint16_t id;

	if (event_unread(ev, FIELD_DNS_QUESTION))
		ecs_unread(f, "query");
	if (event_unread(ev, FIELD_DNS_QUESTION) || !q)
		return;
	jsonw_object_open(&f->json, "query");
	ecs_bytes(f, "hostname", q->name, q->name_size, sizeof(q->name));
	dns_kind(&f->json, q);
	if (dns_id_read(&ev->dns, &id))
		jsonw_u64(&f->json, "packet_uid", id);
	jsonw_object_close(&f->json);
}

/* A message without a question: OCSF has no query without a name. */
static void message_rest(struct format *f, const struct event *ev, const struct dns_question *q)
{
	uint16_t id;

	if (event_unread(ev, FIELD_DNS_QUESTION) || q)
		return;
	jsonw_object_open(&f->json, "dns");
	if (dns_id_read(&ev->dns, &id))
		ecs_id_text(f, "id", id, false);
	jsonw_string(&f->json, "question", NULL);
	jsonw_object_close(&f->json);
}

void dns_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity query = { OCSF_DNS, 1, "Query", OCSF_SUCCESS, 0 };
	const struct dns_event *e = &ev->dns;
	const struct actor actor = ACTOR(e, e->uid);
	struct dns_question question;
	const struct dns_question *q = dns_question_read(e, &question);

	ocsf_head(f, ev, &query);
	ocsf_actor(f, ev, &actor);
	jsonw_object_open(&f->json, "connection_info");
	ocsf_enum(&f->json, "direction_id", 2, "direction", "Outbound");
	protocol_write(f, &e->ends, IPPROTO_UDP, e->ends.remote);
	ecs_community_id(f, "community_uid", &e->ends);
	jsonw_object_close(&f->json);
	both_write(f, &e->ends, true, false);
	query_write(f, ev, q);
	ocsf_actor_rest(f, ev, &actor);
	message_rest(f, ev, q);
	dns_unmapped(f, ev);
	ecs_sextant_close(f);
}
