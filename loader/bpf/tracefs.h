/* SPDX-License-Identifier: BSD-2-Clause */
/* The file systems tracefs and debugfs of this host, mounted or not. */
#ifndef LOADER_BPF_TRACEFS_H
#define LOADER_BPF_TRACEFS_H

#include <stdbool.h>

#include "offsets/offsets.h"

/*
 * Where the tracepoints are. If nothing is mounted there, mounts it in a mount
 * namespace of our own, so that the host sees nothing of it (*ret_private).
 * *ret_path is static.
 */
int tracefs_ensure(const char **ret_path, bool *ret_private, struct offsets_error *error);

/* A field of a tracepoint's context, as its format file must have it. */
struct tracefs_field {
	const char *name;
	unsigned int offset, size;
};

/* -ENOENT: no such tracepoint. -EPROTO: a field lies elsewhere. fields end with name NULL. */
int tracefs_fields_check(const char *path, const char *category, const char *name,
                         const struct tracefs_field *fields, struct offsets_error *error);

/*
 * Opens a file of debugfs for reading, whether debugfs is mounted on this host or not; the host
 * sees nothing of it. The caller closes it. -errno: there is none.
 */
int tracefs_debugfs_open(const char *relative);

#endif
