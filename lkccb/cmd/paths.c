/* SPDX-License-Identifier: BSD-2-Clause */
/* Which inputs: those of the command line, of a list, of directories; and which part of them. */
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "offsets/util/cleanup.h"
#include "lkccb/cmd/lkccb.h"

static int path_add(struct paths *paths, const char *path)
{
	if ((paths->count & (paths->count - 1)) == 0) {
		size_t room = paths->count ? 2 * paths->count : 1;
		char **list = realloc(paths->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		paths->list = list;
	}
	paths->list[paths->count] = strdup(path);
	return paths->list[paths->count++] ? 0 : -ENOMEM;
}

void paths_free(struct paths *paths)
{
	while (paths->count)
		free(paths->list[--paths->count]);
	free(paths->list);
	paths->list = NULL;
}

/* By name: a mirror holds far more than debug packages of kernels. */
static bool debug_file(const char *name)
{
	static const char *const patterns[] = {
		"linux-image-*-dbg_*.deb",
		"linux-image-*-dbgsym_*.*deb",
		"kernel*-debuginfo-[0-9]*.rpm",
		"vmlinux",
		"vmlinux-*",
	};
	size_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int directory_add(struct paths *paths, const char *path, struct offsets_error *error)
{
	char *roots[] = { (char *)path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	size_t before = paths->count;
	FTSENT *entry;
	int err = 0;

	if (!fts)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	while (!err && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			err = offsets_fail(error, -entry->fts_errno, "%s: %s", entry->fts_path,
			                   strerror(entry->fts_errno));
		else if (entry->fts_info == FTS_F && debug_file(entry->fts_name))
			err = path_add(paths, entry->fts_path);
	}
	fts_close(fts);
	if (!err && paths->count == before)
		err = offsets_fail(error, -ENOENT,
		                   "%s: no debug package of a kernel in this directory (by name: "
		                   "linux-image-*-dbg, *-dbgsym, kernel*-debuginfo, vmlinux)",
		                   path);
	return err;
}

static int input_add(struct paths *paths, const char *path, struct offsets_error *error)
{
	struct stat st;
	int err;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return directory_add(paths, path, error);
	err = path_add(paths, path);
	return err ? offsets_fail(error, err, "out of memory") : 0;
}

static int list_add(struct paths *paths, const char *name, struct offsets_error *error)
{
	bool standard = !strcmp(name, "-");
	CLEANUP(cleanup_file) FILE *file = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int err = standard ? 0 : text_open(name, &file, error);
	FILE *in = standard ? stdin : file;

	while (!err && (size = getline(&line, &room, in)) >= 0) {
		if (size && line[size - 1] == '\n')
			line[size - 1] = '\0';
		if (*line && *line != '#')
			err = input_add(paths, line, error);
	}
	if (!err && ferror(in))
		err = offsets_fail(error, -EIO, "%s: %s", name, strerror(errno));
	return err;
}

/* ---- shards ----------------------------------------------------------- */

static bool number(const char *text, unsigned long *ret)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	*ret = strtoul(text, &end, 10);
	return !*end && *ret <= 1000000;
}

/* The place of this job among its siblings, from 0. */
static bool environment_shard(unsigned long *index, unsigned long *total)
{
	unsigned long first;

	if (number(getenv("CI_NODE_INDEX"), index) && number(getenv("CI_NODE_TOTAL"), total)) {
		--*index; /* GitLab counts from 1 */
		return true;
	}
	if (number(getenv("SLURM_ARRAY_TASK_ID"), index) &&
	    number(getenv("SLURM_ARRAY_TASK_COUNT"), total) &&
	    number(getenv("SLURM_ARRAY_TASK_MIN"), &first)) {
		*index -= first;
		return true;
	}
	/* A Kubernetes Indexed Job does not say how many there are. */
	return *total && number(getenv("JOB_COMPLETION_INDEX"), index);
}

static bool shard_parse(const char *text, unsigned long *index, unsigned long *total)
{
	const char *slash = strchr(text, '/');
	char first[16];

	*total = 0;
	if (slash && !number(slash + 1, total))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, "/"), text);
	if (!strcmp(first, "auto")) {
		if (!environment_shard(index, total))
			return false;
	} else if (!number(first, index) || (*index)-- == 0) {
		return false;
	}
	return *total && *index < *total;
}

static int by_base_name(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	const char *xb = strrchr(x, '/'), *yb = strrchr(y, '/');
	int c = strcmp(xb ? xb + 1 : x, yb ? yb + 1 : y);

	return c ? c : strcmp(x, y);
}

int shard_of(const char *shard, struct shard *ret, struct offsets_error *error)
{
	if (shard_parse(shard, &ret->index, &ret->total))
		return 0;
	return offsets_fail(error, -EINVAL,
	                    "--shard %s: give I/N with I from 1 to N, auto (in GitLab CI, Slurm) "
	                    "or auto/N (in a Kubernetes Indexed Job)",
	                    shard);
}

/* Sorted first: every job may have listed them in another order. */
static int paths_shard(struct paths *paths, const char *text, struct offsets_error *error)
{
	struct shard shard;
	size_t i, kept = 0;
	int err = shard_of(text, &shard, error);

	if (err)
		return err;
	if (paths->count)
		qsort(paths->list, paths->count, sizeof(*paths->list), by_base_name);
	for (i = 0; i < paths->count; i++)
		if (i % shard.total == shard.index)
			paths->list[kept++] = paths->list[i];
		else
			free(paths->list[i]);
	paths->count = kept;
	return 0;
}

/* ---- all of them ------------------------------------------------------ */

int paths_collect(const struct options *o, int argc, char **argv, struct paths *ret,
                  struct offsets_error *error)
{
	int i, err = 0;

	*ret = (struct paths){ NULL, 0 };
	for (i = 0; !err && i < argc; i++)
		err = input_add(ret, argv[i], error);
	if (!err && o->list)
		err = list_add(ret, o->list, error);
	if (!err && o->shard)
		err = paths_shard(ret, o->shard, error);
	if (err)
		paths_free(ret);
	return err;
}
