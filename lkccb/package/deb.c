/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A .deb or .ddeb is an ar archive of debian-binary, control.tar.* and
 * data.tar.*. A second libarchive reader, which gets its input from the first,
 * reads the tar archives. If data.tar.xz has several blocks, only the needed
 * blocks are decompressed.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/package/archived.h"
#include "lkccb/package/deb.h"
#include "lkccb/package/tail.h"
#include "lkccb/io/unpack.h"
#include "lkccb/package/xz.h"

#define CHUNK_BYTES       (1 << 18)
#define HEADER_BYTES      (1 << 14) /* read at a time from a tar whose files are skipped */
#define CONTROL_MAX_BYTES (1 << 20)
#define LIST_MAX_BYTES    (64 << 20) /* of md5sums: 1,000 files take 100 kB */
#define AR_HEADER_BYTES   60

struct deb {
	struct package *package;
	struct archive *outer;
	struct xz *xz;          /* if data.tar is read by blocks */
	uint64_t position;      /* of libarchive in data.tar */
	uint64_t consumed;      /* where the current member of data.tar begins */
	uint64_t start;         /* of the compressed stream, in the file */
	uint64_t map, map_size; /* of the System.map, which is before the vmlinux */
	char chunk[CHUNK_BYTES];
	uint64_t remote_position;
	char remote_chunk[HEADER_BYTES];
};

static int damaged(struct deb *deb, struct archive *a)
{
	return package_damaged(deb->package, archive_error_string(a));
}

/* ---- control.tar ------------------------------------------------------ */

static int control_field(struct package *p, const char *text, const char *field,
                         enum offsets_key key)
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
	err = offsets_kernel_set(p->keys, key, value);
	return err == -EINVAL ? offsets_fail(p->error, -EBADMSG,
	                                     "%s: malformed control field %s; "
	                                     "download it again",
	                                     p->path, field)
	                      : err;
}

/* Reads a small file of the control archive, ended by NUL; a longer one is truncated. */
static int control_text(struct deb *deb, struct archive *tar, size_t max, char **ret)
{
	struct archived control = { deb->package, tar };
	char *text = calloc(1, max + 1);
	size_t size = 0;
	ssize_t n = 1;

	*ret = text;
	if (!text)
		return offsets_fail(deb->package->error, -ENOMEM, "%s: out of memory",
		                    deb->package->path);
	while (size < max && (n = archived_read(&control, text + size, max - size)) > 0)
		size += n;
	return n < 0 ? n : 0;
}

static int fields_read(struct deb *deb, struct archive *tar)
{
	CLEANUP(cleanup_free) char *text = NULL;
	int err = control_text(deb, tar, CONTROL_MAX_BYTES, &text);

	if (!err)
		err = control_field(deb->package, text, "Package", OFFSETS_KEY_PACKAGE);
	if (!err)
		err = control_field(deb->package, text, "Version", OFFSETS_KEY_PACKAGE_VERSION);
	return err;
}

/* md5sums has "HASH  PATH" for each file of the package. */
static int list_read(struct deb *deb, struct archive *tar, struct archive_entry *entry)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char *line, *next;
	int err;

	if (archive_entry_size(entry) > LIST_MAX_BYTES)
		return 0;
	err = control_text(deb, tar, archive_entry_size(entry), &text);
	for (line = text; !err && line && *line; line = next) {
		char *path = strstr(line, "  ");

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (path && path < line + strlen(line))
			package_expect(deb->package, path + 2);
	}
	return err;
}

static int control_read(struct deb *deb, struct archive *tar, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	name = name && !strncmp(name, "./", 2) ? name + 2 : name;
	if (name && !strcmp(name, "control"))
		return fields_read(deb, tar);
	if (name && !strcmp(name, "md5sums"))
		return list_read(deb, tar, entry);
	return 0;
}

/* ---- data.tar --------------------------------------------------------- */

/* An image inside the blocks. */
struct blocks_image {
	struct deb *deb;
	uint64_t base, size;
};

static int blocks_need(void *arg, const struct image_range *ranges, size_t count)
{
	CLEANUP(cleanup_free) struct xz_range *wanted = calloc(count + 1, sizeof(*wanted));
	struct blocks_image *image = arg;
	size_t i;

	if (!wanted)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (ranges[i].offset > image->size ||
		    ranges[i].size > image->size - ranges[i].offset)
			return -EBADMSG;
		wanted[i] = (struct xz_range){ image->base + ranges[i].offset, ranges[i].size };
	}
	return xz_need(image->deb->xz, wanted, count);
}

static int blocks_image(struct deb *deb, const struct member *member, uint64_t size, bool has_end)
{
	struct blocks_image image = { deb, deb->consumed, size };
	struct image_source source = {
		.data = xz_data(deb->xz) + image.base,
		.size = size,
		.need = blocks_need,
		.arg = &image,
		.has_end = has_end,
	};

	if (deb->map_size) {
		source.symbols = xz_data(deb->xz) + deb->map;
		source.symbols_size = deb->map_size;
	}
	if (image.base > xz_size(deb->xz) || size > xz_size(deb->xz) - image.base)
		return package_damaged(deb->package, "a member ends outside of it");
	return package_image(deb->package, member, &source);
}

/* Debian has System.map beside the vmlinux, in the first blocks; .symtab is far behind. */
static void map_note(struct deb *deb, struct archive *tar, struct archive_entry *entry)
{
	const char *base = strrchr(archive_entry_pathname(entry), '/');
	struct xz_range range = { archive_filter_bytes(tar, 0), archive_entry_size(entry) };

	if (!base || strncmp(base, "/System.map-", 12) || xz_need(deb->xz, &range, 1))
		return;
	deb->map = range.offset;
	deb->map_size = range.size;
	xz_keep(deb->xz, &range);
}

/* 1: everything wanted has been read. */
static int data_read(struct deb *deb, struct archive *tar, struct archive_entry *entry)
{
	struct package *p = deb->package;
	const char *name = archive_entry_pathname(entry);
	struct member member;
	int err = 0;

	if (!name || archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	if (deb->xz && !archive_entry_hardlink(entry))
		map_note(deb, tar, entry);
	if (!package_wants(p, name, &member))
		return 0;
	p->seen++;
	if (archive_entry_hardlink(entry)) {
		; /* a link to an earlier file, or an unwanted one */
	} else if (deb->xz) {
		deb->consumed = archive_filter_bytes(tar, 0);
		err = blocks_image(deb, &member, archive_entry_size(entry), false);
	} else {
		err = package_stream(p, &member, archived_read, &(struct archived){ p, tar });
	}
	return err ? err : package_complete(p);
}

/* ---- the archive in the archive --------------------------------------- */

static la_ssize_t outer_read(struct archive *inner, void *data, const void **ret)
{
	struct deb *deb = data;
	la_ssize_t n = archive_read_data(deb->outer, deb->chunk, sizeof(deb->chunk));

	if (n < 0)
		archive_set_error(inner, EIO, "%s", archive_error_string(deb->outer));
	*ret = deb->chunk;
	return n;
}

static la_ssize_t blocks_read(struct archive *inner, void *data, const void **ret)
{
	struct deb *deb = data;
	uint64_t left = xz_size(deb->xz) - deb->position;
	struct xz_range range = { deb->position, left < HEADER_BYTES ? left : HEADER_BYTES };

	if (xz_walk(deb->xz, &range)) {
		archive_set_error(inner, EIO, "malformed .xz block");
		return ARCHIVE_FATAL;
	}
	*ret = xz_data(deb->xz) + deb->position;
	deb->position += range.size;
	return range.size;
}

static la_int64_t blocks_skip(struct archive *inner, void *data, la_int64_t request)
{
	struct deb *deb = data;
	la_int64_t left = xz_size(deb->xz) - deb->position;

	(void)inner;
	if (request > left)
		request = left;
	deb->position += request;
	return request;
}

typedef int (*entry_fn)(struct deb *deb, struct archive *tar, struct archive_entry *entry);

/* Calls back for the members of a tar until a call returns non-zero. 1 ends it without an error. */
static int tar_walk(struct deb *deb, entry_fn fn)
{
	struct archive *tar = archive_read_new();
	struct archive_entry *entry;
	int rc, err = 0;

	if (!tar)
		return offsets_fail(deb->package->error, -ENOMEM, "%s: out of memory",
		                    deb->package->path);
	unpack_filters(tar);
	archive_read_support_format_tar(tar);
	if (deb->xz)
		rc = archive_read_open2(tar, deb, NULL, blocks_read, blocks_skip, NULL);
	else
		rc = archive_read_open(tar, deb, NULL, outer_read, NULL);
	while (!err && rc == ARCHIVE_OK &&
	       (rc = archive_read_next_header(tar, &entry)) == ARCHIVE_OK)
		err = fn(deb, tar, entry);
	if (!err && rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
		err = damaged(deb, tar);
	archive_read_free(tar);
	return err > 0 ? 0 : err;
}

static int file_read(void *arg, void *data, size_t size, uint64_t offset)
{
	struct deb *deb = arg;
	struct package *p = deb->package;
	char *at = data;
	int err = p->fetch ? p->fetch(p->remote, deb->start + offset, size) : 0;

	if (err)
		return err;
	while (size) {
		ssize_t n = pread(deb->package->fd, at, size, deb->start + offset);

		if (n <= 0)
			return n ? -errno : -EBADMSG;
		at += n;
		size -= n;
		offset += n;
	}
	return 0;
}

/* 1: found, and everything wanted has been read. */
static int data_tail(struct deb *deb)
{
	struct package *p = deb->package;
	struct xz_range range;
	struct member member;
	int err = *p->kernel ? tail_find(deb->xz, p->kernel, &range) : -ENOENT;

	if (err)
		return 0; /* then the walk finds it, or reports the damage */
	package_wants(p, p->kernel, &member);
	deb->consumed = range.offset;
	p->seen++;
	err = blocks_image(deb, &member, range.size, true);
	return err ? err : 1;
}

/*
 * Until 6.12, Debian has the vmlinux at the start of the tar, in boot/; from
 * 7.0 on behind all modules, in lib/modules/.
 */
static int blocks_walk(struct deb *deb)
{
	int err = strstr(deb->package->kernel, "lib/modules/") ? data_tail(deb) : 0;

	return err ? (err > 0 ? 0 : err) : tar_walk(deb, data_read);
}

static int data_walk(struct deb *deb, struct archive_entry *entry)
{
	int err;

	deb->start = archive_read_header_position(deb->outer) + AR_HEADER_BYTES;
	err = xz_open(file_read, deb, archive_entry_size(entry), deb->package->threads, &deb->xz);
	if (err == -ENOTSUP && deb->package->fetch)
		return offsets_fail(deb->package->error, err,
		                    "%s: its data is not an .xz of several blocks; omit --ranges",
		                    deb->package->path);
	if (err && err != -ENOTSUP)
		return package_damaged(deb->package, "malformed .xz index, or not to be had");
	err = err ? tar_walk(deb, data_read) : blocks_walk(deb);
	xz_close(deb->xz);
	deb->xz = NULL;
	return err;
}

/* For a file that is fetched in parts, only the headers are read here. */
static la_ssize_t remote_read(struct archive *a, void *data, const void **ret)
{
	struct deb *deb = data;
	struct package *p = deb->package;
	uint64_t left = p->size - deb->remote_position;
	size_t n = left < HEADER_BYTES ? left : HEADER_BYTES;

	if (p->fetch(p->remote, deb->remote_position, n) ||
	    pread(p->fd, deb->remote_chunk, n, deb->remote_position) != (ssize_t)n) {
		archive_set_error(a, EIO, "the server did not give it");
		return ARCHIVE_FATAL;
	}
	deb->remote_position += n;
	*ret = deb->remote_chunk;
	return n;
}

static la_int64_t remote_skip(struct archive *a, void *data, la_int64_t request)
{
	struct deb *deb = data;
	la_int64_t left = deb->package->size - deb->remote_position;

	(void)a;
	if (request > left)
		request = left;
	deb->remote_position += request;
	return request;
}

static int outer_open(struct deb *deb)
{
	archive_read_support_format_ar(deb->outer);
	if (deb->package->fetch)
		return archive_read_open2(deb->outer, deb, NULL, remote_read, remote_skip, NULL);
	return archive_read_open_fd(deb->outer, deb->package->fd, CHUNK_BYTES);
}

static int members_walk(struct deb *deb)
{
	struct archive_entry *entry;
	bool last = false; /* it was data.tar, the last member */
	int rc, err = 0;

	while (!err && !last &&
	       (rc = archive_read_next_header(deb->outer, &entry)) != ARCHIVE_EOF) {
		const char *name;

		if (rc != ARCHIVE_OK)
			return damaged(deb, deb->outer);
		name = archive_entry_pathname(entry);
		if (name && !strncmp(name, "control.tar", 11))
			err = tar_walk(deb, control_read);
		else if (name && (last = !strncmp(name, "data.tar", 8)))
			err = data_walk(deb, entry);
	}
	if (!err && !deb->package->images)
		err = offsets_fail(deb->package->error, deb->package->no_elf ? -ENODATA : -ENOMSG,
		                   "%s: contains no vmlinux (an ELF file); use the kernel's -dbg "
		                   "or -dbgsym package",
		                   deb->package->path);
	return err;
}

int deb_read(struct package *package)
{
	CLEANUP(cleanup_free) struct deb *deb = calloc(1, sizeof(*deb));
	int err;

	if (!deb)
		return offsets_fail(package->error, -ENOMEM, "%s: out of memory", package->path);
	deb->package = package;
	deb->outer = archive_read_new();
	if (!deb->outer)
		return offsets_fail(package->error, -ENOMEM, "%s: out of memory", package->path);
	if (outer_open(deb) != ARCHIVE_OK)
		err = damaged(deb, deb->outer);
	else
		err = members_walk(deb);
	archive_read_free(deb->outer);
	return err;
}
