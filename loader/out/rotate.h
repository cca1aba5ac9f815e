/* SPDX-License-Identifier: BSD-2-Clause */
/* Old files of an output: PATH.1 is the newest of them. */
#ifndef LOADER_OUT_ROTATE_H
#define LOADER_OUT_ROTATE_H

#include "offsets/util/error.h"

/*
 * Renames the file that is open as fd to NAME.1, what has that name to NAME.2 and so on, and
 * removes what would be the one after keep. Its directories have to be trusted, as
 * safefile_open() has found. 0 or -errno: some may have been renamed.
 */
int rotate_files(int fd, unsigned int keep, struct offsets_error *error);

#endif
