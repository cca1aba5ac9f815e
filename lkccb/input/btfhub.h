/* SPDX-License-Identifier: BSD-2-Clause */
/* The layout of btfhub's archive: DISTRIBUTION/VERSION/ARCHITECTURE/RELEASE.btf.tar.xz. */
#ifndef LKCCB_INPUT_BTFHUB_H
#define LKCCB_INPUT_BTFHUB_H

#include "offsets/offsets.h"

/*
 * Sets machine and distribution from such a path; another path changes nothing.
 * -EINVAL: the command line gave another machine.
 */
int btfhub_keys(const char *path, struct offsets_kernel *kernel, struct offsets_error *error);

#endif
