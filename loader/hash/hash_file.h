/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the file that a process has executed: as /proc/PID/exe, or, when the process has ended, at
 * its path. A script: by the name that exec was given; a module: at its path. It is the file if
 * inode and device are those of the event. What may be on a file system that never answers is not
 * touched.
 */
#ifndef LOADER_HASH_HASH_FILE_H
#define LOADER_HASH_HASH_FILE_H

#include <sys/stat.h>

#include "loader/hash/hash_wire.h"

/* HASH_DONE: *ret_fd (O_PATH) is the caller's, *ret what fstat() says of it. Else why not. */
enum hash_state hash_file_find(const struct hash_request *request, int *ret_fd, struct stat *ret);

/* The same file, to be read; -1: errno says why. */
int hash_file_open(int fd);

#endif
