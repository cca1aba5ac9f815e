/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks processes up in /proc as their records come. */
#ifndef LOADER_TRACE_TRACE_LOOKUP_H
#define LOADER_TRACE_TRACE_LOOKUP_H

#include "loader/trace/trace_process.h"

struct trace_lookup;

/* fn: of each process that is read, or is gone. NULL: out of memory. */
struct trace_lookup *trace_lookup_new(void (*fn)(void *arg, const struct trace_process *p),
                                      void *arg);
void trace_lookup_free(struct trace_lookup *l); /* accepts NULL */

/* With all that was read. */
struct trace_processes *trace_lookup_table(struct trace_lookup *l);

/* A process of which no record has come yet. */
void trace_lookup_process(struct trace_lookup *l, uint32_t pid);

/* Of a record, before and after its call is printed. */
void trace_lookup_before(struct trace_lookup *l, const struct call_record *record);
void trace_lookup_after(struct trace_lookup *l, const struct call_record *record);

#endif
