/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of 'sextant trace --summary': a row for each call, or for each call of each process. */
#ifndef LOADER_TRACE_TRACE_SUMMARY_H
#define LOADER_TRACE_TRACE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "offsets/util/jsonw.h"
#include "probes/abi/call_record.h"

struct trace_sum {
	uint32_t pid, slot;           /* pid is 0 if there is a row for each call only */
	struct call_process_sum sums; /* last_ns and comm: of processes */
};

struct trace_summary;

struct trace_summary *trace_summary_new(bool by_process); /* NULL: out of memory */
void trace_summary_free(struct trace_summary *summary);   /* accepts NULL */

/* A row that is not there yet. -ENOMEM. */
int trace_summary_add(struct trace_summary *summary, const struct trace_sum *row);

/* Counts a call that has returned. False: there was no room for its row. */
bool trace_summary_count(struct trace_summary *summary, const struct call_record *returns);

/* Sorts the rows and writes them: as a table, or a line of JSON for each. */
void trace_summary_print(struct trace_summary *summary, struct jsonw *out, bool json,
                         bool histogram);

#endif
