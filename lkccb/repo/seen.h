/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sync knows about packages and the database does not contain: which have
 * no kernel, and the SHA-256 of those that their index names by a longer
 * digest. A text file beside the database, DATABASE.packages: the database
 * contains only kernels, so that equal kernels give equal bytes.
 */
#ifndef LKCCB_REPO_SEEN_H
#define LKCCB_REPO_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "offsets/util/error.h"

#define SEEN_NO_KERNEL "-"

struct seen_package {
	char *digest; /* of the index */
	char *sha256; /* or SEEN_NO_KERNEL */
	char *name;   /* for people */
};

struct seen {
	char *path;
	struct seen_package *list; /* sorted by digest */
	size_t count;
	bool changed;
};

/* A missing file is empty. -EBADMSG: malformed, or others can write it. */
int seen_read(const char *db, struct seen *ret, struct offsets_error *error);
void seen_free(struct seen *seen);

/* The SHA-256, SEEN_NO_KERNEL, or NULL: unknown package. */
const char *seen_find(const struct seen *seen, const char *digest);

int seen_add(struct seen *seen, const char *digest, const char *sha256, const char *name);

/* Replaces the file, if anything was added. */
int seen_write(struct seen *seen, struct offsets_error *error);

#endif
