/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkccb/io/fetch.h"
#include "lkccb/repo/repo.h"
#include "lkccb/repo/repo_apt.h"
#include "lkccb/repo/repo_rpm.h"
#include "lkccb/repo/rpmsig.h"
#include "offsets/util/cleanup.h"

int repo_package_get(const struct repo *repo, const struct repo_package *p, const char *path,
                     struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char url[4096];
	int err;

	if (p->size > repo->limits.disk)
		return offsets_fail(error, -EFBIG,
		                    "%s: larger than %llu MB; raise --disk if the package is known "
		                    "to be that large",
		                    p->relative, (unsigned long long)(repo->limits.disk >> 20));
	fd = repo_file_new(path, error);
	if (fd < 0)
		return fd;
	err = repo_file_get(repo, p->relative, fd, p->size, url, sizeof(url), error);
	if (!err)
		err = fetch_verify(fd, url, p->size, p->digest, error);
	if (!err && repo->keyring && repo->keyring->armored && !repo->suite)
		err = rpmsig_verify(fd, url, repo->keyring, error);
	if (err)
		unlink(path);
	return err;
}

/* ---- the index -------------------------------------------------------- */

static void package_free(struct repo_package *p)
{
	free(p->relative);
	free(p->name);
	free(p->digest);
}

static int by_digest(const void *a, const void *b)
{
	const struct repo_package *x = a, *y = b;
	int c = strcmp(x->digest, y->digest);

	return c ? c : strcmp(x->relative, y->relative);
}

/* Two packages of one name are sorted by path: each shard must sort in the same order. */
static int by_name(const void *a, const void *b)
{
	const struct repo_package *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->relative, y->relative);
}

static void packages_sort(struct repo *repo)
{
	size_t i, kept = 0;

	if (!repo->count)
		return;
	qsort(repo->packages, repo->count, sizeof(*repo->packages), by_digest);
	for (i = 0; i < repo->count; i++)
		if (i && !strcmp(repo->packages[kept - 1].digest, repo->packages[i].digest))
			package_free(&repo->packages[i]);
		else
			repo->packages[kept++] = repo->packages[i];
	repo->count = kept;
	qsort(repo->packages, repo->count, sizeof(*repo->packages), by_name);
}

void repo_free(struct repo *repo)
{
	while (repo->count)
		package_free(&repo->packages[--repo->count]);
	free(repo->packages);
	repo->packages = NULL;
}

/* Without a suite it must be a dnf repository. */
static int rpm_read_or_ask(struct repo *repo, struct offsets_error *error)
{
	struct offsets_error why;
	int err = repo_get(repo, "repodata/repomd.xml", "repomd.xml", 0, NULL, &why);

	if (err)
		return offsets_fail(
			error, err,
			"%s: no repodata/repomd.xml (%.300s); for an apt repository, give --suite",
			repo->base, why.text);
	return repo_rpm_read(repo, error);
}

int repo_read(struct repo *repo, struct offsets_error *error)
{
	int err = repo->suite ? repo_apt_read(repo, error) : rpm_read_or_ask(repo, error);

	if (!err)
		packages_sort(repo);
	return err;
}
