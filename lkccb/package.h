/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug packages: who they are, and the images of kernel and modules inside. */
#ifndef LKCCB_PACKAGE_H
#define LKCCB_PACKAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "elffile.h"
#include "offsets.h"

#define PACKAGE_ALTS_MAX 4

/* Ended by package_deinit(). */
struct package {
	const char *path;
	int fd;
	/* What is going to be read of fd must be fetched first; NULL: all is there. */
	int (*fetch)(void *remote, uint64_t offset, uint64_t size);
	void *remote;
	uint64_t size;           /* of the file, where it is fetched */
	bool modules;            /* those too whose structs the catalogue wants */
	unsigned int threads;    /* that decompress */
	struct kernel_row *keys; /* gets the package's name and version */
	/* Called for each image; what it returns but 0 ends the reading. */
	int (*image)(void *arg, const struct image_source *source);
	void *arg;
	struct offsets_error *error;
	size_t images; /* that were found */
	struct image_alt alts[PACKAGE_ALTS_MAX];
	size_t alt_count;
};

/*
 * Read a package once. -EBADMSG: cut or malformed; -ENODATA: no vmlinux in it.
 * What follows the last wanted image is not read.
 */
int deb_read(struct package *package);
int rpm_read(struct package *package);
/* A file that is compressed and nothing else: vmlinux.xz, btrfs.ko.zst. */
int compressed_read(struct package *package);

void package_deinit(struct package *package);

/* ROW_PACKAGE_SHA256 of the file. */
int package_digest(const char *path, struct kernel_row *row, struct offsets_error *error);

/* ---- for the readers -------------------------------------------------- */

/* A member by its path: a vmlinux, a wanted module, or debug data that dwz moved out of those. */
struct member {
	enum { MEMBER_KERNEL, MEMBER_MODULE, MEMBER_DWZ } kind;
	char release[128], module[64]; /* of a module */
	char name[128];                /* of a dwz file, without folders */
};

bool package_wants(const struct package *package, const char *path, struct member *ret);

/* Whether all that is wanted has been seen. */
bool package_complete(const struct package *package);

/*
 * Gives an image to the caller; not an ELF file, which is no image, is passed
 * over. A dwz file is kept for the images that follow.
 */
int package_image(struct package *package, const struct member *member,
                  struct image_source *source);

/*
 * A member that comes as a stream goes into an unlinked file under $TMPDIR (or
 * /tmp), then to package_image(). read: bytes, 0 at the end, -errno.
 */
typedef ssize_t (*package_read_fn)(void *arg, void *data, size_t size);
int package_stream(struct package *package, const struct member *member, package_read_fn read,
                   void *arg);

/* An unlinked file under $TMPDIR (or /tmp). */
int package_unlinked_file(const char *what, struct offsets_error *error);

int package_damaged(const struct package *package, const char *cause);

#endif
