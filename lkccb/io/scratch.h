/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Temporary space for one input: two unlinked files in $TMPDIR (or /tmp), which
 * are opened before the process enters its sandbox, and whose size is limited.
 */
#ifndef LKCCB_IO_SCRATCH_H
#define LKCCB_IO_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "offsets/util/error.h"

struct scratch {
	int fds[2];    /* the space, and a file for library calls; -1: none */
	uint64_t used; /* bytes of the first file */
	uint64_t max;  /* of each */
	int err;       /* 0, or -errno: why there is none */
};

/* An unlinked file in $TMPDIR (or /tmp), or -errno. */
int scratch_unlinked_file(void);

#define SCRATCH_DIRECTORY_MAX 2048 /* bytes of its name */

/*
 * A new directory in $TMPDIR (or /tmp), for this user alone. A process of its own
 * removes it and all that is in it, also if this one is killed.
 */
struct scratch_directory {
	char name[SCRATCH_DIRECTORY_MAX]; /* absolute */
	pid_t keeper;
	int alive; /* the keeper has the other end of this pipe */
};

int scratch_directory_make(struct scratch_directory *ret, struct offsets_error *error);
void scratch_directory_remove(struct scratch_directory *directory);

/* A failure is reported when the space is first needed. */
void scratch_init(struct scratch *s, uint64_t max_bytes);
void scratch_deinit(struct scratch *s);

/* Begins a region, at a page boundary; returns its start. One region is written at a time. */
uint64_t scratch_begin(struct scratch *s);

/* Appends to the region. what is for messages, "FILE: unpacked data". */
int scratch_write(struct scratch *s, const void *data, size_t size, const char *what,
                  struct offsets_error *error);

/* Maps a region privately; the caller calls munmap(). NULL: errno says why. */
char *scratch_map(struct scratch *s, uint64_t start, uint64_t size);

/* Frees everything from start on. */
void scratch_rewind(struct scratch *s, uint64_t start);

/* A descriptor of a file with exactly these bytes, valid until the next call; or -errno. */
int scratch_file(struct scratch *s, const void *data, size_t size);

#endif
