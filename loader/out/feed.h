/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that reads lines from its standard input, a pipe. */
#ifndef LOADER_OUT_FEED_H
#define LOADER_OUT_FEED_H

#include <sys/types.h>

#include "offsets/util/error.h"

/*
 * Whether it can be started: the file is trusted (offsets/util/safefile.h), and the user is
 * there. 0 or -errno.
 */
int feed_check(const char *path, const char *user, struct offsets_error *error);

/*
 * Starts it without arguments, in /, with the standard error of this process and an
 * environment of PATH alone. user: a name of /etc/passwd or a number, whose groups are not
 * looked up; empty: one that no other process has. *ret_fd: the end of the pipe to write to.
 * 0 or -errno.
 */
int feed_start(const char *path, const char *user, pid_t *ret_pid, int *ret_fd,
               struct offsets_error *error);

#endif
