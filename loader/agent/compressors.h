/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Old files of outputs are compressed, one of each output at a time, by who may open them:
 * the monitor of a run, or a replay.
 */
#ifndef LOADER_AGENT_COMPRESSORS_H
#define LOADER_AGENT_COMPRESSORS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/config/config.h"

struct compressor_job {
	struct output_config output;
	bool is_due;         /* there may be an old file that is not compressed */
	bool has_failed;     /* said */
	uint64_t not_before; /* CLOCK_MONOTONIC */
	pid_t pid;           /* 0: none is at work */
	int in, directory;   /* while one is at work; the directory is locked */
	char part[PATH_MAX]; /* what it writes */
};

struct compressors {
	struct compressor_job
		jobs[OUTPUTS_MAX]; /* of the outputs that are files to be compressed */
	size_t count;
};

/* Old files that an earlier run has left are due. */
void compressors_init(struct compressors *compressors, const struct config *config);

/* The output of that index has an old file more. */
void compressors_due(struct compressors *compressors, size_t output);

/* Begins what is due, and puts what is done in its place. To be called each second, or more often.
 */
void compressors_work(struct compressors *compressors);

/* Waits until all is compressed, for so long, or until a signal that ends the process. */
void compressors_finish(struct compressors *compressors, uint64_t timeout_ns);

/* Ends what is at work; the old files stay as they are. */
void compressors_end(struct compressors *compressors);

#endif
