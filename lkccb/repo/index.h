/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of apt and dnf repositories share: files of a repository, and its packages. */
#ifndef LKCCB_REPO_INDEX_H
#define LKCCB_REPO_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lkccb/confine/isolate.h"
#include "lkccb/repo/openpgp.h"
#include "offsets/util/error.h"

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
	 * NULL: signatures are not checked. One of its keys must have signed
	 * the index; or, if the keyring is armored and it is an rpm repository,
	 * each package: not every such repository signs its index.
	 */
	const struct keyring *keyring;
	bool expired_ok;       /* apt: past its Valid-Until */
	const char *directory; /* for temporary files: absolute, private; the caller removes it */
	struct isolate_limits
		limits; /* of processes that parse indices; disk also limits a package */
	struct repo_package *packages;
	size_t count;
};

/* No package is larger: an unsigned index could fill the disk. */
#define REPO_PACKAGE_BYTES_MAX (8ull << 30)

#define REPO_INDEX_BYTES_MAX (512 << 20)

/* The URL of a file of the repository; its path in a local one. */
int repo_url(const struct repo *repo, const char *relative, char *ret, size_t size,
             struct offsets_error *error);

/* Opens a new file of this user; its descriptor, or -errno. */
int repo_file_new(const char *path, struct offsets_error *error);

/* Gets a file of the repository into fd; max: bytes, 0: as fetch_file(). ret_url: for messages. */
int repo_file_get(const struct repo *repo, const char *relative, int fd, uint64_t max,
                  char *ret_url, size_t size, struct offsets_error *error);

/* Gets a file of the repository as repo->directory/name; digest NULL: not checked. */
int repo_get(const struct repo *repo, const char *relative, const char *name, uint64_t max,
             const char *digest, struct offsets_error *error);
int repo_add(struct repo *repo, const char *relative, const char *digest, uint64_t size,
             struct offsets_error *error);

enum repo_form {
	REPO_PLAIN,  /* not decompressed: what was signed is what is read */
	REPO_PACKED, /* compressed, or not */
};

/*
 * Parses a file of repo->directory, of at most REPO_INDEX_BYTES_MAX. parse runs
 * in a sandboxed process of its own: it gets the text, ended by NUL, and prints
 * lines. take gets each line in this process, and must not trust it.
 */
typedef int (*repo_parse_fn)(const struct repo *repo, const char *text, size_t size, FILE *lines,
                             struct offsets_error *error);
typedef int (*repo_take_fn)(struct repo *repo, char *line, void *arg, struct offsets_error *error);
int repo_parse(struct repo *repo, const char *name, enum repo_form form, repo_parse_fn parse,
               repo_take_fn take, void *arg, struct offsets_error *error);

/* Prints a package as a line, "PATH\tDIGEST\tSIZE"; takes such a line as a package. */
void repo_package_print(const char *relative, const char *digest, uint64_t size, FILE *lines);
int repo_package_take(struct repo *repo, char *line, void *arg, struct offsets_error *error);

/*
 * Checks a detached signature: of repo->directory/name by repo->directory/signature,
 * by a key of repo->keyring. what is for messages.
 */
int repo_signature_verify(const struct repo *repo, const char *what, const char *name,
                          const char *signature, struct offsets_error *error);

#endif
