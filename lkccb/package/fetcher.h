/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that has the network and parses HTTP and nothing else. It answers
 * one request at a time, and writes what it fetched into an unlinked file.
 */
#ifndef LKCCB_PACKAGE_FETCHER_H
#define LKCCB_PACKAGE_FETCHER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "offsets/util/error.h"

struct fetcher_answer {
	int err;
	uint64_t size; /* bytes */
	struct offsets_error error;
};

/* The subject is for messages; what arg has is copied with the process. */
struct fetcher_job {
	const char *subject;
	/* Its only directory for files, as its working directory; NULL: it creates none. */
	const char *directory;
	uint64_t max; /* largest size of a file, in bytes */
	size_t request_size;
	void (*serve)(void *arg, int fd, const void *request, struct fetcher_answer *ret);
	void *arg;
};

struct fetcher {
	const char *subject;
	pid_t pid;
	int fd, socket; /* fd: what it fetched; -1: none */
	size_t request_size;
};

/* The caller calls fetcher_stop() after an error, too. */
int fetcher_start(const struct fetcher_job *job, struct fetcher *ret, struct offsets_error *error);
void fetcher_stop(struct fetcher *fetcher);

/* Returns ret->err. */
int fetcher_ask(struct fetcher *fetcher, const void *request, struct fetcher_answer *ret);

#define FETCHER_DESCRIPTORS 2
/* The descriptors that must stay open in a sandbox. */
size_t fetcher_descriptors(const struct fetcher *fetcher, int *ret);

#endif
