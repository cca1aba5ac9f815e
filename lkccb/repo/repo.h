/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug packages that a repository has, by its signed index. */
#ifndef LKCCB_REPO_REPO_H
#define LKCCB_REPO_REPO_H

#include "lkccb/repo/index.h"

/*
 * Reads the index: of apt if there is a suite, else of dnf
 * (repodata/repomd.xml). The chain of trust is: the signature (without a
 * keyring, the user's decision), then size and digest of each file from the
 * file that names it. Afterwards all packages are wanted, each digest once,
 * sorted by name.
 */
int repo_read(struct repo *repo, struct offsets_error *error);
void repo_free(struct repo *repo);

/*
 * Gets a package into a new file, which only this user can write, and verifies
 * it by the index and the keyring. A package that fails is removed.
 */
int repo_package_get(const struct repo *repo, const struct repo_package *p, const char *path,
                     struct offsets_error *error);

#endif
