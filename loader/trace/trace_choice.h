/* SPDX-License-Identifier: BSD-2-Clause */
/* Which calls are reported: what the options say, and what the kernel side gets of it. */
#ifndef LOADER_TRACE_TRACE_CHOICE_H
#define LOADER_TRACE_TRACE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/trace/call_seen.h"

/* NAME=VALUE, or NAME^=PREFIX. */
struct trace_where {
	char name[CALL_NAME_BYTES];
	bool is_prefix; /* only of strings */
	bool is_number; /* VALUE is one, so parameters that are numbers may have it */
	struct call_where kernels;
};

struct trace_choice {
	char comms[CALL_COMMS][EVENTS_COMM_BYTES]; /* zeros behind each */
	unsigned int comm_count;
	int64_t result_low, result_high;
	int errors[CALL_ERRORS]; /* positive */
	unsigned int error_count;
	struct trace_where wheres[CALL_WHERES];
	unsigned int where_count;
	uint32_t rate; /* calls a second; 0: all */
};

/* Everything is chosen. */
void trace_choice_init(struct trace_choice *ret);

/* Each adds what an option says. NULL, or why it is wrong, to be followed by the text. */
const char *trace_choice_comm(struct trace_choice *c, const char *text);
const char *trace_choice_error(struct trace_choice *c, const char *text);  /* "ENOENT", "2" */
const char *trace_choice_result(struct trace_choice *c, const char *text); /* "LOW..HIGH" */
const char *trace_choice_where(struct trace_choice *c, const char *text);
const char *trace_choice_failed(struct trace_choice *c);

/* Whether a call has the parameter of a condition; *ret: where. abi: CALL_64 or CALL_32. */
bool trace_where_place(const struct trace_where *w, const struct call *call, enum call_abi abi,
                       struct call_where_at *ret);

/* The same of all conditions. */
bool trace_choice_places(const struct trace_choice *c, const struct call *call, enum call_abi abi,
                         struct call_where_at ret[CALL_WHERES]);

/*
 * Whether the conditions on parameters hold, where the kernel side has not decided. A string that
 * could not be read at the entry is decided at the return; then the entry was not reported, and is
 * taken out of *seen.
 */
bool trace_choice_holds(const struct trace_choice *c, struct call_seen *seen);

/* What of the settings follows from it. */
void trace_choice_settings(const struct trace_choice *c, struct call_settings *ret);

#endif
