/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "offsets/util/cleanup.h"
#include "lkccb/input/paths.h"
#include "lkccb/io/textfile.h"

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

/* By name: a mirror has many other packages. */
static bool debug_file(const char *name)
{
	static const char *const patterns[] = {
		"linux-image-*-dbg_*.deb",
		"linux-image-*-dbgsym_*.*deb",
		"kernel*-debuginfo-[0-9]*.rpm",
		"vmlinux",
		"vmlinux-*",
		"*.btf.tar.*",
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
		                   "%s: no debug package of a kernel in this directory (names: "
		                   "linux-image-*-dbg, *-dbgsym, kernel*-debuginfo, vmlinux, "
		                   "*.btf.tar.*)",
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
	int err = standard ? 0 : textfile_open(name, &file, error);
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

/* The index of this job, from 0, and the number of jobs. */
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
	/* A Kubernetes Indexed Job does not say how many jobs there are. */
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

int paths_shard_parse(const char *text, struct paths_shard *ret, struct offsets_error *error)
{
	if (shard_parse(text, &ret->index, &ret->total))
		return 0;
	return offsets_fail(error, -EINVAL,
	                    "--shard %s: give I/N with I from 1 to N, auto (in GitLab CI, Slurm) "
	                    "or auto/N (in a Kubernetes Indexed Job)",
	                    text);
}

/* Sorted first: each job may list the paths in another order. */
static int shard_keep(struct paths *paths, const char *text, struct offsets_error *error)
{
	struct paths_shard shard;
	size_t i, kept = 0;
	int err = paths_shard_parse(text, &shard, error);

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

int paths_collect(char *const *arguments, size_t count, const char *list, const char *shard,
                  struct paths *ret, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	*ret = (struct paths){ NULL, 0 };
	for (i = 0; !err && i < count; i++)
		err = input_add(ret, arguments[i], error);
	if (!err && list)
		err = list_add(ret, list, error);
	if (!err && shard)
		err = shard_keep(ret, shard, error);
	if (err)
		paths_free(ret);
	return err;
}

bool paths_have(const struct paths *paths, const char *path)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (!strcmp(paths->list[i], path))
			return true;
	return false;
}
