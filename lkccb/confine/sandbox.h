/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up before it reads what others wrote: its user,
 * capabilities, descriptors, most system calls, and resources above limits.
 */
#ifndef LKCCB_SANDBOX_H
#define LKCCB_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_kind {
	/* Works on the descriptors that it has, in memory and in threads; opens nothing. */
	SANDBOX_READER,
	/* Also uses the network and opens files for reading; parses no packages. */
	SANDBOX_FETCHER,
};

struct sandbox {
	enum sandbox_kind kind;
	const int *keep; /* descriptors above 2 that stay open; 0, 1 and 2 become /dev/null */
	size_t keep_count;
	pid_t parent;          /* which has forked it, and with which it ends */
	uint64_t memory_bytes; /* of private writable memory; 0: no limit */
	uint64_t file_bytes;   /* of each file that is written to; 0: no limit */
	uint64_t cpu_s;        /* 0: no limit */
};

/*
 * Gives it all up, for good. A process of root becomes a user that nobody else
 * is. What this kernel or container does not have is left out and named in
 * ret_lacks ("seccomp (Invalid argument)"), which is "" if nothing is missing.
 * -errno: a part that is always there failed, nothing may be read.
 */
int sandbox_enter(const struct sandbox *sandbox, char *ret_lacks, size_t size);

#endif
