/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds a vmlinux that is behind all modules of a package from the end of the
 * tar: its section headers are its last bytes, and say where it begins.
 */
#ifndef LKCCB_PACKAGE_TAIL_H
#define LKCCB_PACKAGE_TAIL_H

#include <stdint.h>

#include "lkccb/package/xz.h"

/*
 * path: of the file in the tar, without "./". The file's own tar header is at
 * the place that is found. -ENOENT: not found in this way; the file may still
 * exist. Else as xz_need().
 */
int tail_find(struct xz *xz, const char *path, struct xz_range *ret);

#endif
