/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in each process (loader/state/cache.h) in step with the events: it
 * reads /proc first, follows execs, forks and exits, and reads /proc again after a loss.
 */
#ifndef LOADER_AGENT_PROCESSES_H
#define LOADER_AGENT_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/state/cache.h"
#include "loader/stream/decode.h"
#include "offsets/offsets.h"
#include "probes/abi/maps.h"

struct processes {
	struct cache *cache;
	bool follows;            /* execs and forks are reported, so that it can be true */
	uint64_t *next_sequence; /* by CPU; 0: none yet */
	unsigned int cpus;
	uint64_t lost_ns; /* when the last gap was seen; 0: /proc was read since */
};

/* cpus: possible ones. 0 or -ENOMEM; processes_deinit() takes a zeroed struct too. */
int processes_init(struct processes *processes, unsigned int cpus, struct offsets_error *error);
void processes_deinit(struct processes *processes);

/*
 * Begins, or starts again, with these settings of the programs. Returns the cache;
 * NULL: under them it cannot follow.
 */
struct cache *processes_begin(struct processes *processes, const struct settings *settings);

/* Takes an event that was written. */
void processes_follow(struct processes *processes, const struct event *ev);

/* Reads /proc for so long at most. True: there is more to read. */
bool processes_work(struct processes *processes, uint64_t for_ns);

/* Ten times a second: reads /proc again when no more events are lost. */
void processes_look(struct processes *processes, uint64_t now_ns);

/* Of an exec that was followed: its process, and those that it will have, have these marks. */
void processes_mark(struct processes *processes, const struct event *exec, uint64_t marks);

/* Who made an event; NULL: not known. Valid until the next event. */
const struct cached *processes_find(struct processes *processes, const struct event *ev);

/* How many are known, ended ones among them. */
uint64_t processes_known(const struct processes *processes);

#endif
