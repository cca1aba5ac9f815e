/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to DNS as ECS JSON. The message is the caller's: nothing in it is believed. */

#include "loader/event/ecs.h"

/* RFC 1035, 4.1 */
#define HEADER_SIZE      12
#define ID_OFFSET        0
#define QUESTIONS_OFFSET 4
#define LABEL_MAX        63

static uint16_t word_at(const struct dns_event *e, size_t at)
{
	return e->message[at] << 8 | e->message[at + 1];
}

/* Bytes of the message that are there. */
static size_t message_size(const struct dns_event *e)
{
	return e->size < sizeof(e->message) ? e->size : sizeof(e->message);
}

static void label_add(struct dns_question *q, const __u8 *label, size_t size)
{
	size_t i;

	if (q->name_size)
		q->name[q->name_size++] = '.';
	for (i = 0; i < size; i++) {
		if (label[i] == '.' || label[i] == '\\')
			q->name[q->name_size++] = '\\';
		q->name[q->name_size++] = label[i];
	}
}

/* A name of no more than 255 bytes doubles at most. In a question none is compressed. */
static bool question_read(const struct dns_event *e, struct dns_question *ret)
{
	size_t at = HEADER_SIZE, end = message_size(e);

	ret->name_size = 0;
	if (end < HEADER_SIZE || !word_at(e, QUESTIONS_OFFSET))
		return false;
	while (at < end && e->message[at]) {
		size_t size = e->message[at++];

		if (size > LABEL_MAX || size > end - at || at + size > HEADER_SIZE + 255)
			return false;
		label_add(ret, e->message + at, size);
		at += size;
	}
	if (at + 5 > end)
		return false;
	ret->type = word_at(e, at + 1);
	ret->class = word_at(e, at + 3);
	return true;
}

const struct dns_question *dns_question_read(const struct dns_event *e, struct dns_question *ret)
{
	if (question_read(e, ret))
		return ret;
	ret->name_size = 0;
	return NULL;
}

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

static void dns_object(struct format *f, const struct event *ev, const struct dns_question *q)
{
	const struct dns_event *e = &ev->dns;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "dns");
	jsonw_string(json, "type", "query");
	if (event_unread(ev, FIELD_QUESTION)) {
		ecs_unread(f, "id");
		ecs_unread(f, "question");
		jsonw_object_close(json);
		return;
	}
	if (message_size(e) >= HEADER_SIZE)
		ecs_number(json, "id", "%u", word_at(e, ID_OFFSET));
	if (q) {
		jsonw_object_open(json, "question");
		ecs_bytes(f, "name", q->name, q->name_size, sizeof(q->name));
		type_member(json, q->type);
		if (q->class == 1)
			jsonw_string(json, "class", "IN");
		else
			ecs_number(json, "class", "CLASS%u", q->class);
		jsonw_object_close(json);
	} else {
		jsonw_string(json, "question", NULL);
	}
	jsonw_object_close(json);
}

void ecs_dns(struct format *f, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	const struct socket_ends *ends = &e->ends;
	struct jsonw *json = &f->json;
	struct dns_question question;
	const struct dns_question *q = dns_question_read(e, &question);
	const struct actor actor = ACTOR(e, e->uid);

	ecs_actor(f, ev, &actor);
	jsonw_object_open(json, "network");
	jsonw_string(json, "transport", "udp");
	jsonw_string(json, "type", socket_address_v4(ends, ends->remote) ? "ipv4" : "ipv6");
	jsonw_string(json, "protocol", "dns");
	jsonw_string(json, "direction", "egress");
	jsonw_object_close(json);
	ecs_end_open(json, "source", ends, ends->local, ends->local_port);
	jsonw_object_close(json);
	ecs_end_open(json, "destination", ends, ends->remote, ends->remote_port);
	jsonw_object_close(json);
	dns_object(f, ev, q);
	ecs_sextant_open(f, ev);
	jsonw_object_open(json, "namespace");
	ecs_u64(f, "net", ends->netns, !ends->netns);
	jsonw_object_close(json);
	ecs_sextant_close(f);
}
