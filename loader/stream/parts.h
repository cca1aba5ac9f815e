/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts an exec, or a mount, that was sent in parts (probes/abi/part_records.h) together: one
 * record, as tier 1 sends it, so that what comes after this sees no difference.
 */
#ifndef LOADER_STREAM_PARTS_H
#define LOADER_STREAM_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "loader/stream/decode.h"

struct parts;

/* The parts of one event come back to back on a CPU, so there is one at a time on each. */
struct parts *parts_new(unsigned int cpus); /* NULL: no memory */
void parts_free(struct parts *parts);

/*
 * A record of a CPU's ring, in the ring's order. Calls back for each that is
 * whole; for an event whose next part never came too: with what there is, the
 * rest marked as unread. Records that are no parts go through as they are.
 */
void parts_take(struct parts *parts, unsigned int cpu, const void *data, size_t size,
                record_fn record, void *arg);

/* Gives out what has waited for a part since before then (CLOCK_MONOTONIC, ns). */
void parts_expire(struct parts *parts, uint64_t then_ns, record_fn record, void *arg);

/* Events that were given out incomplete. */
uint64_t parts_incomplete(const struct parts *parts);

#endif
