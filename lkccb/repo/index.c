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

#include "lkccb/io/digest.h"
#include "lkccb/io/fetch.h"
#include "lkccb/io/unpack.h"
#include "lkccb/repo/index.h"
#include "offsets/util/cleanup.h"

/* Names come from the network: they must not lead out of the repository. */
static bool relative_ok(const char *relative)
{
	const char *at;
	size_t len;

	for (at = relative; *at; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	for (at = relative;; at += len + 1) {
		len = strcspn(at, "/");
		if (!len || (len == 2 && !memcmp(at, "..", 2)))
			return false;
		if (!at[len])
			return true;
	}
}

static int impossible(const struct repo *repo, const char *relative, struct offsets_error *error)
{
	return offsets_fail(error, -EBADMSG, "%s: invalid file name in the index: %.80s",
	                    repo->base, relative);
}

int repo_url(const struct repo *repo, const char *relative, char *ret, size_t size,
             struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *escaped = repo->local ? NULL : fetch_escape(relative);
	size_t len = strlen(repo->base);

	while (len && repo->base[len - 1] == '/')
		len--;
	if (!repo->local && !escaped)
		return offsets_fail(error, -ENOMEM, "out of memory");
	if (!relative_ok(relative) || snprintf(ret, size, "%.*s/%s", (int)len, repo->base,
	                                       escaped ? escaped : relative) >= (int)size)
		return impossible(repo, relative, error);
	return 0;
}

int repo_file_new(const char *path, struct offsets_error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
}

int repo_file_get(const struct repo *repo, const char *relative, int fd, uint64_t max, char *url,
                  size_t size, struct offsets_error *error)
{
	int err = repo_url(repo, relative, url, size, error);

	if (err)
		return err;
	return repo->local ? fetch_copy(url, fd, max, error) : fetch_file(url, fd, max, error);
}

int repo_get(const struct repo *repo, const char *relative, const char *name, uint64_t max,
             const char *digest, struct offsets_error *error)
{
	char url[4096], path[4096];
	CLEANUP(cleanup_fd) int fd = -1;
	int err;

	snprintf(path, sizeof(path), "%.3000s/%.900s", repo->directory, name);
	unlink(path);
	fd = repo_file_new(path, error);
	err = fd < 0 ? fd : repo_file_get(repo, relative, fd, max, url, sizeof(url), error);
	if (!err && digest)
		err = fetch_verify(fd, url, 0, digest, error);
	if (err)
		unlink(path);
	return err;
}

/* ---- packages --------------------------------------------------------- */

static int no_digest(const struct repo *repo, const char *relative, struct offsets_error *error)
{
	return offsets_fail(error, -EBADMSG,
	                    "%s: %s has no size or no SHA-2 digest in the index; use a repository "
	                    "that has both",
	                    repo->base, relative);
}

int repo_add(struct repo *repo, const char *relative, const char *digest, uint64_t size,
             struct offsets_error *error)
{
	const char *base = strrchr(relative, '/');
	struct repo_package *p;

	if (!relative_ok(relative))
		return impossible(repo, relative, error);
	if (!digest_valid(digest) || !size || size > REPO_PACKAGE_BYTES_MAX)
		return no_digest(repo, relative, error);
	if ((repo->count & (repo->count - 1)) == 0) {
		size_t room = repo->count ? 2 * repo->count : 1;

		p = realloc(repo->packages, room * sizeof(*p));
		if (!p)
			return offsets_fail(error, -ENOMEM, "out of memory");
		repo->packages = p;
	}
	p = &repo->packages[repo->count++];
	*p = (struct repo_package){ strdup(relative), strdup(base ? base + 1 : relative),
		                    strdup(digest), size, true };
	return p->relative && p->name && p->digest ? 0
	                                           : offsets_fail(error, -ENOMEM, "out of memory");
}

/* ---- parsing, in a process of its own --------------------------------- */

struct parsing {
	const struct repo *repo;
	const char *name;
	enum repo_form form;
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

/* Reads everything, ended by NUL; NULL: failed, or too large. */
static char *data_read(struct archive *a, size_t *ret_size)
{
	char *data = malloc((size_t)REPO_INDEX_BYTES_MAX + 1);
	la_ssize_t n = data ? 0 : -1;

	*ret_size = 0;
	while (data && *ret_size < REPO_INDEX_BYTES_MAX &&
	       (n = archive_read_data(a, data + *ret_size, REPO_INDEX_BYTES_MAX - *ret_size)) > 0)
		*ret_size += n;
	if (n || *ret_size == REPO_INDEX_BYTES_MAX) {
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

	if (p->form == REPO_PACKED)
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
		return offsets_fail(&p->error, -EBADMSG, "%s: %s cannot be %s", p->repo->base,
		                    p->name, p->form == REPO_PLAIN ? "read" : "decompressed");
	return p->parse(p->repo, text, size, lines, &p->error);
}

/* The answer is the error alone, or all lines. */
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

int repo_parse(struct repo *repo, const char *name, enum repo_form form, repo_parse_fn parse,
               repo_take_fn take, void *arg, struct offsets_error *error)
{
	struct parsing parsing = { .repo = repo, .name = name, .form = form, .parse = parse };
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

/* ---- signatures ------------------------------------------------------- */

int repo_signature_verify(const struct repo *repo, const char *what, const char *name,
                          const char *signature, struct offsets_error *error)
{
	char file[4096], signature_file[4096];
	struct signature s = { .what = what, .file = signature_file };
	CLEANUP(cleanup_fd) int data = -1;

	snprintf(file, sizeof(file), "%.3000s/%.900s", repo->directory, name);
	snprintf(signature_file, sizeof(signature_file), "%.3000s/%.900s", repo->directory,
	         signature);
	data = s.data = open(file, O_RDONLY | O_CLOEXEC);
	if (data < 0)
		return offsets_fail(error, -errno, "%s: %s", file, strerror(errno));
	return keyring_verify(repo->keyring, &s, error);
}
