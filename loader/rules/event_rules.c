/* SPDX-License-Identifier: BSD-2-Clause */
#include <netinet/in.h>
#include <string.h>

#include "loader/rules/event_rules.h"

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	uint8_t mask = 0xff << (8 - bits % 8);

	return !memcmp(a, b, bits / 8) && (!(bits % 8) || !((a[bits / 8] ^ b[bits / 8]) & mask));
}

/* NULL: the event has no other end, or it could not be read. */
static const struct socket_ends *ends_of(const struct event *ev)
{
	const struct socket_event *s = &ev->socket;

	if (ev->header.type == EVENT_DNS)
		return &ev->dns.ends;
	if (ev->header.type != EVENT_SOCKET || s->operation == SOCKET_LISTEN ||
	    s->operation == SOCKET_BIND || s->ends.family == AF_UNIX ||
	    event_unread(ev, FIELD_SOCKET_ADDRESSES))
		return NULL;
	return &s->ends;
}

static bool network_matches(const struct event_rule *rule, const struct socket_ends *ends)
{
	struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (ends->family == AF_INET)
		memcpy(&address.s6_addr[12], ends->remote, sizeof(struct in_addr));
	else
		memcpy(&address, ends->remote, sizeof(address));
	return ends->remote_port >= rule->port_first && ends->remote_port <= rule->port_last &&
	       bits_equal(rule->address, address.s6_addr, rule->bits);
}

static bool container_matches(const struct event_rule *rule, const struct event_subject *s)
{
	size_t size = strlen(rule->name);

	return s->knows_container && s->container_size && s->container_size >= size &&
	       !memcmp(rule->name, s->container, size);
}

/* The cgroup itself, or one below it. */
static bool cgroup_matches(const struct event_rule *rule, const struct event_subject *s)
{
	size_t size = strlen(rule->name), i;

	for (i = 0; i < sizeof(s->cgroups) / sizeof(s->cgroups[0]); i++) {
		const struct event_cgroup *c = &s->cgroups[i];

		if (c->path && c->size >= size && !memcmp(c->path, rule->name, size) &&
		    (c->size == size || c->path[size] == '/'))
			return true;
	}
	return false;
}

static bool file_matches(const struct event_rule *rule, uint64_t inode, uint32_t device)
{
	return inode && rule->inode == inode && rule->device == device;
}

bool event_rules_name_files(const struct event_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		if (event_rule_names_file(&rules->list[i]))
			return true;
	return false;
}

uint64_t event_rules_marks(const struct event_rules *rules, const struct event *exec)
{
	const struct exec_event *e = &exec->exec;
	uint64_t marks = 0;
	size_t i;

	if (e->cred.uid ||
	    exec->header.unread & (1U << FIELD_EXEC_CRED | 1U << FIELD_EXEC_EXE_NUMBERS))
		return 0;
	for (i = 0; i < rules->count; i++)
		if (rules->list[i].kind == EVENT_RULE_TREE &&
		    file_matches(&rules->list[i], e->inode, e->device))
			marks |= 1ULL << i;
	return marks;
}

static bool matches(const struct event_rules *rules, size_t i, const struct event_subject *s)
{
	const struct event_rule *rule = &rules->list[i];
	const struct socket_ends *ends;

	switch (rule->kind) {
	case EVENT_RULE_UID:
		return event_uid(s->event) == rule->uid;
	case EVENT_RULE_COMM:
		return !strncmp(event_comm(s->event), rule->name, EVENTS_COMM_BYTES);
	case EVENT_RULE_CGROUP:
		return cgroup_matches(rule, s);
	case EVENT_RULE_CLASS:
		return rule->classes & 1U << s->event->header.type;
	case EVENT_RULE_NETWORK:
		ends = ends_of(s->event);
		return ends && network_matches(rule, ends);
	case EVENT_RULE_CONTAINER:
		return container_matches(rule, s);
	case EVENT_RULE_EXE:
		return file_matches(rule, s->exe_inode, s->exe_device);
	case EVENT_RULE_TREE:
		return s->marks & 1ULL << i;
	default:
		return false;
	}
}

/* What rules of that kind are about is known of the event. */
static bool knows(const struct event_subject *s, enum event_rule_kind kind)
{
	const struct event *ev = s->event;

	switch (kind) {
	case EVENT_RULE_UID:
		return !(ev->header.type == EVENT_EXEC && event_unread(ev, FIELD_EXEC_CRED));
	case EVENT_RULE_CGROUP:
		return s->cgroups[0].path || s->cgroups[1].path;
	case EVENT_RULE_NETWORK:
		return ends_of(ev);
	case EVENT_RULE_CONTAINER:
		return s->knows_container;
	case EVENT_RULE_EXE:
		return s->exe_inode;
	default:
		return true;
	}
}

/* Rules of that kind and output allow something, and nothing that this event is. */
static bool is_excluded(const struct event_rules *rules, const struct event_subject *s,
                        enum event_rule_kind kind, unsigned int output)
{
	bool allows = false;
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct event_rule *rule = &rules->list[i];

		if (rule->kind != kind || rule->verdict != FILTER_ALLOW || rule->output != output)
			continue;
		if (matches(rules, i, s))
			return false;
		allows = true;
	}
	return allows && knows(s, kind);
}

/* Counts those of the output that deny the event. True: there is one. */
static bool is_denied(const struct event_rules *rules, const struct event_subject *s, bool is_try,
                      unsigned int output, uint64_t *hits)
{
	bool found = false;
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct event_rule *rule = &rules->list[i];

		if (rule->verdict != FILTER_DENY || rule->is_try != is_try ||
		    rule->output != output || !matches(rules, i, s))
			continue;
		hits[i]++;
		found = true;
	}
	return found;
}

/* output: 0, or 1 and the index of one: the rules of that. */
static bool passes(const struct event_rules *rules, const struct event_subject *s,
                   unsigned int output, uint64_t *hits)
{
	unsigned int kind;

	if (is_denied(rules, s, false, output, hits))
		return false;
	for (kind = 0; kind < EVENT_RULE_KINDS; kind++)
		if (is_excluded(rules, s, kind, output))
			return false;
	is_denied(rules, s, true, output, hits);
	return true;
}

uint32_t event_rules_outputs(const struct event_rules *rules, const struct event_subject *s,
                             uint64_t *hits)
{
	uint32_t ret = rules->count && !passes(rules, s, 0, hits) ? 0 : UINT32_MAX;
	uint32_t left = ret & rules->outputs;
	unsigned int i;

	for (i = 0; left; i++, left >>= 1)
		if (left & 1 && !passes(rules, s, i + 1, hits))
			ret &= ~(1U << i);
	return ret;
}
