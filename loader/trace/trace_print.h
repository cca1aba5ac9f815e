/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes calls: as text, as JSON, or as a table of all of them (trace_summary). */
#ifndef LOADER_TRACE_TRACE_PRINT_H
#define LOADER_TRACE_TRACE_PRINT_H

#include "loader/host/clock.h"
#include "loader/trace/call_seen.h"
#include "loader/trace/trace_process.h"
#include "loader/trace/trace_summary.h"

struct trace_print;

/* fd stays the caller's. clock: of the times in JSON. NULL: out of memory. */
struct trace_print *trace_print_new(bool json, int fd, const struct clock_offsets *clock);

/* Accepts NULL. 0, or the -errno of a write that failed. */
int trace_print_free(struct trace_print *print);

/* Nothing is written when a call begins: all is when it returns. */
void trace_print_at_return(struct trace_print *print);

/* JSON has what the table knows when a call is printed. It stays the caller's. */
void trace_print_processes(struct trace_print *print, const struct trace_processes *processes);

/* A call that begins, or returns. */
void trace_print_call(struct trace_print *print, const struct call_seen *seen);

/* One that has not returned when the trace ends. */
void trace_print_left(struct trace_print *print, const struct call_seen *seen);

/* Ends a line of text that waits for the return of its call. */
void trace_print_break(struct trace_print *print);

/* Writes what was kept; 0 or -errno. */
int trace_print_flush(struct trace_print *print);
int trace_print_error(const struct trace_print *print); /* the same, but writes nothing */

/* The table. */
void trace_print_summary(struct trace_print *print, struct trace_summary *summary, bool histogram);

#endif
