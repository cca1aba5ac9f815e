/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Before the sensor says "ready" a child does known things, we make and remove a
 * file, make a memfd and connect to ourselves, and what the probes saw of it is held against
 * what /proc, wait(), stat() and getsockname() say.
 */
#ifndef LOADER_SELFCHECK_H
#define LOADER_SELFCHECK_H

#include "loader/stream/decode.h"
#include "loader/bpf/probes.h"

/* argv[0] by which main() knows that it is the child. */
#define SELFCHECK_NAME "sextant-self-check"

struct selfcheck; /* its own memory */

struct selfcheck *selfcheck_new(void);
void selfcheck_free(struct selfcheck *check);

/* The name of the file that it is going to make; as long as the check is there. */
const char *selfcheck_file(const struct selfcheck *check);

/* Every record that comes in while selfcheck_run() polls goes here. */
void selfcheck_record(struct selfcheck *check, const void *data, size_t size);

/* Sets of classes (1 << enum event_type). */
struct selfcheck_result {
	unsigned int failed;  /* disagree, or sent nothing */
	unsigned int missing; /* of these, those that sent nothing */
};

/*
 * Runs the child. classes: those that are attached. -errno: the check itself could
 * not be done.
 */
int selfcheck_run(struct selfcheck *check, struct probes *probes, unsigned int classes,
                  const struct layout *layout, struct selfcheck_result *ret,
                  struct offsets_error *error);

/* Each difference as a line on standard error. */
void selfcheck_explain(const struct selfcheck *check);

/* The child: says that it runs, waits for the end of its input, exits. */
int selfcheck_child(void);

#endif
