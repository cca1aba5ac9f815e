/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A .deb is an ar archive of debian-binary, control.tar.* and data.tar.*; the
 * tar archives are read through a second libarchive reader that is fed from
 * the first, so nothing is held or unpacked but the vmlinux.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "cleanup.h"
#include "package.h"

#define CHUNK_BYTES       (1 << 18)
#define CONTROL_MAX_BYTES (1 << 20)

struct package {
	const char *path;
	struct archive *outer;
	struct kernel_row *row;
	int fd; /* of the vmlinux, or -1 */
	struct offsets_error *error;
	char chunk[CHUNK_BYTES];
};

static int damaged(struct package *p, struct archive *a)
{
	const char *cause = archive_error_string(a);

	return offsets_fail(p->error, -EBADMSG,
	                    "%s: cut or malformed package (%s); download it again", p->path,
	                    cause ? cause : "unexpected end");
}

/* ---- control.tar ------------------------------------------------------ */

static int control_field(struct package *p, const char *text, const char *field, enum row_key key)
{
	size_t len = strlen(field);
	char value[512];
	int err;

	while (text && (strncmp(text, field, len) || text[len] != ':')) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return 0;
	text += len + 1;
	text += strspn(text, " ");
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(text, "\n"), text);
	err = offsets_row_set(p->row, key, value);
	return err == -EINVAL ? offsets_fail(p->error, -EBADMSG,
	                                     "%s: malformed control field %s; "
	                                     "download it again",
	                                     p->path, field)
	                      : err;
}

static int control_read(struct package *p, struct archive *tar)
{
	CLEANUP(cleanup_free) char *text = calloc(1, CONTROL_MAX_BYTES + 1);
	size_t size = 0;
	ssize_t n;
	int err;

	if (!text)
		return offsets_fail(p->error, -ENOMEM, "%s: out of memory", p->path);
	while (size < CONTROL_MAX_BYTES &&
	       (n = archive_read_data(tar, text + size, CONTROL_MAX_BYTES - size)) != 0) {
		if (n < 0)
			return damaged(p, tar);
		size += n;
	}
	err = control_field(p, text, "Package", ROW_PACKAGE);
	return err ? err : control_field(p, text, "Version", ROW_PACKAGE_VERSION);
}

/* ---- data.tar --------------------------------------------------------- */

static int unlinked_file(struct package *p)
{
	const char *directory = getenv("TMPDIR");
	char name[4096];
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	snprintf(name, sizeof(name), "%s/lkccb.XXXXXX", directory);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return offsets_fail(p->error, -errno, "%s: no temporary file in %s: %s; set TMPDIR",
		                    p->path, directory, strerror(errno));
	unlink(name);
	return fd;
}

static int write_at(int fd, const char *data, size_t size, off_t offset)
{
	while (size) {
		ssize_t n = pwrite(fd, data, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		size -= n;
		offset += n;
	}
	return 0;
}

static int vmlinux_copy(struct package *p, struct archive *tar)
{
	const void *data;
	size_t size;
	la_int64_t offset, end = 0;
	int rc, err;

	p->fd = unlinked_file(p);
	if (p->fd < 0)
		return p->fd;
	while ((rc = archive_read_data_block(tar, &data, &size, &offset)) == ARCHIVE_OK) {
		err = write_at(p->fd, data, size, offset);
		if (err)
			return offsets_fail(p->error, err,
			                    "%s: its vmlinux does not fit: %s; set TMPDIR "
			                    "to a disk with space",
			                    p->path, strerror(-err));
		end = offset + size;
	}
	if (rc != ARCHIVE_EOF)
		return damaged(p, tar);
	return ftruncate(p->fd, end)
	               ? offsets_fail(p->error, -errno, "%s: %s", p->path, strerror(errno))
	               : 0;
}

/* usr/lib/debug/boot/vmlinux-REL; links of that name exist beside it. */
static bool is_vmlinux(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	const char *base = name ? strrchr(name, '/') : NULL;

	base = base ? base + 1 : name;
	return base && archive_entry_filetype(entry) == AE_IFREG &&
	       !archive_entry_hardlink(entry) &&
	       (!strcmp(base, "vmlinux") || !strncmp(base, "vmlinux-", 8));
}

static bool is_control(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	return name && (!strcmp(name, "./control") || !strcmp(name, "control"));
}

/* ---- the archive in the archive --------------------------------------- */

static la_ssize_t outer_read(struct archive *inner, void *data, const void **ret)
{
	struct package *p = data;
	la_ssize_t n = archive_read_data(p->outer, p->chunk, sizeof(p->chunk));

	if (n < 0)
		archive_set_error(inner, EIO, "%s", archive_error_string(p->outer));
	*ret = p->chunk;
	return n;
}

/* Walks a tar until the wanted member has been read. */
static int tar_walk(struct package *p, bool (*wanted)(struct archive_entry *),
                    int (*take)(struct package *, struct archive *))
{
	struct archive *tar = archive_read_new();
	struct archive_entry *entry;
	int rc, err = 0;

	if (!tar)
		return offsets_fail(p->error, -ENOMEM, "%s: out of memory", p->path);
	archive_read_support_filter_all(tar);
	archive_read_support_format_tar(tar);
	rc = archive_read_open(tar, p, NULL, outer_read, NULL);
	while (rc == ARCHIVE_OK && (rc = archive_read_next_header(tar, &entry)) == ARCHIVE_OK)
		if (wanted(entry)) {
			err = take(p, tar);
			break;
		}
	if (!err && rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
		err = damaged(p, tar);
	archive_read_free(tar);
	return err;
}

static int members_walk(struct package *p)
{
	struct archive_entry *entry;
	int rc, err = 0;

	while (!err && p->fd < 0 &&
	       (rc = archive_read_next_header(p->outer, &entry)) != ARCHIVE_EOF) {
		const char *name;

		if (rc != ARCHIVE_OK)
			return damaged(p, p->outer);
		name = archive_entry_pathname(entry);
		if (name && !strncmp(name, "control.tar", 11))
			err = tar_walk(p, is_control, control_read);
		else if (name && !strncmp(name, "data.tar", 8))
			err = tar_walk(p, is_vmlinux, vmlinux_copy);
	}
	if (!err && p->fd < 0)
		err = offsets_fail(
			p->error, -ENODATA,
			"%s: no vmlinux in it; take the kernel's -dbg or -dbgsym package", p->path);
	return err;
}

int package_read(const char *path, struct kernel_row *row, int *ret_fd, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct package *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	p->path = path;
	p->row = row;
	p->error = error;
	p->fd = -1;
	p->outer = archive_read_new();
	if (!p->outer)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	archive_read_support_format_ar(p->outer);
	if (archive_read_open_filename(p->outer, path, CHUNK_BYTES) != ARCHIVE_OK)
		err = damaged(p, p->outer);
	else
		err = members_walk(p);
	archive_read_free(p->outer);
	if (err && p->fd >= 0)
		close(p->fd);
	if (!err)
		*ret_fd = p->fd;
	return err;
}

int package_digest(const char *path, struct kernel_row *row, struct offsets_error *error)
{
	CLEANUP(cleanup_free) unsigned char *chunk = malloc(CHUNK_BYTES);
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(digest) + 1];
	crypto_hash_sha256_state state;
	size_t n;

	if (!file)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (!chunk || sodium_init() < 0)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	crypto_hash_sha256_init(&state);
	while ((n = fread(chunk, 1, CHUNK_BYTES, file)) > 0)
		crypto_hash_sha256_update(&state, chunk, n);
	if (ferror(file))
		return offsets_fail(error, -EIO, "%s: %s", path, strerror(errno));
	crypto_hash_sha256_final(&state, digest);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	return offsets_row_set(row, ROW_PACKAGE_SHA256, hex);
}
