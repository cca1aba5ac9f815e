/* SPDX-License-Identifier: BSD-2-Clause */
/* The last records, in memory: a new one takes the place of the oldest ones. */
#ifndef LOADER_TRACE_TRACE_RING_H
#define LOADER_TRACE_TRACE_RING_H

#include <stddef.h>

#include "loader/stream/decode.h"

#define TRACE_RING_LEAST ((size_t)1 << 16) /* bytes: two of the longest records have room */
#define TRACE_RING_MOST  ((size_t)1 << 36)

struct trace_ring;

/* bytes: from TRACE_RING_LEAST on. NULL: out of memory. */
struct trace_ring *trace_ring_new(size_t bytes);
void trace_ring_free(struct trace_ring *ring); /* accepts NULL */

/* Calls back for each record that gives up its place to a new one, the oldest first. */
void trace_ring_on_drop(struct trace_ring *ring, record_fn fn, void *arg);

/* Keeps a copy; size: TRACE_RING_LEAST / 2 at most. */
void trace_ring_put(struct trace_ring *ring, const void *data, size_t size);
void trace_ring_empty(struct trace_ring *ring);

/* The oldest first; data is aligned to 8 bytes. */
void trace_ring_each(const struct trace_ring *ring, record_fn fn, void *arg);

#endif
