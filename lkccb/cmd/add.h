/* SPDX-License-Identifier: BSD-2-Clause */
/* What 'lkccb add' and 'lkccb sync' share: inputs into the database. */
#ifndef LKCCB_CMD_ADD_H
#define LKCCB_CMD_ADD_H

#include "lkccb/cmd/options.h"
#include "lkccb/input/paths.h"

/* How it ended for one input. */
enum add_outcome {
	ADD_DONE,
	ADD_KNOWN,    /* by its SHA-256, and not read */
	ADD_EMPTY,    /* a package that has no kernel */
	ADD_CONFLICT, /* other facts than the database has; nothing of it was added */
	ADD_FAILED,
	ADD_OUTCOMES
};

typedef void (*add_outcome_fn)(const char *path, enum add_outcome outcome, void *arg);

/*
 * Adds the inputs; calls back for each, with the path of the list. named: the
 * inputs that were named one by one, each of which must have a kernel; NULL: none.
 * Returns the exit code of 'lkccb add'.
 */
int add_inputs(const struct options *o, const struct paths *inputs, const struct paths *named,
               add_outcome_fn fn, void *arg);

#endif
