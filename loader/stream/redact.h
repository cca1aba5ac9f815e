/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Secrets on command lines, in environments and on terminals: what patterns match is replaced
 * before an event is written, or kept for other events. Patterns are those of pcre2pattern(3).
 */
#ifndef LOADER_STREAM_REDACT_H
#define LOADER_STREAM_REDACT_H

#include "loader/stream/decode.h"
#include "offsets/util/error.h"

/* What stands in the place of a secret. */
#define REDACTED "***"

struct redaction; /* patterns; NULL: none */

/*
 * Adds a pattern. It is matched against the arguments of an exec with a blank between two of
 * them, against each variable of the environment, and against the text of a terminal. Its first
 * group is what is replaced, or all that it matches if it has no group. 0; -EINVAL: it is no
 * pattern; -ENOMEM.
 */
int redaction_add(struct redaction **redaction, const char *pattern, struct offsets_error *error);
void redaction_free(struct redaction *redaction);

/*
 * Replaces what patterns match in the arguments and environment of an exec, and in the text of a
 * terminal. Where a match would take too long, all arguments but the first, the variable's value,
 * or the text are replaced. Returns how many parts were; ev->argv, ev->env and ev->text then point
 * into redaction, until the next call.
 */
unsigned int redaction_apply(struct redaction *redaction, struct event *ev);

#endif
