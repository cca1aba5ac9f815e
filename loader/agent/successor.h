/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's part in a restart without a gap: the process of the newer sensor. */
#ifndef LOADER_AGENT_SUCCESSOR_H
#define LOADER_AGENT_SUCCESSOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "loader/bpf/adopt.h"
#include "offsets/offsets.h"

struct successor {
	pid_t pid;           /* 0: there is none */
	bool has_taken_over; /* what both sensors name alike is the newer one's */
};

/* How this process was started, for one that is started the same way; at the beginning. */
void successor_command(int argc, char **argv);

/*
 * Executes the program that is now at this one's path, with the same arguments; *ret_fd: a
 * socket to it (loader/agent/handover.h); maps: for it. The file has to be trusted
 * (offsets/util/safefile.h). 0; -EBUSY: there is one; -errno.
 */
int successor_start(struct successor *successor, const int maps[ADOPT_MAPS], int *ret_fd,
                    struct offsets_error *error);

/* Kills it. */
void successor_end(struct successor *successor);

#endif
