/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's part in hashes: it starts a hasher in place of one that is stuck or has ended. */
#ifndef LOADER_AGENT_HASHERS_H
#define LOADER_AGENT_HASHERS_H

#include <stdint.h>
#include <sys/types.h>

#include "offsets/util/error.h"

/* That a file system holds although they are killed. */
#define HASHERS_MAX 4

struct hashers {
	pid_t pids[HASHERS_MAX]; /* 0: none */
};

/* Kills those before. budget: bytes a second. 0; -EBUSY: too many cannot be killed; or -errno. */
int hashers_next(struct hashers *hashers, uint64_t budget, int *ret_fd,
                 struct offsets_error *error);

void hashers_end(struct hashers *hashers);

#endif
