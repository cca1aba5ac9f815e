/* SPDX-License-Identifier: BSD-2-Clause */
#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch.h"
#include "repo.h"

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

int repo_unpack(const struct repo *repo, const char *name, char **ret, size_t *ret_size,
                struct offsets_error *error)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char path[4096], *data = NULL;
	size_t size = 0, room = 0;
	la_ssize_t n = -1;

	snprintf(path, sizeof(path), "%.3000s/%.900s", repo->directory, name);
	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 1 << 16) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		do {
			size += n > 0 ? n : 0;
			if (room - size < (1 << 16)) {
				room = room ? 2 * room : 1 << 20;
				if (room > INDEX_BYTES_MAX) {
					n = -1;
					break;
				}
				data = realloc(data, room);
			}
			n = data ? archive_read_data(a, data + size, room - size - 1) : -1;
		} while (n > 0);
	archive_read_free(a);
	if (n < 0) {
		free(data);
		return offsets_fail(error, -EBADMSG, "%s: %s cannot be decompressed", repo->base,
		                    name);
	}
	data[size] = '\0';
	*ret = data;
	*ret_size = size;
	return 0;
}

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
