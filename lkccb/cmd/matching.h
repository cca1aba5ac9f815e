/* SPDX-License-Identifier: BSD-2-Clause */
/* How a kernel that somebody has matches the database, and which package would close the gap. */
#ifndef LKCCB_CMD_MATCHING_H
#define LKCCB_CMD_MATCHING_H

#include "offsets/offsets.h"

struct host {
	const char *release, *machine;
	const char *build_id;        /* NULL: unknown */
	const char *version;         /* uname -v; NULL: unknown */
	const char *build;           /* what follows the # of uname -v; NULL: unknown */
	const char *package_version; /* of its distribution; NULL: unknown */
};

struct matching {
	const char *match; /* "build-id", "version", ...; NULL: it is not in the database */
	char source[64];   /* what the entry was read from; "": it is not in the database */
	char advice[512];  /* what would close the gap; "": nothing */
};

/*
 * A build-id or version decides. Without one, builds with one release are distinguished by
 * what is known of uname -v, else a match by release may be another build.
 */
int matching_find(struct offsets *db, const struct host *host, struct matching *ret,
                  struct offsets_error *error);

/* The debug package, guessed from the form of the release. package_version: NULL, or known. */
void matching_package(const char *release, const char *machine, const char *package_version,
                      char *ret, size_t size);

#endif
