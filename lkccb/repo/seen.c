/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *	DIGEST<TAB>SHA-256 or -<TAB>NAME
 *
 * a line, sorted; '#' begins a comment line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "offsets/util/safefile.h"
#include "lkccb/repo/seen.h"

#define SUFFIX       ".packages"
#define PACKAGES_MAX 1000000

static const char head[] = "# Packages that 'lkccb sync' has read and does not read again: those "
			   "without a kernel (-),\n"
			   "# and those with another digest in the index than their SHA-256. This "
			   "file may be removed.\n";

static int by_digest(const void *a, const void *b)
{
	return strcmp(((const struct seen_package *)a)->digest,
	              ((const struct seen_package *)b)->digest);
}

static struct seen_package *find(const struct seen *seen, const char *digest)
{
	const struct seen_package key = { .digest = (char *)digest };

	return seen->count ? bsearch(&key, seen->list, seen->count, sizeof(*seen->list), by_digest)
	                   : NULL;
}

const char *seen_find(const struct seen *seen, const char *digest)
{
	const struct seen_package *p = find(seen, digest);

	return p ? p->sha256 : NULL;
}

/* At the end; the caller sorts. */
static int append(struct seen *seen, const char *digest, const char *sha256, const char *name)
{
	struct seen_package *p;

	if ((seen->count & (seen->count - 1)) == 0) {
		size_t room = seen->count ? 2 * seen->count : 1;

		p = realloc(seen->list, room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		seen->list = p;
	}
	p = &seen->list[seen->count++];
	*p = (struct seen_package){ strdup(digest), strdup(sha256), strdup(name) };
	return p->digest && p->sha256 && p->name ? 0 : -ENOMEM;
}

int seen_add(struct seen *seen, const char *digest, const char *sha256, const char *name)
{
	struct seen_package *p = find(seen, digest);
	char *copy;
	int err;

	if (p && !strcmp(p->sha256, sha256))
		return 0;
	seen->changed = true;
	if (p) {
		copy = strdup(sha256);
		if (!copy)
			return -ENOMEM;
		free(p->sha256);
		p->sha256 = copy;
		return 0;
	}
	err = append(seen, digest, sha256, name);
	if (!err)
		qsort(seen->list, seen->count, sizeof(*seen->list), by_digest);
	return err;
}

static bool line_valid(const char *digest, const char *sha256, const char *name)
{
	return digest_valid(digest) && name &&
	       (!strcmp(sha256, SEEN_NO_KERNEL) ||
	        (digest_valid(sha256) && strlen(sha256) == SHA256_HEX));
}

static int lines_read(FILE *in, struct seen *seen, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0, number = 0;
	int err = 0;

	while (!err && getline(&line, &room, in) >= 0) {
		char *sha256 = strchr(line, '\t'), *name;

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#' || !*line)
			continue;
		name = sha256 ? strchr(sha256 + 1, '\t') : NULL;
		if (name) {
			*sha256++ = '\0';
			*name++ = '\0';
		}
		if (!name || !line_valid(line, sha256, name) || seen->count == PACKAGES_MAX)
			return offsets_fail(error, -EBADMSG,
			                    "%s: line %zu is malformed; remove the file",
			                    seen->path, number);
		err = append(seen, line, sha256, name);
	}
	if (!err && ferror(in))
		err = -EIO;
	return err ? offsets_fail(error, err, "%s: %s", seen->path, strerror(-err)) : 0;
}

/* Must be trusted: it decides what is not read. */
static int file_open(const char *path, FILE **ret, struct offsets_error *error)
{
	int fd = -1, err = safefile_open(path, SAFEFILE_TRUSTED, &fd, error);

	*ret = NULL;
	if (err)
		return err == -ENOENT ? 0 : err;
	*ret = fdopen(fd, "r");
	if (*ret)
		return 0;
	close(fd);
	return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
}

int seen_read(const char *db, struct seen *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *in = NULL;
	int err;

	*ret = (struct seen){ .path = malloc(strlen(db) + sizeof(SUFFIX)) };
	if (!ret->path)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", db);
	sprintf(ret->path, "%s%s", db, SUFFIX);
	err = file_open(ret->path, &in, error);
	if (!err && in)
		err = lines_read(in, ret, error);
	if (ret->count)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_digest);
	return err;
}

void seen_free(struct seen *seen)
{
	while (seen->count) {
		struct seen_package *p = &seen->list[--seen->count];

		free(p->digest);
		free(p->sha256);
		free(p->name);
	}
	free(seen->list);
	free(seen->path);
}

static int lines_write(const struct seen *seen, struct safefile *file, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return offsets_fail(error, -ENOMEM, "out of memory");
	fputs(head, out);
	for (i = 0; i < seen->count; i++)
		fprintf(out, "%s\t%s\t%s\n", seen->list[i].digest, seen->list[i].sha256,
		        seen->list[i].name);
	if (fclose(out))
		return offsets_fail(error, -ENOMEM, "out of memory");
	return safefile_write(file, text, size, error);
}

int seen_write(struct seen *seen, struct offsets_error *error)
{
	struct offsets_error why;
	struct safefile *file = NULL;
	int err;

	if (!seen->changed)
		return 0;
	err = safefile_begin(seen->path, SAFEFILE_REPLACE, 0644, &file, &why);
	if (!err)
		err = lines_write(seen, file, &why);
	if (!err)
		err = safefile_commit(file, &why);
	safefile_end(file);
	seen->changed = err != 0;
	return err ? offsets_fail(error, err, "%.800s; empty packages will be read again", why.text)
	           : 0;
}
