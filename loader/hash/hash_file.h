/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the file that a process has executed: as /proc/PID/exe, or, when the process has ended, at
 * its path. A script: by the name that exec was given; a module: at its path. It is the file if
 * inode and device are those of the event. What may be on a file system that never answers is not
 * touched.
 */
#ifndef LOADER_HASH_HASH_FILE_H
#define LOADER_HASH_HASH_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "loader/hash/hash_wire.h"

struct hash_file {
	int fd; /* O_PATH */
	struct stat st;
	bool is_running;  /* nobody can write to it as long as the process runs it */
	bool is_untraced; /* only that says that it has not changed: its times do not */
};

/* HASH_DONE: ret->fd is the caller's. Else why not. */
enum hash_state hash_file_find(const struct hash_request *request, struct hash_file *ret);

/* Whether the process runs that file, to which nobody can write then. */
bool hash_file_is_running(const struct stat *st, uint32_t pid);

/* The same file, to be read; -1: errno says why. */
int hash_file_open(int fd);

#endif
