/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that an event is held to after it was read: about the other end of a connection,
 * about containers, those of one output, and those that are only tried. The kernel side
 * knows nothing of them.
 */
#ifndef LOADER_RULES_EVENT_RULES_H
#define LOADER_RULES_EVENT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/stream/decode.h"
#include "probes/abi/maps.h"

#define EVENT_RULES_MAX      64
#define EVENT_RULE_TEXT      288 /* bytes of a rule as it was written, with NUL */
#define EVENT_RULE_NAME      256 /* of a process, container or file, with NUL */
#define EVENT_RULE_ADDRESSES 128 /* bits of an address; those of IPv4 are mapped into IPv6 */

enum event_rule_kind {
	EVENT_RULE_UID, /* of these four those of one output or to try; others are the kernel's */
	EVENT_RULE_COMM,
	EVENT_RULE_CGROUP,
	EVENT_RULE_CLASS,
	EVENT_RULE_NETWORK,
	EVENT_RULE_CONTAINER,
	EVENT_RULE_EXE,  /* the file that the process runs */
	EVENT_RULE_TREE, /* the same if root has executed it, and all that came of that */
	EVENT_RULE_KINDS
};

struct event_rule {
	enum event_rule_kind kind;
	enum filter_verdict verdict;
	bool is_try;    /* what it would leave out is reported, and counted */
	uint8_t output; /* of which alone it is: 1 and its index; 0: of all */
	uint32_t uid;
	uint32_t classes;           /* 1 << enum event_type */
	char name[EVENT_RULE_NAME]; /* of the process; the first characters of a container's id,
	                               "": of any; path of the file, or of the cgroup */
	uint64_t inode;             /* of the file; 0: it is not there */
	uint32_t device;            /* major << 20 | minor */
	unsigned int bits;          /* of the address that count */
	uint8_t address[EVENT_RULE_ADDRESSES / 8];
	uint16_t port_first, port_last;
	char text[EVENT_RULE_TEXT];
};

struct event_rules {
	size_t count;
	uint32_t outputs; /* that have rules of their own: 1 << their index */
	struct event_rule list[EVENT_RULES_MAX];
};

/* Path of a cgroup from the root of its hierarchy; NULL: not known, or there is no such hierarchy.
 */
struct event_cgroup {
	const char *path;
	size_t size;
};

struct event_subject {
	const struct event *event;
	bool knows_container;           /* else no rule about containers leaves the event out */
	const char *container;          /* id of the one that the process is in */
	size_t container_size;          /* 0: in none */
	struct event_cgroup cgroups[2]; /* those that rules of cgroups are about */
	uint64_t exe_inode;             /* of the file that it runs; 0: not known */
	uint32_t exe_device;            /* as above */
	uint64_t marks;                 /* event_rules_marks() of the execs that it came of */
};

_Static_assert(EVENT_RULES_MAX <= 64, "each rule has a bit");

static inline bool event_rule_names_file(const struct event_rule *rule)
{
	return rule->kind == EVENT_RULE_EXE || rule->kind == EVENT_RULE_TREE;
}

/* There is a rule whose file has to be found. */
bool event_rules_name_files(const struct event_rules *rules);

/* The rules of a tree that an exec begins: 1 << their index. */
uint64_t event_rules_marks(const struct event_rules *rules, const struct event *exec);

/*
 * The outputs that get the event: 1 << their index; 0: a rule leaves it out. hits, by the
 * index of the rule: how many events it has left out, or would have.
 */
uint32_t event_rules_outputs(const struct event_rules *rules, const struct event_subject *subject,
                             uint64_t *hits);

#endif
