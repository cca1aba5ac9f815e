/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line's words, and the commands. */
#ifndef LKCCB_LKCCB_H
#define LKCCB_LKCCB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lkccb/input/input.h"
#include "offsets/offsets.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* nothing was done */
	EXIT_MISUSE = 2,
	EXIT_DIFFERENT = 3, /* diff, merge and add, coverage: differences, conflicts, gaps */
	EXIT_PARTLY = 4,    /* add, sync: some inputs failed, the others are in the database */
};

struct options {
	const char *db;
	struct input_options input;
	unsigned int jobs; /* processes at a time, and CPUs in all */
	uint64_t memory;   /* bytes of resident memory for each */
	uint64_t disk;     /* bytes of temporary files for each */
	unsigned int timeout_s;
	const char *list;         /* file of inputs, one a line; "-": standard input */
	const char *shard;        /* "I/N", "auto", "auto/N" */
	const char *releases[64]; /* each --release */
	size_t release_count;
	const char *key, *signature; /* sign, verify-signature */
	const char *inventory;       /* coverage */
	/* sync */
	const char *repo, *suite, *component, *arch, *keyring;
	bool no_signature, dry_run;
	bool allow_expired; /* an index past its Valid-Until, a key past its end */
	bool again;         /* packages that the database knows too */
	bool replace;       /* rows of kernels that have other facts in the database */
	bool json;
	bool verbose;
};

int lkccb_add(const struct options *o, int argc, char **argv);
int lkccb_list(const struct options *o, int argc, char **argv);
int lkccb_show(const struct options *o, int argc, char **argv);
int lkccb_diff(const struct options *o, int argc, char **argv);
int lkccb_import(const struct options *o, int argc, char **argv);
int lkccb_export(const struct options *o, int argc, char **argv);
int lkccb_merge(const struct options *o, int argc, char **argv);
int lkccb_slim(const struct options *o, int argc, char **argv);
int lkccb_verify(const struct options *o, int argc, char **argv);
int lkccb_coverage(const struct options *o, int argc, char **argv);
int lkccb_sync(const struct options *o, int argc, char **argv);
int lkccb_keygen(const struct options *o, int argc, char **argv);
int lkccb_sign(const struct options *o, int argc, char **argv);
int lkccb_verify_signature(const struct options *o, int argc, char **argv);

/* Prints the line; EXIT_FAILED. */
int report(const struct offsets_error *error);

/* A text that a command reads, whoever owns it; it is the caller's to close. */
int text_open(const char *path, FILE **ret, struct offsets_error *error);

/* Opens for reading, or reports. */
int with_db(const struct options *o, struct offsets **ret);

/* The inputs that a command line and its list name, in order; directories are looked through. */
struct paths {
	char **list;
	size_t count;
};

int paths_collect(const struct options *o, int argc, char **argv, struct paths *ret,
                  struct offsets_error *error);
/* Of --shard: every total-th of a sorted list, from index (0 is the first) on. */
struct shard {
	unsigned long index, total;
};
int shard_of(const char *shard, struct shard *ret, struct offsets_error *error);
void paths_free(struct paths *paths);

/* How add ended for one input. */
enum add_outcome {
	ADD_DONE,
	ADD_KNOWN,    /* by its SHA-256, and not read */
	ADD_EMPTY,    /* a package that has no kernel */
	ADD_CONFLICT, /* other facts than the database has; nothing of it was added */
	ADD_FAILED,
	ADD_OUTCOMES
};

/* Adds what was collected; path is the list's. Returns add's exit code. */
typedef void (*add_outcome_fn)(const char *path, enum add_outcome outcome, void *arg);
int add_inputs(const struct options *o, const struct paths *paths, add_outcome_fn fn, void *arg);

/* One input in a process of its own: what it found, as text for offsets_text_read(), or why not. */
struct batch_result {
	const char *path;
	enum { BATCH_ROWS, BATCH_KNOWN, BATCH_EMPTY, BATCH_FAILED } kind;
	const char *text; /* rows, or one line */
	size_t size;
	double seconds;
};

typedef int (*batch_result_fn)(const struct batch_result *result, void *arg);
typedef bool (*batch_known_fn)(const char *sha256, void *arg);

/*
 * Reads inputs, o->jobs at a time. known is asked in the processes, by digest.
 * A process that crashes, or breaks a limit, is a result like another. Ends
 * early, with its value, when a call of result returns non-zero.
 */
int batch_run(const struct options *o, const struct paths *paths, batch_known_fn known,
              batch_result_fn result, void *arg);

#endif
