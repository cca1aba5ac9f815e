/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lkccb/input/banners.h"
#include "lkccb/input/btfhub.h"
#include "lkccb/input/input.h"
#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/isf/isf.h"
#include "lkccb/package/compressed.h"
#include "lkccb/package/buildid.h"
#include "lkccb/package/deb.h"
#include "lkccb/package/rpm.h"
#include "lkccb/package/remote.h"
#include "lkccb/io/scratch.h"
#include "lkccb/io/servers.h"

enum kind {
	INPUT_UNKNOWN,
	INPUT_ELF,
	INPUT_BTF,
	INPUT_DEB,
	INPUT_RPM,
	INPUT_JSON,
	INPUT_COMPRESSED
};

static enum kind kind_of(int fd)
{
	static const struct {
		enum kind kind;
		const char *magic;
		size_t size;
	} magics[] = {
		{ INPUT_ELF, "\177ELF", 4 },
		{ INPUT_DEB, "!<arch>\n", 8 },
		{ INPUT_RPM, "\xed\xab\xee\xdb", 4 },
		{ INPUT_BTF, "\x9f\xeb\x01", 3 },
		{ INPUT_JSON, "{", 1 },
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
			return magics[i].kind;
	return INPUT_UNKNOWN;
}

/* ---- kernels ---------------------------------------------------------- */

struct input {
	const char *path;
	const struct input_options *options;
	int fd; /* -1: read in parts */
	struct stat st;
	struct remote *remote;
	struct buildid *buildid;
	struct scratch scratch;
	struct image_beside beside;
	struct offsets_error note; /* for people; "" */
};

struct reading {
	struct input *input;
	const char *path;
	const struct input_options *options;
	struct kernels *kernels;
	struct offsets_error *error;
};

static int given(struct offsets_kernel *kernel, enum offsets_key key, const char *value,
                 struct offsets_error *error)
{
	int err = value ? offsets_kernel_set(kernel, key, value) : 0;

	return err ? offsets_fail(error, err, "'%s' is not a %s; give what uname prints", value,
	                          offsets_key_name(key))
	           : 0;
}

/* Adds a kernel, with the keys that the user gave. */
static int kernel_begin(struct reading *in, struct offsets_kernel **ret)
{
	struct offsets_kernel *kernel;
	int err;

	if (in->kernels->count == KERNELS_MAX)
		return offsets_fail(in->error, -E2BIG, "%s: more than %d kernels and modules",
		                    in->path, KERNELS_MAX);
	kernel = offsets_kernel_new();
	if (!kernel)
		return offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	in->kernels->list[in->kernels->count++] = kernel;
	err = given(kernel, OFFSETS_KEY_RELEASE, in->options->release, in->error);
	if (!err)
		err = given(kernel, OFFSETS_KEY_MACHINE, in->options->machine, in->error);
	*ret = kernel;
	return err;
}

static int on_image(void *arg, const struct image_source *source)
{
	struct reading *in = arg;
	struct image_options options = { .quick = !in->options->all_units,
		                         .threads = in->options->threads,
		                         .beside = &in->input->beside,
		                         .scratch = &in->input->scratch };
	struct offsets_kernel *kernel;
	int err = kernel_begin(in, &kernel);

	return err ? err : image_read(source, &options, kernel, in->error);
}

static int btf_facts(struct reading *in, const char *data, size_t size,
                     struct offsets_kernel *kernel)
{
	int err = offsets_btf_read(data, size, in->path, kernel, in->error);

	if (!err && !offsets_kernel_count(kernel))
		err = offsets_fail(
			in->error, -ENODATA,
			"%s: defines none of the kernel's structs; use the BTF of a kernel",
			in->path);
	return err ? err : offsets_kernel_set(kernel, OFFSETS_KEY_SOURCE, "btf");
}

/* For a file of which all is needed. */
static int whole_begin(struct reading *in, const struct image_source *source,
                       struct offsets_kernel **ret)
{
	const struct image_range all = { 0, source->size };
	int err = source->need ? source->need(source->arg, &all, 1) : 0;

	return err ? offsets_fail(in->error, err, "%s: %s", in->path, strerror(-err))
	           : kernel_begin(in, ret);
}

/* Raw BTF in a package or archive: the name of the file says the release, its path more. */
static int on_btf(void *arg, const struct image_source *source)
{
	struct reading *in = arg;
	struct offsets_kernel *kernel;
	int err = whole_begin(in, source, &kernel);

	if (!err && !offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE) && source->release)
		err = offsets_kernel_set(kernel, OFFSETS_KEY_RELEASE, source->release);
	if (!err)
		err = btfhub_keys(in->path, kernel, in->error);
	return err ? err : btf_facts(in, source->data, source->size, kernel);
}

static int on_json(void *arg, const struct image_source *source)
{
	struct reading *in = arg;
	struct offsets_kernel *kernel;
	int err = whole_begin(in, source, &kernel);

	return err ? err : isf_read(source->data, source->size, in->path, kernel, in->error);
}

/* ---- kinds of input --------------------------------------------------- */

/* /sys/kernel/btf/vmlinux can be mapped only since v6.16. */
static int btf_file_read(struct reading *in)
{
	CLEANUP(cleanup_free) char *data = malloc(in->input->st.st_size + 1);
	ssize_t n, size = 0, all = in->input->st.st_size;
	struct offsets_kernel *kernel;
	int err = kernel_begin(in, &kernel);

	if (err)
		return err;
	if (!data)
		return offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	while (size < all && (n = pread(in->input->fd, data + size, all - size, size)) != 0) {
		if (n < 0)
			return offsets_fail(in->error, -errno, "%s: %s", in->path, strerror(errno));
		size += n;
	}
	return btf_facts(in, data, size, kernel);
}

static int mapped_read(struct reading *in, int (*read)(void *, const struct image_source *))
{
	struct image_source source = { .name = in->path, .size = in->input->st.st_size };
	int err;

	source.data =
		mmap(NULL, source.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, in->input->fd, 0);
	if (source.data == MAP_FAILED)
		return offsets_fail(in->error, -errno, "%s: %s", in->path, strerror(errno));
	err = read(in, &source);
	munmap(source.data, source.size);
	return err;
}

/* The digest needs the whole file, the facts only parts of it: both are read in parallel. */
struct digest {
	const struct input *input;
	struct offsets_kernel *kernel;
	struct offsets_error error;
	bool beside; /* in a thread of its own */
	int err;
};

static void *digest_work(void *arg)
{
	struct digest *digest = arg;

	/* Decompression goes first: near its end, a CPU is idle. */
	if (digest->beside)
		setpriority(PRIO_PROCESS, 0, 19); /* 0: this thread */
	digest->err = input_digest(digest->input, digest->kernel, &digest->error);
	return NULL;
}

static int keys_spread(struct reading *in, const struct offsets_kernel *keys)
{
	static const enum offsets_key of_package[] = { OFFSETS_KEY_PACKAGE,
		                                       OFFSETS_KEY_PACKAGE_VERSION,
		                                       OFFSETS_KEY_PACKAGE_SHA256 };
	size_t i, j;
	int err = 0;

	for (i = 0; i < in->kernels->count; i++)
		for (j = 0; !err && j < 3; j++)
			if (offsets_kernel_key(keys, of_package[j]))
				err = offsets_kernel_set(in->kernels->list[i], of_package[j],
				                         offsets_kernel_key(keys, of_package[j]));
	return err;
}

/* The options of all packages; the caller sets the file. */
static struct package package_of(struct reading *in, struct offsets_kernel *keys)
{
	return (struct package){
		.path = in->path,
		.fd = -1,
		.modules = in->options->modules,
		.threads = in->options->threads,
		.keys = keys,
		.scratch = &in->input->scratch,
		.image = on_image,
		.btf = on_btf,
		.json = on_json,
		.arg = in,
		.error = in->error,
	};
}

/* If the file changed since it was opened, digest and facts may be of different bytes. */
static int unchanged(const struct reading *in)
{
	const struct stat *before = &in->input->st;
	struct stat now;

	if (!fstat(in->input->fd, &now) && now.st_size == before->st_size &&
	    now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
	    now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == before->st_ctim.tv_nsec)
		return 0;
	return offsets_fail(in->error, -EAGAIN,
	                    "%s: the file changed while it was read; try again when it is complete",
	                    in->path);
}

static int package_read(struct reading *in, int (*read)(struct package *),
                        struct offsets_kernel *keys)
{
	struct digest digest = { .input = in->input, .kernel = offsets_kernel_new() };
	struct package package = package_of(in, keys);
	pthread_t thread;
	int err;

	if (!digest.kernel)
		return offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);
	package.fd = in->input->fd;
	digest.beside = true;
	digest.beside = !pthread_create(&thread, NULL, digest_work, &digest);
	err = read(&package);
	if (digest.beside)
		pthread_join(thread, NULL);
	else
		digest_work(&digest);
	if (!err && digest.err) {
		*in->error = digest.error;
		err = digest.err;
	}
	if (unchanged(in)) /* also explains a truncated or malformed package */
		err = -EAGAIN;
	if (!err)
		err = keys_spread(in, keys);
	if (!err)
		err = keys_spread(in, digest.kernel);
	offsets_kernel_free(digest.kernel);
	return err;
}

static int package_file_read(struct reading *in, int (*read)(struct package *))
{
	struct offsets_kernel *keys = offsets_kernel_new();
	int err = keys ? package_read(in, read, keys)
	               : offsets_fail(in->error, -ENOMEM, "%s: out of memory", in->path);

	offsets_kernel_free(keys);
	return err;
}

/* Without the whole package there is no digest: the origin says so. */
static int remote_package_read(struct reading *in)
{
	struct remote *remote = in->input->remote;
	struct offsets_kernel *keys = offsets_kernel_new();
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
	for (i = 0; !err && i < in->kernels->count; i++)
		err = offsets_kernel_set(in->kernels->list[i], OFFSETS_KEY_ORIGIN,
		                         "ranges of its package, not verified by SHA-256");
	offsets_kernel_free(keys);
	return err;
}

static int origin_add(struct offsets_kernel *kernel, const char *text)
{
	const char *before = offsets_kernel_key(kernel, OFFSETS_KEY_ORIGIN);
	char all[1024];

	snprintf(all, sizeof(all), "%s%s%.700s", text, before ? "; " : "", before ? before : "");
	return offsets_kernel_set(kernel, OFFSETS_KEY_ORIGIN, all);
}

static int buildid_file_read(struct reading *in)
{
	struct image_source source;
	int err = buildid_read(in->input->buildid, &source, in->error);

	if (!err)
		err = on_image(in, &source);
	return err ? err
	           : origin_add(
			     in->kernels->list[0],
			     "by its build-id from a debuginfod server, not verified by SHA-256");
}

static int file_read(struct reading *in)
{
	if (in->input->buildid)
		return buildid_file_read(in);
	if (in->input->remote)
		return remote_package_read(in);
	switch (kind_of(in->input->fd)) {
	case INPUT_ELF:
		return mapped_read(in, on_image);
	case INPUT_JSON:
		return mapped_read(in, on_json);
	case INPUT_BTF:
		return btf_file_read(in);
	case INPUT_DEB:
		return package_file_read(in, deb_read);
	case INPUT_RPM:
		return package_file_read(in, rpm_read);
	case INPUT_COMPRESSED:
		return package_file_read(in, compressed_read);
	default:
		return offsets_fail(
			in->error, -EBADMSG,
			"%s: neither ELF, BTF, a symbol file (JSON) nor a .deb or .rpm package; "
			"name one of these",
			in->path);
	}
}

/* ---- in steps --------------------------------------------------------- */

static int file_open(struct input *in, struct offsets_error *error)
{
	in->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in->fd < 0 || fstat(in->fd, &in->st))
		return offsets_fail(error, -errno, "%s: %s", in->path, strerror(errno));
	if (!S_ISREG(in->st.st_mode))
		return offsets_fail(error, -EINVAL,
		                    "%s: not a regular file; name a package, an ELF or a BTF file",
		                    in->path);
	return 0;
}

/* The name comes from the input: only a file in the same directory is opened. */
static void beside_open(struct input *in)
{
	const char *slash = strrchr(in->path, '/'), *base = in->options->beside;
	struct stat st;
	char path[4096];

	if (!base)
		return;
	in->beside.name = base;
	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash + 1 - in->path) : 0, in->path,
	         base);
	if (!strchr(base, '/'))
		in->beside.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in->beside.fd >= 0 && (fstat(in->beside.fd, &st) || !S_ISREG(st.st_mode))) {
		close(in->beside.fd);
		in->beside.fd = -1;
	}
}

static int by_build_id_open(struct input *in, uint64_t disk, struct offsets_error *error)
{
	const struct input_options *o = in->options;
	char directory[SCRATCH_DIRECTORY_MAX + 8];
	const struct buildid_options options = { .servers = o->debuginfod,
		                                 .directory = directory,
		                                 .release = o->release,
		                                 .machine = o->machine,
		                                 .all_units = o->all_units,
		                                 .disk = disk,
		                                 .timeout_s = o->timeout_s };

	/* One for each input: the user of its fetcher gets it. */
	snprintf(directory, sizeof(directory), "%s/XXXXXX", o->directory ? o->directory : "");
	if (!o->directory || !mkdtemp(directory))
		return offsets_fail(error, -errno, "%s: no directory for its data: %s; set TMPDIR",
		                    in->path, strerror(errno));
	return buildid_open(in->path, &options, &in->buildid, error);
}

int input_open(const char *path, const struct input_options *options, struct input **ret,
               struct offsets_error *error)
{
	uint64_t disk = options->disk ? options->disk : INPUT_DISK;
	struct input *in = calloc(1, sizeof(*in));
	int err;

	*ret = NULL;
	if (!in)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	*in = (struct input){ .path = path, .options = options, .fd = -1, .beside = { .fd = -1 } };
	scratch_init(&in->scratch, disk);
	if (servers_build_id(path))
		err = by_build_id_open(in, disk, error);
	else if (options->ranges && remote_is(path))
		err = remote_open(path, disk, &in->remote, error);
	else
		err = file_open(in, error);
	if (err) {
		input_close(in);
		return err;
	}
	beside_open(in);
	digest_init();
	if (in->fd >= 0 && kind_of(in->fd) == INPUT_RPM)
		rpm_libraries_init();
	*ret = in;
	return 0;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	remote_close(in->remote);
	buildid_close(in->buildid);
	scratch_deinit(&in->scratch);
	cleanup_fd(&in->beside.fd);
	cleanup_fd(&in->fd);
	free(in);
}

size_t input_descriptors(const struct input *in, int *ret)
{
	const int fds[] = { in->fd, in->beside.fd, in->scratch.fds[0], in->scratch.fds[1] };
	size_t i, count = 0;

	if (in->remote)
		count = remote_descriptors(in->remote, ret);
	if (in->buildid)
		count = buildid_descriptors(in->buildid, ret);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			ret[count++] = fds[i];
	return count;
}

uint64_t input_size(const struct input *in)
{
	return in->remote ? remote_size(in->remote) : (uint64_t)in->st.st_size;
}

int input_digest(const struct input *in, struct offsets_kernel *kernel, struct offsets_error *error)
{
	return in->fd < 0 ? -ENOTSUP : package_digest_fd(in->fd, in->path, kernel, error);
}

const char *input_missing(const struct input *in)
{
	return in->options->beside || in->buildid ? "" : in->beside.wanted;
}

void input_note(const struct input *in, char *ret, size_t size)
{
	*ret = '\0';
	if (!in->remote)
		snprintf(ret, size, "%s", in->note.text);
	else
		snprintf(ret, size, "fetched %.1f of %.1f MB", remote_fetched(in->remote) / 1e6,
		         remote_size(in->remote) / 1e6);
	if (in->buildid)
		buildid_note(in->buildid, ret, size);
}

/* ---- versions --------------------------------------------------------- */

/* What the command line says must be what the file says. */
static int version_given(struct reading *in, struct offsets_kernel *kernel)
{
	const char *version = offsets_kernel_key(kernel, OFFSETS_KEY_VERSION);

	if (!version)
		return given(kernel, OFFSETS_KEY_VERSION, in->options->version, in->error);
	if (!strcmp(version, in->options->version))
		return 0;
	return offsets_fail(in->error, -EINVAL,
	                    "%s: its version is %s, but the command line says %s; correct "
	                    "--version",
	                    in->path, version, in->options->version);
}

static int version_search(struct reading *in, struct offsets_kernel *kernel)
{
	const struct input_text *banners = &in->options->banners;
	struct offsets_error note;
	int err = banners_find(banners->data, banners->size, banners->name, kernel, &note);

	if (err != -ENOENT && err != -ENOTUNIQ)
		return err;
	in->input->note = note;
	return 0;
}

/* BTF has no version. Modules need none. */
static int versions_give(struct reading *in)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < in->kernels->count; i++) {
		struct offsets_kernel *kernel = in->kernels->list[i];

		if (offsets_kernel_key(kernel, OFFSETS_KEY_MODULE))
			continue;
		if (in->options->version)
			err = version_given(in, kernel);
		else if (in->options->banners.name &&
		         !offsets_kernel_key(kernel, OFFSETS_KEY_VERSION))
			err = version_search(in, kernel);
	}
	return err;
}

int input_kernels(struct input *input, struct kernels *ret, struct offsets_error *error)
{
	struct reading in = { input, input->path, input->options, ret, error };
	int err;

	ret->count = 0;
	err = file_read(&in);
	if (!err)
		err = kernels_settle(in.path, ret, error);
	if (!err)
		err = versions_give(&in);
	if (err)
		kernels_free(ret);
	return err;
}

/* ---- all together ----------------------------------------------------- */

static int input_try(const char *path, const struct input_options *options, struct kernels *ret,
                     char *ret_missing, size_t size, struct offsets_error *error)
{
	struct input *in;
	int err = input_open(path, options, &in, error);

	ret->count = 0;
	if (err)
		return err;
	err = input_kernels(in, ret, error);
	snprintf(ret_missing, size, "%s", err ? input_missing(in) : "");
	input_close(in);
	return err;
}

int input_read(const char *path, const struct input_options *options, struct kernels *ret,
               struct offsets_error *error)
{
	struct input_options again = *options;
	char missing[256] = "";
	int err = input_try(path, options, ret, missing, sizeof(missing), error);

	if (!*missing)
		return err;
	again.beside = missing;
	return input_try(path, &again, ret, (char[1]){ "" }, 1, error);
}
