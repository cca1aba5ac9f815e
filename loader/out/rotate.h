/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Old files of an output: PATH.1 is the newest of them, or PATH.1.gz or PATH.1.zst where it
 * is compressed.
 */
#ifndef LOADER_OUT_ROTATE_H
#define LOADER_OUT_ROTATE_H

#include "loader/out/compressor.h"
#include "offsets/util/error.h"

/*
 * Renames the file that is open as fd to NAME.1, what has that name to NAME.2 and so on, and
 * removes what would be the one after keep. Its directories have to be trusted, as
 * safefile_open() has found. 0 or -errno: some may have been renamed.
 */
int rotate_files(int fd, unsigned int keep, struct offsets_error *error);

/*
 * Puts what a file was compressed to in its place. fd: of the file, wherever it was renamed
 * to meanwhile; path: of its compressed form, in the same directory, which is removed if the
 * file is not there any more. 0 or -errno.
 */
int rotate_compressed(int fd, const char *path, enum compression compression,
                      struct offsets_error *error);

#endif
