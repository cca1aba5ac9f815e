/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file of any kind to a kernel's row. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "add.h"
#include "cleanup.h"
#include "image.h"
#include "package.h"

enum input { INPUT_UNKNOWN, INPUT_ELF, INPUT_BTF, INPUT_DEB };

static enum input input_of(int fd)
{
	static const struct {
		enum input input;
		const char *magic;
		size_t size;
	} magics[] = {
		{ INPUT_ELF, "\177ELF", 4 },
		{ INPUT_DEB, "!<arch>\n", 8 },
		{ INPUT_BTF, "\x9f\xeb\x01", 3 },
	};
	char head[8] = { 0 };
	size_t i;

	if (pread(fd, head, sizeof(head), 0) < 3)
		return INPUT_UNKNOWN;
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (!memcmp(head, magics[i].magic, magics[i].size))
			return magics[i].input;
	return INPUT_UNKNOWN;
}

/* /sys/kernel/btf/vmlinux can be read but not mapped on kernels before 6.16. */
static int btf_file_read(int fd, const char *path, struct kernel_row *row,
                         struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *data = NULL;
	struct stat st;
	ssize_t n, size = 0;
	int err;

	if (fstat(fd, &st))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	data = malloc(st.st_size + 1);
	if (!data)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	while (size < st.st_size && (n = pread(fd, data + size, st.st_size - size, size)) != 0) {
		if (n < 0)
			return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
		size += n;
	}
	err = offsets_btf_read(data, size, path, row, error);
	if (!err && !row->count)
		err = offsets_fail(
			error, -ENODATA,
			"%s: defines none of the kernel's structs; take the kernel's BTF", path);
	return err ? err : offsets_row_set(row, ROW_SOURCE, "btf");
}

static int deb_read(const char *path, struct kernel_row *row, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int err = package_read(path, row, &fd, error);

	if (!err)
		err = image_read(fd, path, row, error);
	return err ? err : package_digest(path, row, error);
}

static int complete(const char *path, const struct kernel_row *row, struct offsets_error *error)
{
	if (!row->keys[ROW_RELEASE])
		return offsets_fail(error, -EINVAL,
		                    "%s: does not say its release; give it with --release", path);
	if (!row->keys[ROW_MACHINE])
		return offsets_fail(error, -EINVAL,
		                    "%s: does not say its machine; give it with --machine", path);
	return 0;
}

static int given(struct kernel_row *row, enum row_key key, const char *value,
                 struct offsets_error *error)
{
	int err = value ? offsets_row_set(row, key, value) : 0;

	return err ? offsets_fail(error, err, "'%s' is no %s; give what uname prints", value,
	                          offsets_row_key_name(key))
	           : 0;
}

static int read_into(const char *path, struct kernel_row *row, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return offsets_fail(error, -EINVAL,
		                    "%s: not a regular file; name a package, an ELF or a BTF file",
		                    path);
	switch (input_of(fd)) {
	case INPUT_ELF:
		return image_read(fd, path, row, error);
	case INPUT_BTF:
		return btf_file_read(fd, path, row, error);
	case INPUT_DEB:
		return deb_read(path, row, error);
	default:
		return offsets_fail(error, -EBADMSG,
		                    "%s: neither ELF nor BTF nor a .deb package; name one of these",
		                    path);
	}
}

int add_read(const char *path, const char *release, const char *machine, struct kernel_row **ret,
             struct offsets_error *error)
{
	struct kernel_row *row = offsets_row_new();
	int err = row ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", path);

	if (!err)
		err = given(row, ROW_RELEASE, release, error);
	if (!err)
		err = given(row, ROW_MACHINE, machine, error);
	if (!err)
		err = read_into(path, row, error);
	if (!err)
		err = complete(path, row, error);
	if (err) {
		offsets_row_free(row);
		return err;
	}
	*ret = row;
	return 0;
}
