/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is sent of a script before its exec, and reported with it: which file it is, and the
 * interpreters that are scripts themselves.
 */
#ifndef LOADER_STREAM_INTERPRETERS_H
#define LOADER_STREAM_INTERPRETERS_H

#include "loader/stream/decode.h"

/* Of what interpreters_give() gives: those of a chain, each with its NUL. */
#define INTERPRETERS_BYTES_MAX (SCRIPT_LEVELS * (INTERPRETER_BYTES + 1) + EVENT_TEXT_BYTES)

struct interpreters;

struct interpreters *interpreters_new(void); /* NULL: no memory */
void interpreters_free(struct interpreters *interpreters);

/* A record, in the order of time; false: it is no struct interpreter_part or script_part. */
bool interpreters_take(struct interpreters *interpreters, const void *data, size_t size);

/*
 * Gives an exec its script, and the interpreters of its chain, in the order in which the
 * kernel went to them, the last one included. Where one did not come, FIELD_EXEC_SCRIPT and
 * FIELD_EXEC_INTERPRETERS are unread. They are valid until the next call.
 */
void interpreters_give(struct interpreters *interpreters, struct event *ev);

#endif
