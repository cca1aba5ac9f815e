/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a path to a file, name by name, so that no link leads to what must not be touched. *ret is
 * the caller's, and fd -1 if there is none. pid: of a process that has opened that path.
 */
#ifndef LOADER_HASH_HASH_WALK_H
#define LOADER_HASH_HASH_WALK_H

#include <stdbool.h>

#include "loader/hash/hash_place.h"

/* In our own mount namespace, which is the host's. follows: symbolic links as well. */
enum place path_open(const char *path, bool follows, uint32_t pid, struct opened *ret);

/* The same, if a file in that folder was found before. */
void known_open(const char *path, uint32_t pid, struct opened *ret);

/*
 * As the process sees it, while it is there: from its root, its working directory, or what it has
 * open.
 */
enum place process_open(const char *name, uint32_t pid, struct opened *ret);

#endif
