/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up before it reads untrusted input: its user,
 * capabilities, descriptors, most system calls, and resources above limits.
 */
#ifndef LKCCB_CONFINE_SANDBOX_H
#define LKCCB_CONFINE_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_kind {
	/* Reads open descriptors, uses memory and threads; opens nothing. */
	SANDBOX_READER,
	/* Also uses the network and opens files for reading; parses no packages. */
	SANDBOX_FETCHER,
	/*
	 * As a fetcher, and creates files in its working directory, which belongs to
	 * its user from then on: for a library that stores what it fetches. Where
	 * there is no Landlock, it may write what its user may.
	 */
	SANDBOX_STORING_FETCHER,
};

struct sandbox {
	enum sandbox_kind kind;
	const int *keep; /* descriptors above 2 that stay open; 0, 1 and 2 become /dev/null */
	size_t keep_count;
	pid_t parent;          /* the process that forked it; it ends when that ends */
	uint64_t memory_bytes; /* of private writable memory; 0: no limit */
	uint64_t file_bytes;   /* of each file that is written to; 0: no limit */
	uint64_t cpu_s;        /* 0: no limit */
};

/*
 * Enters the sandbox, for good. A process of root gets a user id that nobody
 * else has. Parts that this kernel or container lacks are skipped and named in
 * ret_lacks ("seccomp (Invalid argument)"; "" if none). -errno: a part that
 * always exists failed; then nothing may be read.
 */
int sandbox_enter(const struct sandbox *sandbox, char *ret_lacks, size_t size);

#endif
