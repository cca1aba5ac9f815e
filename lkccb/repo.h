/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug packages that a repository has, by its signed index. */
#ifndef LKCCB_REPO_H
#define LKCCB_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets.h"

struct repo_package {
	char *name;   /* of the file */
	char *url;    /* or path, of a local mirror */
	char *sha256; /* hex */
	uint64_t size;
};

struct repo {
	const char *base;      /* URL, or directory */
	const char *suite;     /* apt: "bookworm" */
	const char *component; /* apt: "main" */
	const char *arch;      /* apt: "amd64"; rpm: "x86_64" */
	/*
	 * NULL: signatures are not checked. A keyring of gpgv must have signed the
	 * index; of rpm also an armored key ("RPM-GPG-KEY-..."), which must have
	 * signed each package: not every repository signs its index.
	 */
	const char *keyring;
	const char *directory; /* for files on the way; the caller removes it */
	struct repo_package *packages;
	size_t count;
	char rpm_keys[4096]; /* rpm's database of the armored key, or "" */
};

/*
 * Reads the index: of dnf where there is a repodata/repomd.xml, else of apt.
 * Nothing is believed but what a signature (or, without a keyring, the user's
 * word) stands behind: each file's size and SHA-256 by the one that names it.
 */
int repo_read(struct repo *repo, struct offsets_error *error);
void repo_free(struct repo *repo);

/* A package that was fetched: is it signed, where that is what makes it believed? -EBADMSG: no. */
int repo_package_verify(const struct repo *repo, const char *path, struct offsets_error *error);

/* ---- for the two kinds ------------------------------------------------ */

int repo_apt_read(struct repo *repo, struct offsets_error *error);
int repo_rpm_read(struct repo *repo, struct offsets_error *error);

/* base/relative */
int repo_url(const struct repo *repo, const char *relative, char *ret, size_t size,
             struct offsets_error *error);
/* Gets a file of the repository as repo->directory/name; sha256 NULL: not checked here. */
int repo_get(const struct repo *repo, const char *relative, const char *name, uint64_t size,
             const char *sha256, struct offsets_error *error);
int repo_add(struct repo *repo, const char *relative, const char *sha256, uint64_t size,
             struct offsets_error *error);

/* A compressed file of repo->directory in memory, ended by NUL. 512 MiB at most. */
int repo_unpack(const struct repo *repo, const char *name, char **ret, size_t *ret_size,
                struct offsets_error *error);

#endif
