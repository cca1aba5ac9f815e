/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "cleanup.h"
#include "escape.h"
#include "package.h"
#include "remote.h"

enum input { INPUT_UNKNOWN, INPUT_ELF, INPUT_BTF, INPUT_DEB, INPUT_RPM, INPUT_COMPRESSED };

static enum input input_of(int fd)
{
	static const struct {
		enum input input;
		const char *magic;
		size_t size;
	} magics[] = {
		{ INPUT_ELF, "\177ELF", 4 },
		{ INPUT_DEB, "!<arch>\n", 8 },
		{ INPUT_RPM, "\xed\xab\xee\xdb", 4 },
		{ INPUT_BTF, "\x9f\xeb\x01", 3 },
		{ INPUT_COMPRESSED,
		  "\xfd"
		  "7zXZ",
		  5 },
		{ INPUT_COMPRESSED, "\x28\xb5\x2f\xfd", 4 },
		{ INPUT_COMPRESSED, "\x1f\x8b", 2 },
		{ INPUT_COMPRESSED, "BZh", 3 },
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

/* ---- rows ------------------------------------------------------------- */

void rows_free(struct rows *rows)
{
	while (rows->count)
		offsets_row_free(rows->list[--rows->count]);
}

struct reading {
	const char *path;
	const struct input_options *options;
	struct rows *rows;
	struct offsets_error *error;
};

static int given(struct kernel_row *row, enum row_key key, const char *value,
                 struct offsets_error *error)
{
	int err = value ? offsets_row_set(row, key, value) : 0;

	return err ? offsets_fail(error, err, "'%s' is no %s; give what uname prints", value,
	                          offsets_row_key_name(key))
	           : 0;
}

/* A new row, with what the user said. */
static int row_begin(struct reading *in, struct kernel_row **ret)
{
	struct kernel_row *row;
	int err;

	if (in->rows->count == INPUT_ROWS_MAX)
		return offsets_fail(in->error, -E2BIG, "%s: more than %d kernels and modules",
		                    in->path, INPUT_ROWS_MAX);
	row = offsets_row_new();
	if (!row)
		return offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	in->rows->list[in->rows->count++] = row;
	err = given(row, ROW_RELEASE, in->options->release, in->error);
	if (!err)
		err = given(row, ROW_MACHINE, in->options->machine, in->error);
	*ret = row;
	return err;
}

static int on_image(void *arg, const struct image_source *source)
{
	struct reading *in = arg;
	struct image_options options = { .quick = !in->options->all_units,
		                         .threads = in->options->threads };
	struct kernel_row *row;
	int err = row_begin(in, &row);

	return err ? err : image_read(source, &options, row, in->error);
}

/* ---- kinds of input --------------------------------------------------- */

static int elf_file_read(struct reading *in, int fd, uint64_t size)
{
	struct image_source source = { .name = in->path, .size = size };
	int err;

	source.data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (source.data == MAP_FAILED)
		return offsets_fail(in->error, -errno, "%s: %s", in->path, strerror(errno));
	err = on_image(in, &source);
	munmap(source.data, size);
	return err;
}

/* The digest needs the whole file, the facts only parts of it: side by side. */
struct digest {
	const char *path;
	struct kernel_row *row;
	struct offsets_error error;
	bool beside; /* in a thread of its own */
	int err;
};

static void *digest_work(void *arg)
{
	struct digest *digest = arg;

	/* What decompresses goes first; the end of the reading has a CPU to spare. */
	if (digest->beside)
		setpriority(PRIO_PROCESS, gettid(), 19);
	digest->err = package_digest(digest->path, digest->row, &digest->error);
	return NULL;
}

static int keys_spread(struct reading *in, const struct kernel_row *keys)
{
	static const enum row_key of_package[] = { ROW_PACKAGE, ROW_PACKAGE_VERSION,
		                                   ROW_PACKAGE_SHA256 };
	size_t i, j;
	int err = 0;

	for (i = 0; i < in->rows->count; i++)
		for (j = 0; !err && j < 3; j++)
			if (keys->keys[of_package[j]])
				err = offsets_row_set(in->rows->list[i], of_package[j],
				                      keys->keys[of_package[j]]);
	return err;
}

/* What all packages are read with; the file is still to be named. */
static struct package package_of(struct reading *in, struct kernel_row *keys)
{
	return (struct package){
		.path = in->path,
		.fd = -1,
		.modules = in->options->modules,
		.threads = in->options->threads,
		.keys = keys,
		.image = on_image,
		.arg = in,
		.error = in->error,
	};
}

static int package_read(struct reading *in, int fd, int (*read)(struct package *),
                        struct kernel_row *keys)
{
	struct digest digest = { .path = in->path, .row = offsets_row_new() };
	struct package package = package_of(in, keys);
	pthread_t thread;
	int err;

	if (!digest.row)
		return offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	package.fd = fd;
	digest.beside = true;
	digest.beside = !pthread_create(&thread, NULL, digest_work, &digest);
	err = read(&package);
	if (digest.beside)
		pthread_join(thread, NULL);
	else
		digest_work(&digest);
	package_deinit(&package);
	if (!err && digest.err) {
		*in->error = digest.error;
		err = digest.err;
	}
	if (!err)
		err = keys_spread(in, keys);
	if (!err)
		err = keys_spread(in, digest.row);
	offsets_row_free(digest.row);
	return err;
}

static int package_file_read(struct reading *in, int fd, int (*read)(struct package *))
{
	struct kernel_row *keys = offsets_row_new();
	int err = keys ? package_read(in, fd, read, keys)
	               : offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);

	offsets_row_free(keys);
	return err;
}

/* Parts of a package: so its digest is not known, and the row says it. */
static int remote_package_read(struct reading *in, struct remote *remote)
{
	struct kernel_row *keys = offsets_row_new();
	struct package package = package_of(in, keys);
	size_t i;
	int err;

	package.fd = remote_fd(remote);
	package.fetch = remote_need;
	package.remote = remote;
	package.size = remote_size(remote);
	err = keys ? deb_read(&package)
	           : offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	if (!err)
		err = keys_spread(in, keys);
	package_deinit(&package);
	for (i = 0; !err && i < in->rows->count; i++)
		err = offsets_row_set(in->rows->list[i], ROW_ORIGIN,
		                      "ranges of its package, not verified by SHA-256");
	offsets_row_free(keys);
	return err;
}

static int remote_file_read(struct reading *in)
{
	struct remote *remote;
	int err = remote_open(in->path, &remote, in->error);

	if (err)
		return err;
	err = remote_package_read(in, remote);
	escape_print(stderr, "lkccb: %s: fetched %.1f of %.1f MB\n", in->path,
	             remote_fetched(remote) / 1e6, remote_size(remote) / 1e6);
	remote_close(remote);
	return err;
}

static int btf_read(struct reading *in, int fd)
{
	struct kernel_row *row;
	int err = row_begin(in, &row);

	return err ? err : btf_file_read(fd, in->path, row, in->error);
}

static int file_read(struct reading *in)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;

	if (in->options->ranges && remote_is(in->path))
		return remote_file_read(in);
	fd = open(in->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return offsets_fail(in->error, -errno, "%s: %s", in->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return offsets_fail(in->error, -EINVAL,
		                    "%s: not a regular file; name a package, an ELF or a BTF file",
		                    in->path);
	switch (input_of(fd)) {
	case INPUT_ELF:
		return elf_file_read(in, fd, st.st_size);
	case INPUT_BTF:
		return btf_read(in, fd);
	case INPUT_DEB:
		return package_file_read(in, fd, deb_read);
	case INPUT_RPM:
		return package_file_read(in, fd, rpm_read);
	case INPUT_COMPRESSED:
		return package_file_read(in, fd, compressed_read);
	default:
		return offsets_fail(in->error, -EBADMSG,
		                    "%s: neither ELF nor BTF nor a .deb or .rpm package; name one "
		                    "of these",
		                    in->path);
	}
}

/* ---- all together ----------------------------------------------------- */

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

/* Takes from a module's row what its kernel's has too; both must say the same. */
static int module_reduce(struct reading *in, struct kernel_row *module,
                         const struct kernel_row *kernel)
{
	size_t i, kept = 0;

	for (i = 0; i < module->count; i++) {
		struct fact *f = &module->facts[i];
		const struct fact *same = offsets_row_fact(kernel, f->type, f->member);

		if (same && !offsets_fact_same(f, same))
			return offsets_fail(in->error, -ENOTUNIQ,
			                    "%s: %s.%s is at %u in module %s and at %u in the "
			                    "kernel; the package mixes two builds",
			                    in->path, f->type, f->member, f->offset,
			                    module->keys[ROW_MODULE], same->offset);
		if (same) {
			free(f->type);
			free(f->member);
		} else {
			module->facts[kept++] = *f;
		}
	}
	module->count = kept;
	return 0;
}

/* A module may define nothing that its kernel lacks: overlay before 4.13. */
static void empty_drop(struct rows *rows)
{
	size_t i, kept = 0;

	for (i = 0; i < rows->count; i++)
		if (rows->list[i]->count)
			rows->list[kept++] = rows->list[i];
		else
			offsets_row_free(rows->list[i]);
	rows->count = kept;
}

static int modules_reduce(struct reading *in)
{
	struct kernel_row *kernel = NULL;
	size_t i;
	int err = 0;

	for (i = 0; i < in->rows->count; i++)
		if (!in->rows->list[i]->keys[ROW_MODULE])
			kernel = in->rows->list[i];
	for (i = 0; kernel && !err && i < in->rows->count; i++)
		if (in->rows->list[i] != kernel && in->rows->list[i]->keys[ROW_MODULE])
			err = module_reduce(in, in->rows->list[i], kernel);
	if (!err)
		empty_drop(in->rows);
	return err;
}

int input_read(const char *path, const struct input_options *options, struct rows *ret,
               struct offsets_error *error)
{
	struct reading in = { path, options, ret, error };
	size_t i;
	int err;

	ret->count = 0;
	err = file_read(&in);
	for (i = 0; !err && i < ret->count; i++)
		err = complete(path, ret->list[i], error);
	if (!err)
		err = modules_reduce(&in);
	if (err)
		rows_free(ret);
	return err;
}
