/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of all commands. */
#ifndef LKCCB_CMD_OPTIONS_H
#define LKCCB_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lkccb/input/input.h"

#define OPTIONS_RELEASES_MAX  64
#define OPTIONS_BUILD_IDS_MAX 1024

struct options {
	const char *db;
	struct input_options input;
	unsigned int jobs; /* processes at a time, and CPUs in all */
	uint64_t memory;   /* bytes of resident memory for each */
	uint64_t disk;     /* bytes of temporary files for each */
	unsigned int timeout_s;
	const char *list;  /* file of inputs, one per line; "-": standard input */
	const char *shard; /* "I/N", "auto", "auto/N" */
	const char *releases[OPTIONS_RELEASES_MAX]; /* each --release */
	size_t release_count;
	const char *build_ids[OPTIONS_BUILD_IDS_MAX]; /* each --build-id */
	size_t build_id_count;
	const char *key, *signature;     /* sign, verify-signature */
	uint64_t serial;                 /* the same; 0: not given */
	const char *inventory, *kernels; /* coverage */
	const char *output;              /* delta; NULL: standard output */
	const char *banners;             /* add: a file; input.banners is set from it */
	/* sync */
	const char *repo, *suite, *component, *arch, *keyring;
	bool no_signature, dry_run;
	bool allow_expired;            /* an index past its Valid-Until, a key past its end */
	const char *provenance, *spdx; /* add, sync: files to write; verify: the first, to read */
	struct record *record;         /* of the run, for these; no option, NULL: nobody asks */
	bool is_verified; /* the signature of each input was: no option, sync sets it */
	bool again;       /* also packages that the database has */
	bool replace;     /* the facts of kernels that the database has */
	bool json;
	bool verbose;
	bool help, version;
};

/*
 * Sets *ret from the defaults and the command line; optind is then the first
 * argument. NULL, or what is wrong: an option of argv, or "" for a bad number.
 */
const char *options_parse(int argc, char **argv, struct options *ret);

#endif
