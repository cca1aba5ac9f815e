/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of runtimes' files: a helper (loader/helper/) that answers what they say of a
 * container. */
#ifndef LOADER_RUNTIME_RUNTIME_READER_H
#define LOADER_RUNTIME_RUNTIME_READER_H

#include <sys/types.h>

#include "offsets/util/error.h"

/* *ret_fd: a socket to it (runtime_wire.h). 0 or -errno. */
int runtime_reader_start(pid_t *ret_pid, int *ret_fd, struct offsets_error *error);

#endif
