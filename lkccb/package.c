/* SPDX-License-Identifier: BSD-2-Clause */
/* What all kinds of packages share: which members are images, and their way to the reader. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "cleanup.h"
#include "package.h"

#define CHUNK_BYTES (1 << 18)

/* Modules that define structs of the catalogue. */
static const char *const modules[] = { "btrfs", "overlay" };

#define MODULES (sizeof(modules) / sizeof(modules[0]))

int package_damaged(const struct package *p, const char *cause)
{
	return offsets_fail(p->error, -EBADMSG,
	                    "%s: cut or malformed package (%s); download it again", p->path,
	                    cause ? cause : "unexpected end");
}

/* ---- members ---------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size >= n && !strcmp(text + size - n, end);
}

/* vmlinux, vmlinux-REL, vmlinux.debug, vmlinux-REL.debug; not vmlinux-gdb.py. */
static bool is_vmlinux(const char *base)
{
	return (!strcmp(base, "vmlinux") || !strcmp(base, "vmlinux.debug") ||
	        !strncmp(base, "vmlinux-", 8)) &&
	       !ends_with(base, ".py");
}

/* ".../lib/modules/REL/kernel/fs/btrfs/btrfs.ko[.debug]" */
static bool is_module(const char *path, const char *base, struct member *ret)
{
	const char *at = strstr(path, "lib/modules/");
	size_t i, len;

	if (!at)
		return false;
	at += strlen("lib/modules/");
	len = strcspn(at, "/");
	for (i = 0; i < MODULES; i++) {
		const char *rest = base + strlen(modules[i]);

		if (strncmp(base, modules[i], strlen(modules[i])) ||
		    (strcmp(rest, ".ko") && strcmp(rest, ".ko.debug")) ||
		    len >= sizeof(ret->release))
			continue;
		snprintf(ret->release, sizeof(ret->release), "%.*s", (int)len, at);
		snprintf(ret->module, sizeof(ret->module), "%s", modules[i]);
		return true;
	}
	return false;
}

/* "/usr/lib/debug/.dwz/NAME": it sorts before what refers to it. */
static bool is_dwz(const char *path, const char *base, struct member *ret)
{
	if (!strstr(path, "/.dwz/") || strlen(base) >= sizeof(ret->name))
		return false;
	ret->kind = MEMBER_DWZ;
	strcpy(ret->name, base);
	return true;
}

bool package_wants(const struct package *p, const char *path, struct member *ret)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	memset(ret, 0, sizeof(*ret));
	if (is_vmlinux(base))
		return true;
	if (is_dwz(path, base, ret))
		return p->alt_count < PACKAGE_ALTS_MAX;
	ret->kind = MEMBER_MODULE;
	return p->modules && is_module(path, base, ret);
}

bool package_complete(const struct package *p)
{
	return p->images == 1 + (p->modules ? MODULES : 0);
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		size -= n;
	}
	return 0;
}

static int alt_keep(struct package *p, const struct member *member,
                    const struct image_source *source)
{
	const struct image_range all = { 0, source->size };
	struct image_alt *alt = &p->alts[p->alt_count];
	int err = source->need ? source->need(source->arg, &all, 1) : 0;

	if (err)
		return package_damaged(p, strerror(-err));
	alt->fd = package_unlinked_file(p->path, p->error);
	if (alt->fd < 0)
		return alt->fd;
	snprintf(alt->name, sizeof(alt->name), "%s", member->name);
	p->alt_count++;
	err = write_all(alt->fd, source->data, source->size);
	return err ? offsets_fail(p->error, err,
	                          "%s: %s does not fit: %s; set TMPDIR to a disk with space",
	                          p->path, member->name, strerror(-err))
	           : 0;
}

void package_deinit(struct package *p)
{
	while (p->alt_count)
		cleanup_fd(&p->alts[--p->alt_count].fd);
}

int package_image(struct package *p, const struct member *member, struct image_source *source)
{
	const struct image_range magic = { 0, 4 };
	char name[512];
	int err;

	if (source->size < magic.size)
		return 0;
	err = source->need ? source->need(source->arg, &magic, 1) : 0;
	if (err)
		return package_damaged(p, strerror(-err));
	if (memcmp(source->data, "\177ELF", 4))
		return 0;
	if (member->kind == MEMBER_DWZ)
		return alt_keep(p, member, source);
	p->images++;
	source->alts = p->alts;
	source->alt_count = p->alt_count;
	if (member->kind == MEMBER_MODULE) {
		snprintf(name, sizeof(name), "%.400s (%s)", p->path, member->module);
		source->name = name;
		source->release = member->release;
		source->module = member->module;
	} else {
		source->name = p->path;
	}
	return p->image(p->arg, source);
}

/* ---- streams ---------------------------------------------------------- */

int package_unlinked_file(const char *what, struct offsets_error *error)
{
	const char *directory = getenv("TMPDIR");
	char name[4096];
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	snprintf(name, sizeof(name), "%s/lkccb.XXXXXX", directory);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return offsets_fail(error, -errno, "%s: no temporary file in %s: %s; set TMPDIR",
		                    what, directory, strerror(errno));
	unlink(name);
	return fd;
}

static int stream_copy(struct package *p, int fd, package_read_fn read_fn, void *arg,
                       uint64_t *ret_size)
{
	CLEANUP(cleanup_free) char *chunk = malloc(CHUNK_BYTES);
	ssize_t n = 0;
	int err = chunk ? 0 : -ENOMEM;

	*ret_size = 0;
	while (!err && (n = read_fn(arg, chunk, CHUNK_BYTES)) > 0) {
		err = write_all(fd, chunk, n);
		*ret_size += n;
	}
	if (err)
		return offsets_fail(p->error, err,
		                    "%s: its vmlinux does not fit: %s; set TMPDIR "
		                    "to a disk with space",
		                    p->path, strerror(-err));
	return n; /* the reader has said why */
}

int package_stream(struct package *p, const struct member *member, package_read_fn read_fn,
                   void *arg)
{
	CLEANUP(cleanup_fd) int fd = package_unlinked_file(p->path, p->error);
	struct image_source source = { 0 };
	int err = fd < 0 ? fd : stream_copy(p, fd, read_fn, arg, &source.size);

	if (err || !source.size)
		return err;
	source.data = mmap(NULL, source.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (source.data == MAP_FAILED)
		return offsets_fail(p->error, -errno, "%s: %s", p->path, strerror(errno));
	err = package_image(p, member, &source);
	munmap(source.data, source.size);
	return err;
}

/* ---- digest ----------------------------------------------------------- */

/* libcrypto and not libsodium: it uses the CPU's instructions, four times as fast. */
int package_digest(const char *path, struct kernel_row *row, struct offsets_error *error)
{
	CLEANUP(cleanup_free) unsigned char *chunk = malloc(CHUNK_BYTES);
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * sizeof(digest) + 1];
	unsigned int size = 0, i;
	bool done = false;
	size_t n;

	if (!file) {
		EVP_MD_CTX_free(context);
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	}
	setvbuf(file, NULL, _IONBF, 0);
	if (chunk && context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)) {
		while ((n = fread(chunk, 1, CHUNK_BYTES, file)) > 0)
			EVP_DigestUpdate(context, chunk, n);
		done = !ferror(file) && EVP_DigestFinal_ex(context, digest, &size);
	}
	EVP_MD_CTX_free(context);
	if (!done)
		return offsets_fail(error, -EIO, "%s: cannot be read to its end", path);
	for (i = 0; i < size; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return offsets_row_set(row, ROW_PACKAGE_SHA256, hex);
}
