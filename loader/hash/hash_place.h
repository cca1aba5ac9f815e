/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens files without asking a file system that may never answer. */
#ifndef LOADER_HASH_HASH_PLACE_H
#define LOADER_HASH_HASH_PLACE_H

#include <stdbool.h>
#include <stdint.h>

/* Where a file is: PLACE_REMOTE is a network or FUSE file system, or perhaps one. */
enum place { PLACE_UNKNOWN, PLACE_LOCAL, PLACE_REMOTE };

/* What was opened (O_PATH). */
struct opened {
	int fd;              /* -1: nothing */
	int mount;           /* its id */
	unsigned int device; /* of that mount, as the kernel has it in s_dev; 0: not known */
};

/* Once, before the others. */
void place_init(void);

/*
 * A place other than PLACE_LOCAL is left at once, and *ret nothing. Without O_DIRECTORY nothing is
 * mounted by it (autofs). above: a local place, or { AT_FDCWD, -1 }. pid: of a process in whose
 * mount namespace it may be.
 */
enum place place_open(struct opened above, const char *name, int flags, uint32_t pid,
                      struct opened *ret);

/* A file of a local place that can change without a change of its times. */
bool place_is_untraced(const struct opened *file);

/* It was made by memfd_create(2): who made it can write to it also while it runs. */
bool place_is_memfd(const struct opened *file);

#endif
