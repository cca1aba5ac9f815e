/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that an event is held to after it was read: about the other end of a connection,
 * about containers, and those that are only tried. The kernel side knows nothing of them.
 */
#ifndef LOADER_RULES_EVENT_RULES_H
#define LOADER_RULES_EVENT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/stream/decode.h"
#include "probes/abi/maps.h"

#define EVENT_RULES_MAX      64
#define EVENT_RULE_TEXT      128 /* bytes of a rule as it was written, with NUL */
#define EVENT_RULE_NAME      65  /* of a process or container, with NUL */
#define EVENT_RULE_ADDRESSES 128 /* bits of an address; those of IPv4 are mapped into IPv6 */

enum event_rule_kind {
	EVENT_RULE_UID,  /* of these two those that are tried */
	EVENT_RULE_COMM, /* the others are the kernel side's */
	EVENT_RULE_NETWORK,
	EVENT_RULE_CONTAINER,
	EVENT_RULE_KINDS
};

struct event_rule {
	enum event_rule_kind kind;
	enum filter_verdict verdict;
	bool is_try; /* what it would leave out is reported, and counted */
	uint32_t uid;
	char name[EVENT_RULE_NAME]; /* of the process; the first characters of a container's id,
	                               "": of any */
	unsigned int bits;          /* of the address that count */
	uint8_t address[EVENT_RULE_ADDRESSES / 8];
	uint16_t port_first, port_last;
	char text[EVENT_RULE_TEXT];
};

struct event_rules {
	size_t count;
	struct event_rule list[EVENT_RULES_MAX];
};

struct event_subject {
	const struct event *event;
	bool knows_container;  /* else no rule about containers leaves the event out */
	const char *container; /* id of the one that the process is in */
	size_t container_size; /* 0: in none */
};

/*
 * False: a rule leaves the event out. hits, by the index of the rule: how many events it
 * has left out, or would have.
 */
bool event_rules_pass(const struct event_rules *rules, const struct event_subject *subject,
                      uint64_t *hits);

#endif
