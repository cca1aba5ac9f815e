/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to DNS. */
#include "loader/event/dns_question.h"
#include "loader/event/ecs.h"
#include "loader/event/ends.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

/* Those that are asked for; others as RFC 3597, 5 has them. */
static void type_member(struct jsonw *json, uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} all[] = {
		{ 1, "A" },      { 2, "NS" },    { 5, "CNAME" },  { 6, "SOA" },    { 12, "PTR" },
		{ 13, "HINFO" }, { 15, "MX" },   { 16, "TXT" },   { 28, "AAAA" },  { 33, "SRV" },
		{ 35, "NAPTR" }, { 43, "DS" },   { 44, "SSHFP" }, { 46, "RRSIG" }, { 48, "DNSKEY" },
		{ 52, "TLSA" },  { 64, "SVCB" }, { 65, "HTTPS" }, { 99, "SPF" },   { 251, "IXFR" },
		{ 252, "AXFR" }, { 255, "ANY" }, { 257, "CAA" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].type == type) {
			jsonw_string(json, "type", all[i].name);
			return;
		}
	ecs_number(json, "type", "TYPE%u", type);
}

void dns_kind(struct jsonw *json, const struct dns_question *q)
{
	type_member(json, q->type);
	if (q->class == 1)
		jsonw_string(json, "class", "IN");
	else
		ecs_number(json, "class", "CLASS%u", q->class);
}

static void dns_object(struct format *f, const struct event *ev, const struct dns_question *q)
{
	const struct dns_event *e = &ev->dns;
	struct jsonw *json = &f->json;
	uint16_t id;

	jsonw_object_open(json, "dns");
	jsonw_string(json, "type", "query");
	if (event_unread(ev, FIELD_DNS_QUESTION)) {
		ecs_unread(f, "id");
		ecs_unread(f, "question");
		jsonw_object_close(json);
		return;
	}
	if (dns_id_read(e, &id))
		ecs_number(json, "id", "%u", id);
	if (q) {
		jsonw_object_open(json, "question");
		ecs_bytes(f, "name", q->name, q->name_size, sizeof(q->name));
		dns_kind(json, q);
		jsonw_object_close(json);
	} else {
		jsonw_string(json, "question", NULL);
	}
	jsonw_object_close(json);
}

void dns_unmapped(struct format *f, const struct event *ev)
{
	ecs_net_namespace(f, &ev->dns.ends, event_unread(ev, FIELD_DNS_NETNS));
}

void dns_json(struct format *f, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	const struct socket_ends *ends = &e->ends;
	struct jsonw *json = &f->json;
	struct dns_question question;
	const struct dns_question *q = dns_question_read(e, &question);
	const struct actor actor = ACTOR(e, e->uid);

	ecs_head(f, ev);
	ecs_actor(f, ev, &actor);
	jsonw_object_open(json, "network");
	jsonw_string(json, "transport", "udp");
	jsonw_string(json, "type", socket_address_v4(ends, ends->remote) ? "ipv4" : "ipv6");
	jsonw_string(json, "protocol", "dns");
	jsonw_string(json, "direction", "egress");
	ecs_community_id(f, "community_id", ends);
	jsonw_object_close(json);
	ecs_end_open(json, "source", ends, ends->local, ends->local_port);
	jsonw_object_close(json);
	ecs_end_open(json, "destination", ends, ends->remote, ends->remote_port);
	jsonw_object_close(json);
	dns_object(f, ev, q);
	ecs_sextant_open(f, ev);
	dns_unmapped(f, ev);
	ecs_sextant_close(f);
}

void dns_text(struct jsonw *out, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	struct dns_question question;
	char server[64];

	socket_address_text(&e->ends, e->ends.remote, server, sizeof(server));
	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	jsonw_printf(out, " uid %u to %s", e->uid, server);
	if (event_unread(ev, FIELD_DNS_QUESTION)) {
		jsonw_printf(out, " type ? ?");
	} else if (dns_question_read(e, &question)) {
		jsonw_printf(out, " type %u ", question.type);
		words_word(out, question.name, question.name_size);
	}
}
