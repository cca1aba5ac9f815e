/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the records of a trace go: to the text or JSON that is printed, to the file of --record,
 * or first to the ring of --ring.
 */
#ifndef LOADER_TRACE_TRACE_OUT_H
#define LOADER_TRACE_TRACE_OUT_H

#include "loader/trace/trace_options.h"
#include "loader/trace/trace_print.h"
#include "loader/trace/trace_summary.h"

struct trace_out;

/* options stay the caller's. *ret is set on failure, too. 0 or -errno. */
int trace_out_open(const struct trace_options *options, struct trace_out **ret,
                   struct offsets_error *error);

/* The kernel side leaves conditions on strings that it could not read. */
void trace_out_choose(struct trace_out *out);

/* Calls are counted there and not printed: the kernel side does not count. summary stays the
 * caller's. */
void trace_out_sum(struct trace_out *out, struct trace_summary *summary);

/* Calls for which it had no room. */
uint64_t trace_out_uncounted(const struct trace_out *out);

/* A process that will be traced: it is looked up while it is there. */
void trace_out_process(struct trace_out *out, uint32_t pid);

/* Takes a record, in the order of time: a record_fn. */
void trace_out_record(void *out, const void *data, size_t size);

/* What was lost since the last time, which is said as well. */
void trace_out_losses(struct trace_out *out, const struct call_counts *since);

/* SIGUSR1: the ring is written, if there is one. */
void trace_out_dump(struct trace_out *out);

/* The command has ended, with that status of waitpid(). */
void trace_out_ended(struct trace_out *out, int status);

/* There are no more records. */
void trace_out_finish(struct trace_out *out);

/* What is printed; NULL: nothing is. */
struct trace_print *trace_out_print(struct trace_out *out);

/* Writes what was kept back. 0, or the -errno of the first write that failed. */
int trace_out_flush(struct trace_out *out, struct offsets_error *error);

/* is_whole: the trace has not failed, so the file is one. NULL is accepted. As trace_out_flush().
 */
int trace_out_close(struct trace_out *out, bool is_whole, struct offsets_error *error);

#endif
