/* SPDX-License-Identifier: BSD-2-Clause */
/* Common to all packages: which members are images, and how the image reader gets them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/package/package.h"

#define CHUNK_BYTES (1 << 18)

/* Modules that define structs of the catalogue. */
static const char *const modules[] = { "btrfs", "overlay" };

#define MODULES (sizeof(modules) / sizeof(modules[0]))

int package_damaged(const struct package *p, const char *cause)
{
	return offsets_fail(p->error, -EBADMSG,
	                    "%s: truncated or malformed package (%s); download it again", p->path,
	                    cause ? cause : "unexpected end");
}

/* ---- members ---------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size >= n && !strcmp(text + size - n, end);
}

/* vmlinux, vmlinux-REL, vmlinux.debug, vmlinux-REL.debug; but not vmlinux-gdb.py. */
static bool is_vmlinux(const char *base)
{
	return (!strcmp(base, "vmlinux") || !strcmp(base, "vmlinux.debug") ||
	        !strncmp(base, "vmlinux-", 8)) &&
	       !ends_with(base, ".py");
}

/* From ".../lib/modules/REL/..." or "vmlinux-REL[.debug]"; else "". */
static void release_of(const char *path, const char *base, struct member *ret)
{
	const char *at = strstr(path, "lib/modules/");
	size_t len = 0;

	if (at) {
		at += strlen("lib/modules/");
		len = strcspn(at, "/");
	} else if (!strncmp(base, "vmlinux-", 8)) {
		at = base + 8;
		len = strlen(at) - (ends_with(at, ".debug") ? strlen(".debug") : 0);
	}
	if (len < sizeof(ret->release))
		snprintf(ret->release, sizeof(ret->release), "%.*s", (int)len, at ? at : "");
}

/* ".../lib/modules/REL/kernel/fs/btrfs/btrfs.ko[.debug]" */
static bool is_module(const char *base, struct member *ret)
{
	size_t i;

	for (i = 0; i < MODULES && *ret->release; i++) {
		const char *rest = base + strlen(modules[i]);

		if (strncmp(base, modules[i], strlen(modules[i])) ||
		    (strcmp(rest, ".ko") && strcmp(rest, ".ko.debug")))
			continue;
		ret->kind = MEMBER_MODULE;
		snprintf(ret->module, sizeof(ret->module), "%s", modules[i]);
		return true;
	}
	return false;
}

/* "/usr/lib/debug/.dwz/NAME": it sorts before the files that refer to it. */
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
	release_of(path, base, ret);
	if (is_vmlinux(base))
		return true;
	if (is_dwz(path, base, ret))
		return p->alt_count < PACKAGE_ALTS_MAX;
	return p->modules && is_module(base, ret);
}

void package_expect(struct package *p, const char *path)
{
	struct member member;

	if (!package_wants(p, path, &member))
		return;
	p->kernel[0] = '\0';
	if (++p->expected == 1 && member.kind == MEMBER_KERNEL && strlen(path) < sizeof(p->kernel))
		snprintf(p->kernel, sizeof(p->kernel), "%s", path);
}

bool package_complete(const struct package *p)
{
	return p->expected && p->seen >= p->expected;
}

/* Keeps the region of the scratch file. */
static int alt_keep(struct package *p, const struct member *member, uint64_t start, uint64_t size)
{
	struct image_alt *alt = &p->alts[p->alt_count++];

	snprintf(alt->name, sizeof(alt->name), "%s", member->name);
	alt->start = start;
	alt->size = size;
	return 0;
}

/* The blocks of the data may be dropped: copies it. */
static int alt_copy(struct package *p, const struct member *member,
                    const struct image_source *source)
{
	const struct image_range all = { 0, source->size };
	uint64_t start = scratch_begin(p->scratch);
	char what[512];
	int err = source->need(source->arg, &all, 1);

	if (err)
		return package_damaged(p, strerror(-err));
	snprintf(what, sizeof(what), "%s: unpacked data", p->path);
	err = scratch_write(p->scratch, source->data, source->size, what, p->error);
	return err ? err : alt_keep(p, member, start, source->size);
}

static int image_give(struct package *p, const struct member *member, struct image_source *source)
{
	char name[512];

	p->images++;
	source->alts = p->alts;
	source->alt_count = p->alt_count;
	source->name = p->path;
	source->release = *member->release ? member->release : NULL;
	if (member->kind == MEMBER_MODULE) {
		snprintf(name, sizeof(name), "%.400s (%s)", p->path, member->module);
		source->name = name;
		source->module = member->module;
	}
	return p->image(p->arg, source);
}

/* No ELF file, but with facts. */
static int other_give(struct package *p, const struct member *member, struct image_source *source,
                      int (*give)(void *arg, const struct image_source *source))
{
	p->images++;
	source->name = p->path;
	source->release = *member->release ? member->release : NULL;
	return give(p->arg, source);
}

int package_image(struct package *p, const struct member *member, struct image_source *source)
{
	const struct image_range magic = { 0, 4 };
	int err;

	if (source->size < magic.size)
		return 0;
	err = source->need ? source->need(source->arg, &magic, 1) : 0;
	if (err)
		return package_damaged(p, strerror(-err));
	if (!memcmp(source->data, "\x9f\xeb\1", 3) && member->kind != MEMBER_DWZ)
		return other_give(p, member, source, p->btf);
	if (source->data[0] == '{' && member->kind == MEMBER_KERNEL)
		return other_give(p, member, source, p->json);
	if (memcmp(source->data, "\177ELF", 4)) {
		p->no_elf = p->no_elf || member->kind == MEMBER_KERNEL;
		return 0;
	}
	if (member->kind == MEMBER_DWZ)
		return alt_copy(p, member, source);
	return image_give(p, member, source);
}

/* ---- streams ---------------------------------------------------------- */

static int stream_copy(struct package *p, package_read_fn read_fn, void *arg)
{
	CLEANUP(cleanup_free) char *chunk = malloc(CHUNK_BYTES);
	char what[512];
	ssize_t n = 0;
	int err = chunk ? 0 : offsets_fail(p->error, -ENOMEM, "%s: out of memory", p->path);

	snprintf(what, sizeof(what), "%s: unpacked data", p->path);
	while (!err && (n = read_fn(arg, chunk, CHUNK_BYTES)) > 0)
		err = scratch_write(p->scratch, chunk, n, what, p->error);
	return err ? err : n; /* the reader reported it */
}

int package_stream(struct package *p, const struct member *member, package_read_fn read_fn,
                   void *arg)
{
	const uint64_t start = scratch_begin(p->scratch);
	struct image_source source = { 0 };
	int err = stream_copy(p, read_fn, arg);

	source.size = p->scratch->used - start;
	if (err || !source.size)
		return err;
	source.data = scratch_map(p->scratch, start, source.size);
	if (!source.data)
		return offsets_fail(p->error, -errno, "%s: %s", p->path, strerror(errno));
	if (member->kind == MEMBER_DWZ)
		err = alt_keep(p, member, start, source.size);
	else
		err = package_image(p, member, &source);
	munmap(source.data, source.size);
	if (member->kind != MEMBER_DWZ)
		scratch_rewind(p->scratch, start);
	return err;
}

/* ---- digest ----------------------------------------------------------- */

int package_digest_fd(int fd, const char *path, struct offsets_kernel *kernel,
                      struct offsets_error *error)
{
	char hex[DIGEST_HEX_MAX + 1];
	int err = digest_file(fd, 0, SHA256_HEX, hex);

	return err ? offsets_fail(error, err, "%s: cannot be read to the end: %s", path,
	                          strerror(-err))
	           : offsets_kernel_set(kernel, OFFSETS_KEY_PACKAGE_SHA256, hex);
}

int package_digest(const char *path, struct offsets_kernel *kernel, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? offsets_fail(error, -errno, "%s: %s", path, strerror(errno))
	              : package_digest_fd(fd, path, kernel, error);
}
