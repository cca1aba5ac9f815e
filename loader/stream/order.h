/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of all CPUs in the order of their time: each ring is read to its end
 * before the next one, so what one gives may be older than what another gave.
 * Those of one CPU stay in the order in which they were added; one that is older
 * than what was before it there gets the time of that.
 */
#ifndef LOADER_STREAM_ORDER_H
#define LOADER_STREAM_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "loader/stream/cut.h"
#include "loader/stream/decode.h"

struct order;

struct order *order_new(void); /* NULL: no memory */
void order_free(struct order *order);

/* Keeps a copy. 0 or -ENOMEM: it was not taken. */
int order_add(struct order *order, const void *data, size_t size);

/* Bytes that it keeps. */
size_t order_size(const struct order *order);

/* True: another record can be taken. */
typedef bool (*order_room_fn)(void *arg);

/*
 * Delivers all up to a time (CLOCK_MONOTONIC, ns), the oldest first, as long as
 * there is room for them (room NULL: always).
 */
void order_flush(struct order *order, uint64_t until_ns, order_room_fn room, record_fn record,
                 void *arg);

/*
 * The records that it keeps from begin_ns on, but before end_ns; list is the caller's to free.
 * 0 or -ENOMEM.
 */
int order_stamps(const struct order *order, uint64_t begin_ns, uint64_t end_ns, struct stamps *ret);

#endif
