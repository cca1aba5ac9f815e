/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes one record of the parts in which kernels before 4.11 send it: struct call_part. */
#ifndef LOADER_TRACE_CALL_PARTS_H
#define LOADER_TRACE_CALL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/abi/call_record.h"

struct call_parts;

/* A whole record; data is valid during the call. */
typedef void (*call_whole_fn)(void *arg, const void *data, size_t size);

/* cpus: possible ones. NULL: no memory. */
struct call_parts *call_parts_new(unsigned int cpus);
void call_parts_free(struct call_parts *parts);

/*
 * Takes what a CPU's ring had next. A record is handed out with its last part, or, if that one was
 * lost, when the next record comes; what is missing of a value counts as cut.
 */
void call_parts_take(struct call_parts *parts, unsigned int cpu, const void *data, size_t size,
                     call_whole_fn whole, void *arg);

/* Parts that were lost, as far as it was noticed. */
uint64_t call_parts_lost(const struct call_parts *parts);

#endif
