/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb sync: the kernels of a repository that the database lacks. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escape.h"
#include "fetch.h"
#include "lkccb.h"
#include "repo.h"

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static bool local(const struct repo *repo)
{
	return !strstr(repo->base, "://");
}

/* A package without a size is not wanted. */
static int known_drop(const char *sha256, void *arg)
{
	struct repo *repo = arg;
	size_t i;

	for (i = 0; i < repo->count; i++)
		if (!strcmp(repo->packages[i].sha256, sha256))
			repo->packages[i].size = 0;
	return 0;
}

static int missing_only(const struct options *o, struct repo *repo, size_t *ret_total)
{
	struct offsets_error error;
	struct offsets *db;
	struct stat st;
	int err;

	*ret_total = repo->count;
	if (o->again || stat(o->db, &st))
		return EXIT_DONE;
	if (with_db(o, &db))
		return EXIT_FAILED;
	err = offsets_packages(db, known_drop, repo, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}

/* Where a package is, once it is there and is what the index says. */
static int package_get(const struct repo *repo, const struct repo_package *p, char *ret,
                       size_t size, struct offsets_error *error)
{
	int err = 0;

	if (local(repo)) {
		snprintf(ret, size, "%s", p->url);
	} else {
		snprintf(ret, size, "%.3000s/%.900s", repo->directory, p->name);
		err = fetch_file(p->url, ret, p->size, error);
	}
	if (!err)
		err = fetch_verify(ret, p->size, p->sha256, error);
	return err ? err : repo_package_verify(repo, ret, error);
}

/* As many at a time as are read at a time: a fleet's packages do not fit on a disk. */
static void packages_add(const struct options *o, const struct repo *repo, size_t *next,
                         size_t *done, size_t *failed)
{
	char *argv[1024], path[4096];
	struct offsets_error error;
	int argc = 0, code;

	while (*next < repo->count && argc < (int)o->jobs) {
		const struct repo_package *p = &repo->packages[(*next)++];

		if (!p->size)
			continue;
		if (o->input.ranges && !local(repo)) {
			argv[argc++] = strdup(p->url);
			continue;
		}
		if (package_get(repo, p, path, sizeof(path), &error)) {
			report(&error);
			++*failed;
			continue;
		}
		argv[argc++] = strdup(path);
	}
	if (argc) {
		code = lkccb_add(o, argc, argv);
		*failed += code == EXIT_FAILED || code == EXIT_PARTLY;
		*done += code == EXIT_DONE || code == EXIT_PARTLY;
	}
	while (argc) {
		if (!local(repo) && !o->input.ranges)
			unlink(argv[argc - 1]);
		free(argv[--argc]);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct repo_package *)a)->name,
	              ((const struct repo_package *)b)->name);
}

/* Of the whole repository, whatever each shard's database has already. */
static int shard_only(const char *text, struct repo *repo)
{
	struct offsets_error error;
	struct shard shard;
	size_t i;

	if (shard_of(text, &shard, &error))
		return report(&error);
	if (repo->count)
		qsort(repo->packages, repo->count, sizeof(*repo->packages), by_name);
	for (i = 0; i < repo->count; i++)
		if (i % shard.total != shard.index)
			repo->packages[i].size = 0;
	return EXIT_DONE;
}

static int repo_sync(const struct options *o, struct repo *repo)
{
	struct options add = *o;
	size_t total, missing = 0, failed = 0, done = 0, next = 0, i;
	int code = missing_only(o, repo, &total);

	if (code == EXIT_DONE && o->shard)
		code = shard_only(o->shard, repo);
	if (code != EXIT_DONE)
		return code;
	add.shard = add.list = NULL;
	for (i = 0; i < repo->count; i++)
		if (repo->packages[i].size) {
			missing++;
			if (o->dry_run)
				escape_print(stdout, "%s\t%.1f MB\n", repo->packages[i].name,
				             repo->packages[i].size / 1e6);
		}
	escape_print(stderr, "lkccb: %s: %zu debug packages of kernels, %zu of them not in %s\n",
	             repo->base, total, missing, o->db);
	while (!o->dry_run && next < repo->count)
		packages_add(&add, repo, &next, &done, &failed);
	return !failed ? EXIT_DONE : done ? EXIT_PARTLY : EXIT_FAILED;
}

int lkccb_sync(const struct options *o, int argc, char **argv)
{
	struct repo repo = { .base = o->repo,
		             .suite = o->suite,
		             .component = o->component ? o->component : "main",
		             .arch = o->arch    ? o->arch
		                     : o->suite ? "amd64"
		                                : "x86_64",
		             .keyring = o->keyring,
		             .limits = { o->memory, o->disk, o->timeout_s, o->verbose } };
	const char *tmp = getenv("TMPDIR");
	struct offsets_error error;
	char directory[4096];
	int code = EXIT_FAILED;

	(void)argc, (void)argv;
	if (!o->repo || (!o->keyring && !o->no_signature)) {
		fprintf(stderr, "lkccb: sync: give --repo, and --keyring or --no-signature; see "
		                "'lkccb --help'\n");
		return EXIT_MISUSE;
	}
	if (o->keyring && trusted_check(o->keyring))
		return EXIT_FAILED;
	snprintf(directory, sizeof(directory), "%s/lkccb.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(directory)) {
		offsets_fail(&error, -errno, "%s: %s; set TMPDIR", directory, strerror(errno));
		return report(&error);
	}
	repo.directory = directory;
	if (repo_read(&repo, &error))
		report(&error);
	else
		code = repo_sync(o, &repo);
	repo_free(&repo);
	nftw(directory, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
	return code;
}
