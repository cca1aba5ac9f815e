/* SPDX-License-Identifier: BSD-2-Clause */
/* Which inputs a command reads: of its arguments and a list; and which shard of them. */
#ifndef LKCCB_INPUT_PATHS_H
#define LKCCB_INPUT_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "offsets/util/error.h"

struct paths {
	char **list;
	size_t count;
};

/*
 * The arguments, then the lines of the file list ("-": standard input; NULL: none),
 * in order; of a directory the debug packages of kernels in it. shard: see
 * paths_shard_parse(); NULL: all. End with paths_free().
 */
int paths_collect(char *const *arguments, size_t count, const char *list, const char *shard,
                  struct paths *ret, struct offsets_error *error);
void paths_free(struct paths *paths);

/* Is it one of them, by these very bytes? */
bool paths_have(const struct paths *paths, const char *path);

/* Every total-th entry of a sorted list, from index (0 is the first) on. */
struct paths_shard {
	unsigned long index, total;
};

/* "I/N", "auto" or "auto/N", as --shard has it. */
int paths_shard_parse(const char *text, struct paths_shard *ret, struct offsets_error *error);

#endif
