/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a function in a process of its own. It opens what it needs, enters a
 * sandbox, and can then only read and answer.
 */
#ifndef LKCCB_CONFINE_ISOLATE_H
#define LKCCB_CONFINE_ISOLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "offsets/util/error.h"

#define ISOLATE_KEEP_MAX 12

struct isolate_limits {
	uint64_t memory; /* resident bytes */
	uint64_t disk;   /* bytes of temporary files */
	unsigned int timeout_s;
	bool verbose; /* print once, to stderr, which parts of the sandbox are not available */
};

struct isolate_opened {
	int keep[ISOLATE_KEEP_MAX + 1]; /* descriptors that work() uses */
	size_t count;
	uint64_t mapped; /* bytes of files that work() maps: not limited by memory */
};

/* open() has all rights. work() runs in the sandbox; its output is the answer. */
struct isolate_job {
	const char *subject; /* file or URL, for messages */
	int (*open)(void *arg, struct isolate_opened *ret, struct offsets_error *error);
	void (*work)(void *arg, FILE *answer);
	void *arg;
};

struct isolated {
	pid_t pid; /* 0: none; the leader of a process group */
	int fd;    /* for poll() */
	const char *subject;
	struct isolate_limits limits;
	char *answer;
	size_t size, room;
	double began;
	const char *killed; /* why, or NULL */
};

/* The subject is kept, not copied. */
int isolate_start(struct isolated *ret, const struct isolate_job *job,
                  const struct isolate_limits *limits);

/* Reads a part of the answer. False: the answer has ended. */
bool isolate_read(struct isolated *p);

/* Kills the process group if it exceeds a limit. Call it every 100 ms. */
void isolate_watch(struct isolated *p);

/*
 * Waits for the process to end. 0: *ret_text is the answer, ended by NUL and
 * valid until isolate_free(). Else error says why there is none: a limit, a
 * crash, or open() failed.
 */
int isolate_end(struct isolated *p, const char **ret_text, size_t *ret_size,
                struct offsets_error *error);
void isolate_free(struct isolated *p); /* kills the process if it still runs */
double isolate_seconds(const struct isolated *p);

/* Makes a message of an answer: its first line, without control characters. */
void isolate_line(struct offsets_error *ret, const char *text);

/* All steps for a single process. */
int isolate_run(struct isolated *ret, const struct isolate_job *job,
                const struct isolate_limits *limits, const char **ret_text, size_t *ret_size,
                struct offsets_error *error);

#endif
