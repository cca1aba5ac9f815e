/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory of a spool, which belongs to whoever ships from it at that time. */
#ifndef LOADER_SHIP_SPOOL_DIRECTORY_H
#define LOADER_SHIP_SPOOL_DIRECTORY_H

#include <stdbool.h>
#include <sys/types.h>

#include "offsets/util/error.h"

#define SPOOL_FILE "spool.db"

/*
 * Makes it, and those that lead to it, if they are missing. 0; -EPERM: others may change what leads
 * to it; or -errno.
 */
int spool_directory_make(const char *path, struct offsets_error *error);

/*
 * It becomes the working directory, and with its files that user's. *ret_is_given: false without
 * the right to give it away (CAP_CHOWN). 0 or -errno.
 */
int spool_directory_enter(const char *path, uid_t user, bool *ret_is_given,
                          struct offsets_error *error);

#endif
