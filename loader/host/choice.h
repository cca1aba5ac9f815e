/* SPDX-License-Identifier: BSD-2-Clause */
/* The offsets to use on this host, and where they come from. */
#ifndef LOADER_HOST_CHOICE_H
#define LOADER_HOST_CHOICE_H

#include "loader/host/dbsource.h"
#include "loader/host/host.h"
#include "offsets/offsets.h"

enum choice_how {
	CHOICE_OVERRIDE, /* --kernel-override named it */
	CHOICE_BUILD_ID,
	CHOICE_VERSION, /* release, version string and machine */
	CHOICE_BTF,     /* the running kernel's own */
};

struct choice {
	struct offsets_kernel *row;
	enum choice_how how;
	uint64_t serial; /* the number of the database's signature; 0: none was asked for */
};

const char *choice_how_text(enum choice_how how);

/*
 * override NULL: looks for the build-id, then for release, version and machine,
 * then at the live BTF. A missing database is no error if there is BTF. -ENOENT:
 * there are no offsets for this kernel; the error says what would help. -ENXIO:
 * there is no database. -EKEYREJECTED: it must not be used (dbsource.h). choice_deinit()
 * takes a zeroed struct.
 */
int choice_make(const struct host *host, const struct dbsource *db, const char *override,
                struct choice *ret, struct offsets_error *error);
void choice_deinit(struct choice *choice);

#endif
