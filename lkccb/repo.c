/* SPDX-License-Identifier: BSD-2-Clause */
#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fetch.h"
#include "repo.h"
#include "unpack.h"

#define INDEX_BYTES_MAX (512 << 20)

/* Names come from the network: nothing that leaves the repository. */
static bool relative_ok(const char *relative)
{
	const char *at;

	if (!*relative || *relative == '/' || strstr(relative, "..") || strchr(relative, ':'))
		return false;
	for (at = relative; *at; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	return true;
}

static bool is_local(const struct repo *repo)
{
	return !strstr(repo->base, "://");
}

int repo_url(const struct repo *repo, const char *relative, char *ret, size_t size,
             struct offsets_error *error)
{
	size_t len = strlen(repo->base);

	while (len && repo->base[len - 1] == '/')
		len--;
	if (!relative_ok(relative) ||
	    snprintf(ret, size, "%.*s/%s", (int)len, repo->base, relative) >= (int)size)
		return offsets_fail(error, -EBADMSG,
		                    "%s: an impossible file name in its index: %.80s", repo->base,
		                    relative);
	return 0;
}

int repo_get(const struct repo *repo, const char *relative, const char *name, uint64_t size,
             const char *sha256, struct offsets_error *error)
{
	char url[4096], absolute[4096], path[4096];
	int err = repo_url(repo, relative, url, sizeof(url), error);

	if (err)
		return err;
	if (is_local(repo)) { /* libcurl reads it as well, but wants an absolute URL */
		char real[4096];

		if (!realpath(url, real))
			return offsets_fail(error, -errno, "%s: %s", url, strerror(errno));
		snprintf(absolute, sizeof(absolute), "file://%.4000s", real);
		snprintf(url, sizeof(url), "%s", absolute);
	}
	snprintf(path, sizeof(path), "%.3000s/%.900s", repo->directory, name);
	unlink(path);
	err = fetch_file(url, path, size, error);
	if (!err && sha256)
		err = fetch_verify(path, size, sha256, error);
	return err;
}

int repo_add(struct repo *repo, const char *relative, const char *sha256, uint64_t size,
             struct offsets_error *error)
{
	const char *base = strrchr(relative, '/');
	struct repo_package *p;
	char url[4096];
	int err = repo_url(repo, relative, url, sizeof(url), error);

	if (err)
		return err;
	if (strlen(sha256) != 64 || sha256[strspn(sha256, "0123456789abcdef")] || !size)
		return offsets_fail(error, -EBADMSG, "%s: %s has no size or SHA-256 in the index",
		                    repo->base, relative);
	if ((repo->count & (repo->count - 1)) == 0) {
		size_t room = repo->count ? 2 * repo->count : 1;

		p = realloc(repo->packages, room * sizeof(*p));
		if (!p)
			return offsets_fail(error, -ENOMEM, "out of memory");
		repo->packages = p;
	}
	p = &repo->packages[repo->count++];
	*p = (struct repo_package){ strdup(base ? base + 1 : relative), strdup(url), strdup(sha256),
		                    size };
	return p->name && p->url && p->sha256 ? 0 : offsets_fail(error, -ENOMEM, "out of memory");
}

void repo_free(struct repo *repo)
{
	while (repo->count) {
		struct repo_package *p = &repo->packages[--repo->count];

		free(p->name);
		free(p->url);
		free(p->sha256);
	}
	free(repo->packages);
	repo->packages = NULL;
}

/* ---- parsing, in a process of its own --------------------------------- */

struct parsing {
	const struct repo *repo;
	const char *name;
	repo_parse_fn parse;
	int fd;
	struct offsets_error error;
};

static int parsing_open(void *arg, struct isolate_opened *ret, struct offsets_error *error)
{
	struct parsing *p = arg;
	char path[4096];

	snprintf(path, sizeof(path), "%.3000s/%.900s", p->repo->directory, p->name);
	p->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	ret->keep[ret->count++] = p->fd;
	return 0;
}

/* All of it, ended by NUL; NULL: it cannot be had. */
static char *data_read(struct archive *a, size_t *ret_size)
{
	char *data = malloc((size_t)INDEX_BYTES_MAX + 1);
	la_ssize_t n = data ? 0 : -1;

	*ret_size = 0;
	while (data && *ret_size < INDEX_BYTES_MAX &&
	       (n = archive_read_data(a, data + *ret_size, INDEX_BYTES_MAX - *ret_size)) > 0)
		*ret_size += n;
	if (n || *ret_size == INDEX_BYTES_MAX) {
		free(data);
		return NULL;
	}
	data[*ret_size] = '\0';
	return data;
}

static char *unpack(const struct parsing *p, size_t *ret_size)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char *data = NULL;

	unpack_filters(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_fd(a, p->fd, 1 << 16) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		data = data_read(a, ret_size);
	archive_read_free(a);
	return data;
}

static int parse_lines(struct parsing *p, FILE *lines)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size;

	text = unpack(p, &size);
	if (!text)
		return offsets_fail(&p->error, -EBADMSG, "%s: %s cannot be decompressed",
		                    p->repo->base, p->name);
	return p->parse(p->repo, text, size, lines, &p->error);
}

/* Only where all of it was right there is anything but the error. */
static void parsing_work(void *arg, FILE *answer)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct parsing *p = arg;
	size_t size = 0;
	FILE *lines = open_memstream(&text, &size);
	int err = lines ? parse_lines(p, lines)
	                : offsets_fail(&p->error, -ENOMEM, "%s: out of memory", p->repo->base);

	if (lines && fclose(lines) && !err)
		err = offsets_fail(&p->error, -ENOMEM, "%s: out of memory", p->repo->base);
	if (err)
		fprintf(answer, "failed\n%s", p->error.text);
	else
		fwrite(text, 1, size, answer);
}

static int lines_take(struct repo *repo, const char *text, repo_take_fn take, void *arg,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *copy = strdup(text);
	char *line, *next;
	int err = copy ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", repo->base);

	for (line = copy; !err && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		err = take(repo, line, arg, error);
	}
	return err;
}

int repo_parse(struct repo *repo, const char *name, repo_parse_fn parse, repo_take_fn take,
               void *arg, struct offsets_error *error)
{
	struct parsing parsing = { .repo = repo, .name = name, .parse = parse };
	const struct isolate_job job = { repo->base, parsing_open, parsing_work, &parsing };
	struct isolated process;
	const char *text;
	size_t size;
	int err = isolate_run(&process, &job, &repo->limits, &text, &size, error);

	if (!err)
		err = lines_take(repo, text, take, arg, error);
	isolate_free(&process);
	return err;
}

void repo_package_print(const char *relative, const char *digest, uint64_t size, FILE *lines)
{
	fprintf(lines, "%s\t%s\t%llu\n", relative, digest, (unsigned long long)size);
}

int repo_package_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	char *digest = strchr(line, '\t'), *size = digest ? strchr(digest + 1, '\t') : NULL;

	(void)arg;
	if (!size)
		return offsets_fail(error, -EBADMSG, "%s: malformed index", repo->base);
	*digest++ = *size++ = '\0';
	return repo_add(repo, line, digest, strtoull(size, NULL, 10), error);
}

/* ---- all of it -------------------------------------------------------- */

int repo_read(struct repo *repo, struct offsets_error *error)
{
	struct offsets_error ignored;

	if (repo->suite)
		return repo_apt_read(repo, error);
	if (repo_get(repo, "repodata/repomd.xml", "repomd.xml", 0, NULL, &ignored))
		return offsets_fail(
			error, -ENOENT,
			"%s: no repodata/repomd.xml there (%.300s); for an apt repository "
			"give --suite",
			repo->base, ignored.text);
	return repo_rpm_read(repo, error);
}
