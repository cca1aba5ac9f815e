/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug packages that a repository has, by its signed index. */
#ifndef LKCCB_REPO_H
#define LKCCB_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isolate.h"
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
	const char *directory;        /* for files on the way; the caller removes it */
	struct isolate_limits limits; /* of the processes that parse indices */
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

/*
 * Parses a file of repo->directory, compressed or not, of 512 MiB at most. parse
 * runs in a process of its own, in a sandbox, gets the text, ended by NUL, and
 * prints lines; take gets each of them here. What take is given may be anything.
 */
typedef int (*repo_parse_fn)(const struct repo *repo, const char *text, size_t size, FILE *lines,
                             struct offsets_error *error);
typedef int (*repo_take_fn)(struct repo *repo, char *line, void *arg, struct offsets_error *error);
int repo_parse(struct repo *repo, const char *name, repo_parse_fn parse, repo_take_fn take,
               void *arg, struct offsets_error *error);

/* For both: a package as a line, "PATH\tDIGEST\tSIZE", and the line as a package. */
void repo_package_print(const char *relative, const char *digest, uint64_t size, FILE *lines);
int repo_package_take(struct repo *repo, char *line, void *arg, struct offsets_error *error);

#endif
