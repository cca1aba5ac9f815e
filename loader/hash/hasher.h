/* SPDX-License-Identifier: BSD-2-Clause */
/* The hasher: a helper (loader/helper/) that reads the files and scripts which others execute. */
#ifndef LOADER_HASH_HASHER_H
#define LOADER_HASH_HASHER_H

#include <stdint.h>
#include <sys/types.h>

#include "offsets/util/error.h"

/* Files that are larger have no hash. */
#define HASH_FILE_MAX (1ULL << 30)

/* budget: bytes a second. *ret_fd: a socket to it (hash_wire.h). 0 or -errno. */
int hasher_start(uint64_t budget, pid_t *ret_pid, int *ret_fd, struct offsets_error *error);

#endif
