/* SPDX-License-Identifier: BSD-2-Clause */
/* The layouts of databases that could be this kernel's, each once. */
#ifndef LOADER_HOST_CANDIDATES_H
#define LOADER_HOST_CANDIDATES_H

#include "loader/host/databases.h"
#include "loader/host/host.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"

#define CANDIDATES_MAX 4096

struct candidate {
	struct offsets_kernel *kernel; /* of those with this layout, the one trusted most */
	struct layout layout;          /* without the facts of modules */
	size_t kernels;                /* that have it */
};

struct candidates {
	struct candidate *list; /* by database, then release */
	size_t count;
	size_t kernels; /* that have one of them */
};

/*
 * Those of the kernels of the host's machine; only_stream: and of its release's stream
 * (offsets/release.h); without what was proven for this kernel before. A missing database counts as
 * empty beside others. 0; -ENOENT: there are none; -ENXIO: there is no database; -errno.
 * candidates_free() takes a zeroed struct.
 */
int candidates_read(const struct databases *databases, const struct host *host, bool only_stream,
                    struct candidates *ret, struct offsets_error *error);
void candidates_free(struct candidates *candidates);

/* The name of its kernel and the source, "3.10.0-957.el7.x86_64 (isf)"; what is too long is cut. */
void candidate_name(const struct candidate *candidate, char *ret, size_t ret_size);

#endif
