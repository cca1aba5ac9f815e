/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels and modules of one input. */
#ifndef LKCCB_INPUT_KERNELS_H
#define LKCCB_INPUT_KERNELS_H

#include "offsets/offsets.h"

#define KERNELS_MAX 16

struct kernels {
	struct offsets_kernel *list[KERNELS_MAX];
	size_t count;
};

void kernels_free(struct kernels *kernels);

/*
 * Checks that each has a release and a machine, and removes duplicates. A
 * module must agree with the kernel of its release, and keeps only the facts
 * that the kernel lacks. path is for messages.
 */
int kernels_settle(const char *path, struct kernels *kernels, struct offsets_error *error);

#endif
