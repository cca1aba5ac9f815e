/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens files without asking a file system that may never answer. */
#ifndef LOADER_HASH_HASH_PLACE_H
#define LOADER_HASH_HASH_PLACE_H

#include <stdint.h>

/* Where a file is: PLACE_REMOTE is a network or FUSE file system, or perhaps one. */
enum place { PLACE_UNKNOWN, PLACE_LOCAL, PLACE_REMOTE };

/* What was opened (O_PATH). */
struct opened {
	int fd;    /* -1: nothing */
	int mount; /* its id */
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

#endif
