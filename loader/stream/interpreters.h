/* SPDX-License-Identifier: BSD-2-Clause */
/* Interpreters of scripts whose interpreter is a script: sent before the exec, reported with it. */
#ifndef LOADER_STREAM_INTERPRETERS_H
#define LOADER_STREAM_INTERPRETERS_H

#include "loader/stream/decode.h"

/* Of what interpreters_give() gives: those of a chain, each with its NUL. */
#define INTERPRETERS_BYTES_MAX (SCRIPT_LEVELS * (INTERPRETER_BYTES + 1) + EVENT_TEXT_BYTES)

struct interpreters;

struct interpreters *interpreters_new(void); /* NULL: no memory */
void interpreters_free(struct interpreters *interpreters);

/* A record, in the order of time; false: it is no struct interpreter_part. */
bool interpreters_take(struct interpreters *interpreters, const void *data, size_t size);

/*
 * Gives an exec those of its chain, in the order in which the kernel went to
 * them, the last one included; where one did not come, FIELD_EXEC_INTERPRETERS is
 * unread. They are valid until the next call.
 */
void interpreters_give(struct interpreters *interpreters, struct event *ev);

#endif
