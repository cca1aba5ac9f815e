/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets the monitor send a canary as often as --canary says, and looks whether its events come. A
 * class of which none comes twice is attached again.
 */
#ifndef LOADER_AGENT_CANARY_WATCH_H
#define LOADER_AGENT_CANARY_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/ask.h"
#include "loader/agent/losses.h"
#include "loader/stream/decode.h"

struct canary_watch {
	struct channel *monitor;
	const struct losses *losses;
	uint64_t every_ns;      /* 0: there is no canary */
	unsigned int classes;   /* that work and that the rules leave: 1 << enum event_type */
	uint64_t sent_ns;       /* the last one */
	uint32_t pid;           /* of the one whose events are awaited; 0: none */
	unsigned int seen;      /* classes of which its events came */
	uint64_t lost;          /* events, when it was sent */
	unsigned int suspected; /* classes of which the last one's did not come */
	unsigned int silent;    /* the same twice: they are not reported at present */
	uint64_t own_events;    /* of canaries, that were not written */
};

/* True: an event of the canary, which is not to be written. */
bool canary_watch_take(struct canary_watch *watch, const struct event *ev);

/* What the canary found about a class. */
enum canary_finding { CANARY_SILENT, CANARY_REPORTS_AGAIN };
typedef void (*canary_fn)(void *arg, enum event_type type, enum canary_finding finding,
                          const char *why);

/*
 * Ten times a second. Calls back for a class that has become silent, after its programs
 * were attached again (why: with which error; NULL: none), and for one that reports
 * again. 0 or -errno: the monitor does not answer.
 */
int canary_watch_look(struct canary_watch *watch, uint64_t now_ns, canary_fn fn, void *arg,
                      struct offsets_error *error);

#endif
