/* SPDX-License-Identifier: BSD-2-Clause */
/* A call as a line of JSON: docs/sextant-trace.8 describes the fields. */
#ifndef LOADER_TRACE_CALL_JSON_H
#define LOADER_TRACE_CALL_JSON_H

#include "loader/host/clock.h"
#include "loader/trace/call_text.h"
#include "loader/trace/trace_process.h"

/* processes: NULL: nothing is known of them, nor of the boot. */
void call_json(struct jsonw *json, const struct call_seen *seen, const struct clock_offsets *clock,
               const struct trace_processes *processes);

#endif
