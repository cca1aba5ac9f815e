/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Temporary space of one input: two unlinked files in $TMPDIR (or /tmp), opened
 * before the process enters its sandbox, and never larger than they may be.
 */
#ifndef LKCCB_SCRATCH_H
#define LKCCB_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "offsets/offsets.h"

struct scratch {
	int fds[2];    /* the space; a file that library calls can be given. -1: there is none */
	uint64_t used; /* bytes of the first */
	uint64_t max;  /* of each */
	int err;       /* why there is none */
};

/* An unlinked file in $TMPDIR (or /tmp), or -errno. */
int scratch_unlinked_file(void);

/* Where there can be none, whoever needs it later says why. */
void scratch_init(struct scratch *s, uint64_t max_bytes);
void scratch_deinit(struct scratch *s);

/* Where the next region starts: regions are written in one go, from a page's start on. */
uint64_t scratch_begin(struct scratch *s);

/* Appends to the region that was begun. what: for the message, "FILE: its vmlinux" */
int scratch_write(struct scratch *s, const void *data, size_t size, const char *what,
                  struct offsets_error *error);

/* A private mapping of a region, to be given to munmap(); NULL: errno. */
char *scratch_map(struct scratch *s, uint64_t start, uint64_t size);

/* Gives back all from there on. */
void scratch_rewind(struct scratch *s, uint64_t start);

/* A descriptor for a file of these bytes alone, valid until the next call; or -errno. */
int scratch_file(struct scratch *s, const void *data, size_t size);

#endif
