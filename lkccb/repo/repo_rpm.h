/* SPDX-License-Identifier: BSD-2-Clause */
/* dnf and yum repositories. */
#ifndef LKCCB_REPO_REPO_RPM_H
#define LKCCB_REPO_REPO_RPM_H

#include "lkccb/repo/index.h"

/* Reads the index, from repodata/repomd.xml on; as repo_read(), but the packages are not sorted. */
int repo_rpm_read(struct repo *repo, struct offsets_error *error);

#endif
