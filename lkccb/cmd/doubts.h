/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may be wrong in entries that were inferred: facts that no kernel has whose own
 * debug data was read, of those of the same version and distribution.
 */
#ifndef LKCCB_CMD_DOUBTS_H
#define LKCCB_CMD_DOUBTS_H

#include "offsets/offsets.h"

struct doubts;

/* NULL: out of memory. The caller's to free. */
struct doubts *doubts_new(void);
void doubts_free(struct doubts *doubts);

/* First each kernel of a database. 0 or -ENOMEM. */
int doubts_learn(struct doubts *doubts, const struct offsets_kernel *kernel);

/* Facts of one struct that are doubted. */
struct doubt {
	const char *type;
	const struct offsets_fact *first;
	uint32_t other; /* where a kernel that was read has that one */
	size_t count;
};

/* Then calls back for each struct of a kernel with such facts. Returns how many those are. */
typedef void (*doubt_fn)(const struct offsets_kernel *kernel, const struct doubt *doubt, void *arg);
size_t doubts_of(const struct doubts *doubts, const struct offsets_kernel *kernel, doubt_fn found,
                 void *arg);

#endif
