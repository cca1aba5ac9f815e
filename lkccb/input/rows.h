/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels and modules of one input. */
#ifndef LKCCB_ROWS_H
#define LKCCB_ROWS_H

#include "offsets/offsets.h"

#define ROWS_MAX 16

struct rows {
	struct kernel_row *list[ROWS_MAX];
	size_t count;
};

void rows_free(struct rows *rows);

/*
 * Each row must say its release and machine. A kernel that is there twice is one
 * row. A module must agree with the kernel of its release, and keeps only the
 * facts that this one lacks. path is for messages.
 */
int rows_settle(const char *path, struct rows *rows, struct offsets_error *error);

#endif
