/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb sync: the kernels of a repository that the database lacks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "offsets/util/escape.h"
#include "lkccb/io/fetch.h"
#include "lkccb/io/scratch.h"
#include "lkccb/cmd/add.h"
#include "lkccb/cmd/known.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/provenance.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/record.h"
#include "lkccb/cmd/report.h"
#include "lkccb/repo/repo.h"
#include "lkccb/repo/seen.h"

struct sync {
	const struct options *o;
	struct repo *repo;
	struct seen seen;
	size_t total, missing,
		empty; /* numbers of packages: in the index, wanted, known to have no kernel */
	size_t done, failed, conflicts;
	bool stop; /* the database cannot be written: stop */
	struct {
		const struct repo_package *package;
		char *path, sha256[SHA256_HEX + 1];
	} * batch; /* o->jobs elements */
	size_t batch_count;
};

/* ---- what is wanted --------------------------------------------------- */

/* The database may not exist yet. */
static int database_known(const struct options *o, struct known *ret)
{
	struct offsets_error error;
	struct offsets *db;
	struct stat st;
	int err;

	if (stat(o->db, &st))
		return EXIT_DONE;
	if (reading_open(o, &db))
		return EXIT_FAILED;
	err = known_read(db, ret, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}

/*
 * Known by the digest of the index, or by the SHA-256 that was computed when
 * the package was read.
 */
static void known_drop(struct sync *s, const struct known *known)
{
	size_t i;

	for (i = 0; i < s->repo->count; i++) {
		struct repo_package *p = &s->repo->packages[i];
		const char *seen = seen_find(&s->seen, p->digest);

		if (seen && !strcmp(seen, SEEN_NO_KERNEL)) {
			s->empty++;
			p->wanted = false;
		} else if (known_has(known, p->digest) || known_has(known, seen)) {
			p->wanted = false;
		}
	}
}

/* Of the whole repository, whatever the database of each shard contains. */
static int shard_only(const char *text, struct repo *repo)
{
	struct offsets_error error;
	struct paths_shard shard;
	size_t i;

	if (paths_shard_parse(text, &shard, &error))
		return report(&error);
	for (i = 0; i < repo->count; i++)
		if (i % shard.total != shard.index)
			repo->packages[i].wanted = false;
	return EXIT_DONE;
}

static int wanted_choose(struct sync *s)
{
	struct known known = { 0 };
	int code = EXIT_DONE;
	size_t i;

	s->total = s->repo->count;
	if (!s->o->again) {
		code = database_known(s->o, &known);
		if (code == EXIT_DONE)
			known_drop(s, &known);
		known_free(&known);
	}
	if (code == EXIT_DONE && s->o->shard)
		code = shard_only(s->o->shard, s->repo);
	for (i = 0; i < s->repo->count; i++)
		s->missing += s->repo->packages[i].wanted;
	return code;
}

static void wanted_report(const struct sync *s)
{
	size_t i;

	for (i = 0; s->o->dry_run && i < s->repo->count; i++)
		if (s->repo->packages[i].wanted)
			escape_print(stdout, "%s\t%.1f MB\n", s->repo->packages[i].name,
			             s->repo->packages[i].size / 1e6);
	escape_print(stderr, "lkccb: %s: %zu debug packages of kernels, %zu of them not in %s",
	             s->repo->base, s->total, s->missing, s->o->db);
	if (s->empty)
		fprintf(stderr, ", %zu known to have no kernel", s->empty);
	fputc('\n', stderr);
}

/* ---- packages --------------------------------------------------------- */

/* Called for each package of the batch. */
static void on_outcome(const char *path, enum add_outcome outcome, void *arg)
{
	struct sync *s = arg;
	size_t i;

	s->failed += outcome == ADD_FAILED;
	s->conflicts += outcome == ADD_CONFLICT;
	s->done += outcome != ADD_FAILED && outcome != ADD_CONFLICT;
	for (i = 0; i < s->batch_count && strcmp(s->batch[i].path, path);)
		i++;
	if (i == s->batch_count)
		return;
	if (outcome == ADD_EMPTY)
		seen_add(&s->seen, s->batch[i].package->digest, SEEN_NO_KERNEL,
		         s->batch[i].package->name);
	else if ((outcome == ADD_DONE || outcome == ADD_KNOWN) && *s->batch[i].sha256)
		seen_add(&s->seen, s->batch[i].package->digest, s->batch[i].sha256,
		         s->batch[i].package->name);
}

/*
 * Computes the SHA-256 of a package whose index has another digest: entries of
 * the database have only SHA-256.
 */
static void sha256_note(const char *path, const char *digest, char *ret)
{
	CLEANUP(cleanup_fd) int fd = -1;

	*ret = '\0';
	if (strlen(digest) == SHA256_HEX)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || digest_file(fd, 0, SHA256_HEX, ret))
		*ret = '\0';
}

/* Each in its own directory: two packages may have the same name. */
static int package_get(const struct sync *s, const struct repo_package *p, char *ret, size_t size,
                       struct offsets_error *error)
{
	char directory[3200];

	snprintf(directory, sizeof(directory), "%.3000s/%zu", s->repo->directory,
	         (size_t)(p - s->repo->packages));
	if (mkdir(directory, 0700))
		return offsets_fail(error, -errno, "%s: %s", directory, strerror(errno));
	snprintf(ret, size, "%s/%.200s", directory, p->name);
	return repo_package_get(s->repo, p, ret, error);
}

/* Parts are read from the server. Only the size can be checked against the index. */
static int package_by_ranges(const struct sync *s, const struct repo_package *p, char *ret,
                             size_t size, struct offsets_error *error)
{
	uint64_t bytes;
	int err = repo_url(s->repo, p->relative, ret, size, error);

	if (!err)
		err = fetch_size(ret, &bytes, error);
	if (!err && bytes != p->size)
		err = offsets_fail(error, -EBADMSG,
		                   "%s: its size differs from the repository's index", ret);
	return err;
}

/* An .rpm is one stream and cannot be read in parts. */
static bool by_ranges(const struct sync *s)
{
	return s->o->input.ranges && !s->repo->local && s->repo->suite;
}

static void package_collect(struct sync *s, const struct repo_package *p)
{
	struct offsets_error error;
	char path[4096];
	int err = by_ranges(s) ? package_by_ranges(s, p, path, sizeof(path), &error)
	                       : package_get(s, p, path, sizeof(path), &error);
	char *copy = err ? NULL : strdup(path);

	if (!copy) {
		if (!err)
			offsets_fail(&error, -ENOMEM, "out of memory");
		report(&error);
		s->failed++;
		return;
	}
	s->batch[s->batch_count].package = p;
	s->batch[s->batch_count].path = copy;
	*s->batch[s->batch_count].sha256 = '\0';
	if (!by_ranges(s))
		sha256_note(path, p->digest, s->batch[s->batch_count].sha256);
	s->batch_count++;
}

static void batch_add(struct sync *s)
{
	struct paths paths = { calloc(s->batch_count, sizeof(char *)), s->batch_count };
	struct options o = *s->o;
	size_t i, end = s->done + s->failed + s->conflicts + s->batch_count;

	if (!paths.list) {
		fprintf(stderr, "lkccb: out of memory\n");
		s->failed++;
		s->stop = true;
		return;
	}
	for (i = 0; i < s->batch_count; i++)
		paths.list[i] = s->batch[i].path;
	/* Of a package that is read in parts, no digest was verified. */
	o.is_verified = s->repo->keyring && !by_ranges(s);
	if (add_inputs(&o, &paths, NULL, on_outcome, s) == EXIT_FAILED &&
	    s->done + s->failed + s->conflicts != end) {
		s->failed++;
		s->stop = true;
	}
	free(paths.list);
}

/* One batch: as many packages as are read at a time, since all together may not fit on the disk. */
static void packages_add(struct sync *s, size_t *next)
{
	struct offsets_error error;

	s->batch_count = 0;
	while (*next < s->repo->count && s->batch_count < s->o->jobs) {
		const struct repo_package *p = &s->repo->packages[(*next)++];

		if (p->wanted)
			package_collect(s, p);
	}
	if (s->batch_count)
		batch_add(s);
	while (s->batch_count) {
		char *path = s->batch[--s->batch_count].path;

		if (!by_ranges(s))
			unlink(path);
		free(path);
	}
	if (seen_write(&s->seen, &error))
		report(&error);
}

static int packages_sync(struct sync *s)
{
	size_t next = 0;
	int code = wanted_choose(s);

	if (code != EXIT_DONE)
		return code;
	wanted_report(s);
	while (!s->o->dry_run && !s->stop && next < s->repo->count)
		packages_add(s, &next);
	if (s->failed)
		return s->done ? EXIT_PARTLY : EXIT_FAILED;
	return s->conflicts ? EXIT_DIFFERENT : EXIT_DONE;
}

/* ---- the command ------------------------------------------------------ */

static int repo_sync(const struct options *o, struct repo *repo)
{
	struct sync s = { .o = o, .repo = repo };
	struct offsets_error error;
	int code = EXIT_FAILED;

	s.batch = calloc(o->jobs, sizeof(*s.batch));
	if (!s.batch)
		offsets_fail(&error, -ENOMEM, "out of memory");
	if (!s.batch || seen_read(o->db, &s.seen, &error) || repo_read(repo, &error))
		report(&error);
	else
		code = packages_sync(&s);
	seen_free(&s.seen);
	free(s.batch);
	return code;
}

static int sync_in(const struct options *o, const char *directory)
{
	CLEANUP(cleanup_free) char *path = fetch_local_path(o->repo);
	struct keyring keyring = { .expired_ok = o->allow_expired };
	struct repo repo = { .base = path ? path : o->repo,
		             .local = path || !strstr(o->repo, "://"),
		             .suite = o->suite,
		             .component = o->component ? o->component : "main",
		             .arch = o->arch    ? o->arch
		                     : o->suite ? "amd64"
		                                : "x86_64",
		             .keyring = o->keyring ? &keyring : NULL,
		             .expired_ok = o->allow_expired,
		             .directory = directory,
		             .limits = { o->memory, o->disk, o->timeout_s, o->verbose } };
	struct offsets_error error;
	int code;

	fetch_patience(o->timeout_s);
	if (o->keyring && keyring_read(o->keyring, directory, &keyring, &error))
		return report(&error);
	code = repo_sync(o, &repo);
	repo_free(&repo);
	return code;
}

int lkccb_sync(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct scratch_directory directory;
	struct options recorded = *o;
	int code;

	(void)argc, (void)argv;
	if (!o->repo || (!o->keyring && !o->no_signature))
		return report_misuse("sync: give --repo, and --keyring or --no-signature");
	if (o->input.version || o->banners)
		return report_misuse("sync: --version and --banners are of add");
	if (record_begin(o, "sync", &recorded.record, &error))
		return report(&error);
	if (scratch_directory_make(&directory, &error)) {
		record_free(recorded.record);
		return report(&error);
	}
	code = provenance_write(recorded.record, sync_in(&recorded, directory.name));
	record_free(recorded.record);
	scratch_directory_remove(&directory);
	return code;
}
