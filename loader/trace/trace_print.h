/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes calls: as text, as JSON, or as a table of all of them. */
#ifndef LOADER_TRACE_TRACE_PRINT_H
#define LOADER_TRACE_TRACE_PRINT_H

#include "loader/trace/call_seen.h"
#include "loader/trace/trace_kernel.h"

struct trace_print;

/* fd stays the caller's. NULL: out of memory. */
struct trace_print *trace_print_new(bool json, int fd);

/* 0, or the -errno of a write that failed. */
int trace_print_free(struct trace_print *print);

/* A call that begins, or returns. */
void trace_print_call(struct trace_print *print, const struct call_seen *seen);

/* One that has not returned when the trace ends. */
void trace_print_left(struct trace_print *print, const struct call_seen *seen);

/* Writes what was kept; 0 or -errno. */
int trace_print_flush(struct trace_print *print);

/* The table. */
int trace_print_summary(struct trace_print *print, struct trace_kernel *kernel,
                        struct offsets_error *error);

#endif
