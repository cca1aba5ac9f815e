/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's part in helpers: it starts one in place of one that is stuck or has ended. */
#ifndef LOADER_AGENT_HELPERS_H
#define LOADER_AGENT_HELPERS_H

#include <stdint.h>
#include <sys/types.h>

#include "loader/agent/request.h"
#include "loader/config/config.h"
#include "offsets/util/error.h"

/* That a file system holds although they are killed, of each kind. */
#define HELPERS_HELD_MAX 4

struct helpers {
	pid_t pids[HELPERS][HELPERS_HELD_MAX]; /* 0: none */
};

/*
 * Kills those of that kind before. 0; -EBUSY: too many cannot be killed; -EINVAL: the
 * configuration wants none; or -errno.
 */
int helpers_next(struct helpers *helpers, enum helper_kind kind, const struct config *config,
                 int *ret_fd, struct offsets_error *error);

void helpers_end(struct helpers *helpers);

#endif
