/* SPDX-License-Identifier: BSD-2-Clause */
/* A compressed file: an image, raw BTF, or a tar with such files. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "lkccb/io/unpack.h"
#include "lkccb/package/archived.h"
#include "lkccb/package/compressed.h"

#define CHUNK_BYTES (1 << 18)

/* "REL.btf", as in btfhub's .tar.xz files. */
static bool is_btf(const char *path, struct member *ret)
{
	const char *base = strrchr(path, '/');
	size_t size;

	base = base ? base + 1 : path;
	size = strlen(base);
	if (size <= 4 || strcmp(base + size - 4, ".btf") || size - 4 >= sizeof(ret->release))
		return false;
	*ret = (struct member){ .kind = MEMBER_BTF };
	snprintf(ret->release, sizeof(ret->release), "%.*s", (int)size - 4, base);
	return true;
}

/* The file itself, or a kernel in a tar. */
static bool member_wanted(struct package *p, struct archive *a, struct archive_entry *entry,
                          struct member *ret)
{
	const char *name = archive_entry_pathname(entry);

	*ret = (struct member){ .kind = MEMBER_KERNEL };
	if (archive_format(a) == ARCHIVE_FORMAT_RAW)
		return true;
	return name && archive_entry_filetype(entry) == AE_IFREG &&
	       !archive_entry_hardlink(entry) && (is_btf(name, ret) || package_wants(p, name, ret));
}

static int members_walk(struct package *p, struct archive *a)
{
	struct archive_entry *entry;
	struct member member;
	int rc, err = 0;

	while (!err && (rc = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
		if (rc != ARCHIVE_OK)
			return package_damaged(p, archive_error_string(a));
		if (member_wanted(p, a, entry, &member))
			err = package_stream(p, &member, archived_read, &(struct archived){ p, a });
	}
	return err;
}

int compressed_read(struct package *package)
{
	struct archive *a = archive_read_new();
	int err;

	if (!a)
		return offsets_fail(package->error, -ENOMEM, "%s: out of memory", package->path);
	unpack_filters(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_tar(a);
	if (archive_read_open_fd(a, package->fd, CHUNK_BYTES) != ARCHIVE_OK)
		err = package_damaged(package, archive_error_string(a));
	else
		err = members_walk(package, a);
	archive_read_free(a);
	if (!err && !package->images)
		err = offsets_fail(
			package->error, -ENODATA,
			"%s: contains neither an ELF file nor a tar with a vmlinux or REL.btf",
			package->path);
	return err;
}
