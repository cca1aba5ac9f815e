/* SPDX-License-Identifier: BSD-2-Clause */
/* The offsets to use on this host, and where they come from. */
#ifndef LOADER_HOST_CHOICE_H
#define LOADER_HOST_CHOICE_H

#include "loader/host/databases.h"
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
 * override NULL: looks for the build-id, then for release, version and machine, in each
 * database, then at the live BTF. Of what several databases have the entry is taken whose
 * source is trusted most. A missing database is no error if another one has the kernel, or
 * if there is BTF. -ENOENT: there are no offsets for this kernel; the error says what would
 * help. -ENXIO: there is no database. -ENOTUNIQ: databases contradict each other.
 * -EKEYREJECTED: one must not be used (dbsource.h).
 * choice_deinit() takes a zeroed struct.
 */
int choice_make(const struct host *host, const struct databases *databases, const char *override,
                struct choice *ret, struct offsets_error *error);
void choice_deinit(struct choice *choice);

/* Sets the keys of this host's kernel, and the source of its facts. -EINVAL: a malformed name. */
int choice_kernel_identify(const struct host *host, const char *source,
                           struct offsets_kernel *kernel);

#endif
