/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vmlinux that lies behind all modules of a package, found from the tar's
 * end: its section headers are its last bytes, and say where it begins.
 */
#ifndef LKCCB_TAIL_H
#define LKCCB_TAIL_H

#include <stdint.h>

#include "lkccb/package/xz.h"

/*
 * path: of the file in the tar, without "./". The place that is found is one
 * where the file's own tar header stands. -ENOENT: not found so, which does not
 * mean that it is not there. Others as xz_need().
 */
int tail_find(struct xz *xz, const char *path, struct xz_range *ret);

#endif
