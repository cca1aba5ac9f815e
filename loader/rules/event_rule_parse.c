/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/rules/event_rule_parse.h"

#define IPV4_BITS 32

static const char *const words[] = {
	[EVENT_RULE_UID] = "uid",         [EVENT_RULE_COMM] = "comm",
	[EVENT_RULE_CGROUP] = "cgroup",   [EVENT_RULE_CLASS] = "event",
	[EVENT_RULE_NETWORK] = "network", [EVENT_RULE_CONTAINER] = "container",
	[EVENT_RULE_EXE] = "exe",         [EVENT_RULE_TREE] = "tree"
};

/* word: of the kind; NULL: its own. */
static int add(struct ruleset *p, struct event_rule *rule, const char *word, const char *value)
{
	struct event_rules *rules = &p->filter->events;

	if (rules->count == EVENT_RULES_MAX)
		return ruleset_wrong(
			p, "too many rules about networks, containers or one output, or to try",
			"");
	rule->output = p->output;
	if (p->output)
		rules->outputs |= 1U << (p->output - 1);
	snprintf(rule->text, sizeof(rule->text), "%s%s%s%s%s %s %s", p->output ? "for " : "",
	         p->output ? p->output_name : "", p->output ? " " : "", rule->is_try ? "try " : "",
	         rule->verdict == FILTER_ALLOW ? "allow" : "deny", word ? word : words[rule->kind],
	         value);
	rules->list[rules->count++] = *rule;
	return 0;
}

/* ---- numbers ------------------------------------------------------------- */

/* False: not digits alone, or more than most. */
static bool number_parse(const char *text, size_t size, unsigned long most, unsigned long *ret)
{
	char digits[8] = "";

	if (!size || size >= sizeof(digits) || strspn(text, "0123456789") < size)
		return false;
	memcpy(digits, text, size);
	*ret = strtoul(digits, NULL, 10);
	return *ret <= most;
}

/* "443" or "8000-8100" */
static bool ports_parse(const char *text, struct event_rule *rule)
{
	size_t size = strcspn(text, "-");
	unsigned long first, last;

	if (!number_parse(text, size, UINT16_MAX, &first))
		return false;
	last = first;
	if (text[size] &&
	    !number_parse(text + size + 1, strlen(text + size + 1), UINT16_MAX, &last))
		return false;
	rule->port_first = first;
	rule->port_last = last;
	return first <= last;
}

/* ---- networks ------------------------------------------------------------ */

/* Bits of the address; 0: it is none. */
static unsigned int address_parse(const char *text, uint8_t *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, ret) == 1)
		return EVENT_RULE_ADDRESSES;
	memcpy(ret, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, ret + sizeof(mapped)) == 1 ? IPV4_BITS : 0;
}

/* A bit is set behind those that count: most likely a mistake. */
static bool has_more_bits(const struct event_rule *rule)
{
	unsigned int bit;

	for (bit = rule->bits; bit < EVENT_RULE_ADDRESSES; bit++)
		if (rule->address[bit / 8] & 0x80 >> bit % 8)
			return true;
	return false;
}

/* "10.0.0.0/8", "2001:db8::1" */
static bool cidr_parse(const char *text, size_t size, struct event_rule *rule)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strcspn(text, "/ \t");
	unsigned int most;
	unsigned long bits;

	if (length > size || length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	most = address_parse(address, rule->address);
	bits = most;
	if (!most ||
	    (length < size && !number_parse(text + length + 1, size - length - 1, most, &bits)))
		return false;
	rule->bits = EVENT_RULE_ADDRESSES - most + bits;
	return true;
}

int event_rule_network(struct ruleset *p, const char *value, enum filter_verdict verdict,
                       bool is_try)
{
	struct event_rule rule = { .kind = EVENT_RULE_NETWORK,
		                   .verdict = verdict,
		                   .is_try = is_try,
		                   .port_last = UINT16_MAX };
	size_t size = strcspn(value, " \t");
	const char *ports = value + size + strspn(value + size, " \t");

	if (!cidr_parse(value, size, &rule))
		return ruleset_wrong(p,
		                     "expected a network, as 10.0.0.0/8 or 2001:db8::/32: ", value);
	if (has_more_bits(&rule))
		return ruleset_wrong(p, "the address has bits beyond its prefix: ", value);
	if (*ports && !ports_parse(ports, &rule))
		return ruleset_wrong(p, "expected a port or FIRST-LAST: ", ports);
	return add(p, &rule, NULL, value);
}

int event_rule_port(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = { .kind = EVENT_RULE_NETWORK,
		                   .verdict = verdict,
		                   .is_try = is_try };

	if (!ports_parse(value, &rule))
		return ruleset_wrong(p, "expected a port or FIRST-LAST: ", value);
	return add(p, &rule, "port", value);
}

/* ---- the others ---------------------------------------------------------- */

/* Fewer characters could be those of another container as well. */
#define ID_LEAST 12
#define ID_MOST  64

int event_rule_container(struct ruleset *p, const char *value, enum filter_verdict verdict,
                         bool is_try)
{
	struct event_rule rule = { .kind = EVENT_RULE_CONTAINER,
		                   .verdict = verdict,
		                   .is_try = is_try };
	size_t size = strlen(value);

	if (!strcmp(value, "any"))
		return add(p, &rule, NULL, value);
	if (size < ID_LEAST || size > ID_MOST || strspn(value, "0123456789abcdef-") < size)
		return ruleset_wrong(
			p,
			"expected any, or the id of a container, of which 12 characters suffice: ",
			value);
	memcpy(rule.name, value, size);
	return add(p, &rule, NULL, value);
}

static int file_rule(struct ruleset *p, enum event_rule_kind kind, const char *value,
                     enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = { .kind = kind, .verdict = verdict, .is_try = is_try };

	if (*value != '/' || strlen(value) >= sizeof(rule.name))
		return ruleset_wrong(
			p, "expected the path of an executable, as /usr/bin/rsync: ", value);
	strcpy(rule.name, value);
	return add(p, &rule, NULL, value);
}

int event_rule_exe(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	return file_rule(p, EVENT_RULE_EXE, value, verdict, is_try);
}

int event_rule_tree(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	if (verdict == FILTER_ALLOW)
		return ruleset_wrong(p, "a tree can be denied alone: ", value);
	return file_rule(p, EVENT_RULE_TREE, value, verdict, is_try);
}

int event_rule_uid(struct ruleset *p, uint32_t uid, enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = {
		.kind = EVENT_RULE_UID, .verdict = verdict, .is_try = is_try, .uid = uid
	};
	char value[16];

	snprintf(value, sizeof(value), "%u", uid);
	return add(p, &rule, NULL, value);
}

int event_rule_comm(struct ruleset *p, const char *comm, enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = { .kind = EVENT_RULE_COMM, .verdict = verdict, .is_try = is_try };

	snprintf(rule.name, EVENTS_COMM_BYTES, "%s", comm);
	return add(p, &rule, NULL, comm);
}

int event_rule_cgroup(struct ruleset *p, const char *word, const char *value, const char *path,
                      enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = { .kind = EVENT_RULE_CGROUP,
		                   .verdict = verdict,
		                   .is_try = is_try };

	if (strlen(path) >= sizeof(rule.name))
		return ruleset_wrong(p, "the path of a cgroup is too long for this rule: ", path);
	strcpy(rule.name, path);
	return add(p, &rule, word, value);
}

int event_rule_class(struct ruleset *p, const char *value, uint32_t classes,
                     enum filter_verdict verdict, bool is_try)
{
	struct event_rule rule = {
		.kind = EVENT_RULE_CLASS, .verdict = verdict, .is_try = is_try, .classes = classes
	};

	return add(p, &rule, NULL, value);
}
