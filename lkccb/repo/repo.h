/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug packages that a repository has, by its signed index. */
#ifndef LKCCB_REPO_H
#define LKCCB_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lkccb/confine/isolate.h"
#include "offsets/offsets.h"
#include "lkccb/repo/openpgp.h"

struct repo_package {
	char *relative; /* path in the repository */
	char *name;     /* of the file */
	char *digest;   /* hex; digest.h */
	uint64_t size;
	bool wanted;
};

struct repo {
	const char *base;      /* URL, or directory */
	bool local;            /* it is a directory */
	const char *suite;     /* apt: "bookworm"; ended by '/': a flat repository */
	const char *component; /* apt: "main" */
	const char *arch;      /* apt: "amd64"; rpm: "x86_64" */
	/*
	 * NULL: signatures are not checked. A key of it must have signed the index;
	 * where it is armored and the repository one of rpm, each package instead:
	 * not every such repository signs its index.
	 */
	const struct keyring *keyring;
	bool expired_ok;       /* apt: past its Valid-Until */
	const char *directory; /* for files on the way: absolute, private; the caller removes it */
	struct isolate_limits limits; /* of processes that parse indices; disk: of a package too */
	struct repo_package *packages;
	size_t count;
};

/* A package with more bytes than these is none: an unsigned index could fill the disk. */
#define REPO_PACKAGE_BYTES_MAX (8ull << 30)

/*
 * Reads the index: of dnf where there is a repodata/repomd.xml, else of apt.
 * Nothing is believed but what a signature (or, without a keyring, the user's
 * word) stands behind: each file's size and digest by the one that names it.
 * All packages are wanted after that, each digest once, sorted by name.
 */
int repo_read(struct repo *repo, struct offsets_error *error);
void repo_free(struct repo *repo);

/*
 * Gets a package into a new file and verifies it; what is not as the index and
 * the keyring have it is not left there. Nobody but this user writes that file.
 */
int repo_package_get(const struct repo *repo, const struct repo_package *p, const char *path,
                     struct offsets_error *error);

/* ---- for the two kinds ------------------------------------------------ */

int repo_apt_read(struct repo *repo, struct offsets_error *error);
int repo_rpm_read(struct repo *repo, struct offsets_error *error);

/* The address of a file of the repository; of a local one its path. */
int repo_url(const struct repo *repo, const char *relative, char *ret, size_t size,
             struct offsets_error *error);

/* Gets a file of the repository as repo->directory/name; digest NULL: not checked. */
int repo_get(const struct repo *repo, const char *relative, const char *name, uint64_t max,
             const char *digest, struct offsets_error *error);
int repo_add(struct repo *repo, const char *relative, const char *digest, uint64_t size,
             struct offsets_error *error);

enum repo_form {
	REPO_PLAIN,  /* as it is: what was signed is what is read */
	REPO_PACKED, /* compressed, or not */
};

/*
 * Parses a file of repo->directory, of 512 MiB at most. parse runs in a process
 * of its own, in a sandbox, gets the text, ended by NUL, and prints lines; take
 * gets each of them here. What take is given may be anything.
 */
typedef int (*repo_parse_fn)(const struct repo *repo, const char *text, size_t size, FILE *lines,
                             struct offsets_error *error);
typedef int (*repo_take_fn)(struct repo *repo, char *line, void *arg, struct offsets_error *error);
int repo_parse(struct repo *repo, const char *name, enum repo_form form, repo_parse_fn parse,
               repo_take_fn take, void *arg, struct offsets_error *error);

/* For both: a package as a line, "PATH\tDIGEST\tSIZE", and the line as a package. */
void repo_package_print(const char *relative, const char *digest, uint64_t size, FILE *lines);
int repo_package_take(struct repo *repo, char *line, void *arg, struct offsets_error *error);

#endif
