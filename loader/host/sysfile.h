/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc and /sys that have one line. */
#ifndef LOADER_HOST_SYSFILE_H
#define LOADER_HOST_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>

/* First line of a small file, without the newline. False: not readable. */
bool host_read_line(const char *path, char *ret, size_t size);

#endif
