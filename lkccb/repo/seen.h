/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sync has learned of packages that their rows do not say: which have no
 * kernel, and what SHA-256 one has that its index names by a longer digest. A
 * text file beside the database, DATABASE.packages: the database itself has
 * rows alone, and is the same bytes for the same rows.
 */
#ifndef LKCCB_SEEN_H
#define LKCCB_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "offsets/offsets.h"

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

/* Nothing where there is no such file. -EBADMSG: it is malformed, or anybody may write it. */
int seen_read(const char *db, struct seen *ret, struct offsets_error *error);
void seen_free(struct seen *seen);

/* The SHA-256, SEEN_NO_KERNEL, or NULL: that package is not known. */
const char *seen_find(const struct seen *seen, const char *digest);

int seen_add(struct seen *seen, const char *digest, const char *sha256, const char *name);

/* Whole, or as it was; nothing where nothing was added. */
int seen_write(struct seen *seen, struct offsets_error *error);

#endif
