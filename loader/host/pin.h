/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel entry of this host, in a database of its own. */
#ifndef LOADER_HOST_PIN_H
#define LOADER_HOST_PIN_H

#include "loader/host/host.h"
#include "offsets/offsets.h"

/*
 * Whether pin_write() could write: the path is trusted (offsets/util/safefile.h), the
 * database is one or is missing, and has no entry of this kernel that is trusted more.
 * Leaves nothing behind. 0 or -errno.
 */
int pin_check(const char *path, const struct host *host, struct offsets_error *error);

/*
 * Writes the entry in one step, and makes the database if it is missing. Other entries stay;
 * one of this kernel that was proven before is replaced. -EEXIST: this kernel has an entry
 * there that is trusted more. 0 or -errno: nothing was changed.
 */
int pin_write(const char *path, const struct host *host, struct offsets_kernel *kernel,
              struct offsets_error *error);

#endif
