/* SPDX-License-Identifier: BSD-2-Clause */
/* apt repositories. */
#ifndef LKCCB_REPO_REPO_APT_H
#define LKCCB_REPO_REPO_APT_H

#include "lkccb/repo/index.h"

/* Reads the index of repo->suite; as repo_read(), but the packages are not sorted. */
int repo_apt_read(struct repo *repo, struct offsets_error *error);

#endif
