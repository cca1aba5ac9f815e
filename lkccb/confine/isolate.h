/* SPDX-License-Identifier: BSD-2-Clause */
/* A function in a process of its own, which opens what it needs and then can only read and answer.
 */
#ifndef LKCCB_ISOLATE_H
#define LKCCB_ISOLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "offsets/offsets.h"

#define ISOLATE_KEEP_MAX 12

struct isolate_limits {
	uint64_t memory; /* resident bytes */
	uint64_t disk;   /* bytes of temporary files */
	unsigned int timeout_s;
	bool verbose; /* say once on stderr which parts of the sandbox are not to be had */
};

struct isolate_opened {
	int keep[ISOLATE_KEEP_MAX + 1]; /* descriptors that work() uses */
	size_t count;
	uint64_t mapped; /* bytes of files that it will map: they are no memory of its own */
};

/* open: with all rights. work: in the sandbox; what it prints is the answer. */
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

/* Reads what has come; false: it has nothing more to say. */
bool isolate_read(struct isolated *p);

/* Kills it with all that it started where it has broken a limit. To be called every 100 ms. */
void isolate_watch(struct isolated *p);

/*
 * Waits for its end. 0: *ret_text is the answer, ended by NUL, until
 * isolate_free(). Else the error says why there is none: it broke a limit,
 * crashed, or open() failed.
 */
int isolate_end(struct isolated *p, const char **ret_text, size_t *ret_size,
                struct offsets_error *error);
void isolate_free(struct isolated *p); /* kills it, if it still runs */
double isolate_seconds(const struct isolated *p);

/* A text of an answer as a message: its first line, without control characters. */
void isolate_line(struct offsets_error *ret, const char *text);

/* All of that for a single one. */
int isolate_run(struct isolated *ret, const struct isolate_job *job,
                const struct isolate_limits *limits, const char **ret_text, size_t *ret_size,
                struct offsets_error *error);

#endif
