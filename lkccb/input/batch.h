/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many inputs, each read by a sandboxed process of its own: input is hostile, and
 * libraries parse it. A process that crashes or breaks a limit gives a result like
 * any other.
 */
#ifndef LKCCB_INPUT_BATCH_H
#define LKCCB_INPUT_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lkccb/confine/isolate.h"
#include "lkccb/input/input.h"
#include "lkccb/input/paths.h"

struct batch_options {
	struct input_options input; /* threads, disk, timeout_s and beside are set by batch_run() */
	struct isolate_limits limits; /* of each process */
	unsigned int jobs;            /* processes at a time, and CPUs in all; 1 to 1,024 */
};

/* text: the kernels, for offsets_text_read(), or one line that says why there are none. */
struct batch_result {
	const char *path;
	enum { BATCH_KERNELS, BATCH_KNOWN, BATCH_EMPTY, BATCH_FAILED } kind;
	const char *text; /* valid during the call */
	size_t size;
	double seconds;
};

/* Non-zero ends the batch. */
typedef int (*batch_result_fn)(const struct batch_result *result, void *arg);

/* Called in the processes. True: the package with that SHA-256 need not be read. */
typedef bool (*batch_known_fn)(const char *sha256, void *arg);

/* known may be NULL. 0, -errno, or what a call of result returned. */
int batch_run(const struct batch_options *options, const struct paths *paths, batch_known_fn known,
              batch_result_fn result, void *arg);

#endif
