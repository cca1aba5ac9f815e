/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A helper: a process that reads files for the engine, and can do nothing else. The monitor
 * forks it, and the engine asks it over a socket of type SOCK_SEQPACKET. It may wait for a file
 * system for ever, and then another one takes its place.
 */
#ifndef LOADER_HELPER_HELPER_H
#define LOADER_HELPER_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "offsets/util/error.h"

/* What tells one helper from another. */
struct helper {
	const char *comm; /* name of the process */
	const char *does; /* for messages: "hashes files" */
	const unsigned int *capabilities;
	size_t capability_count;
	const char *const *calls; /* system calls beyond those that open, read and answer */
	size_t call_count;
	/* With all rights still; false: it cannot begin. NULL: nothing is to be done. */
	bool (*prepare)(const void *arg);
	void (*serve)(int engine); /* until the engine has ended */
};

/* *ret_fd: a socket to it. 0 or -errno. */
int helper_start(const struct helper *helper, const void *arg, pid_t *ret_pid, int *ret_fd,
                 struct offsets_error *error);

/* To the engine; where that has ended, so does this process. */
void helper_answer(int engine, const void *answer, size_t size);

#endif
