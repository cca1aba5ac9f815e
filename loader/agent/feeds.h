/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that outputs feed: started by who has the rights to, and again when they end. */
#ifndef LOADER_AGENT_FEEDS_H
#define LOADER_AGENT_FEEDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/config/output_config.h"

struct feed {
	pid_t pid;           /* 0: it does not run */
	uint64_t started_ns; /* CLOCK_MONOTONIC; so are the others */
	uint64_t not_before_ns;
	uint64_t hour_ns;    /* since when starts are counted */
	unsigned int starts; /* in that hour */
	unsigned int soon;   /* times in a row that it has ended soon */
};

/*
 * Starts the program of that output, whose pipe has no reader. 0; -ENXIO, without an error:
 * not now, as it has just ended, or too often; or -errno.
 */
int feed_next(struct feed *feed, const struct output_config *config, int *ret_fd,
              struct offsets_error *error);

/* The pipe is closed: waits some seconds for the program to end, and then makes it end. */
void feed_leave(struct feed *feed);

#endif
