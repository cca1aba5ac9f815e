/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug packages: who they are, and the images of kernel and modules inside. */
#ifndef LKCCB_PACKAGE_H
#define LKCCB_PACKAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

#define PACKAGE_ALTS_MAX 4

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
	struct scratch *scratch; /* for what comes as a stream */
	/* Called for each image; what it returns but 0 ends the reading. */
	int (*image)(void *arg, const struct image_source *source);
	/* The same for raw BTF, which a kernel's vmlinux may be, too. */
	int (*btf)(void *arg, const struct image_source *source);
	void *arg;
	struct offsets_error *error;
	size_t images; /* that were found */
	/* By the package's own list of its files; expected 0: it has none, all is looked through.
	 */
	size_t expected, seen;
	char kernel[256]; /* the path of the only one that is expected, without "./", or "" */
	bool no_elf;      /* so was a vmlinux that is no ELF file */
	struct image_alt alts[PACKAGE_ALTS_MAX];
	size_t alt_count;
};

/*
 * Read a package once. -EBADMSG: cut or malformed; -ENODATA: its vmlinux is no ELF file; -ENOMSG:
 * no vmlinux in it. Where the package lists its files, what follows the last wanted one is not
 * read.
 */
int deb_read(struct package *package);
int rpm_read(struct package *package);
/* A file that is compressed: vmlinux.xz, btrfs.ko.zst, or a tar of REL.btf (REL.btf.tar.xz). */
int compressed_read(struct package *package);

/* What librpm would otherwise look up in files when it is first used. */
void rpm_libraries_init(void);

/* ROW_PACKAGE_SHA256 of the file; of an open one path is for messages. */
int package_digest(const char *path, struct kernel_row *row, struct offsets_error *error);
int package_digest_fd(int fd, const char *path, struct kernel_row *row,
                      struct offsets_error *error);

/* ---- for the readers -------------------------------------------------- */

/* A member by its path: a vmlinux, a wanted module, or debug data that dwz moved out of those. */
struct member {
	enum { MEMBER_KERNEL, MEMBER_MODULE, MEMBER_DWZ, MEMBER_BTF } kind;
	char release[128]; /* that the path names, or "" */
	char module[64];   /* of a module */
	char name[128];    /* of a dwz file, without folders */
};

bool package_wants(const struct package *package, const char *path, struct member *ret);

/* A file that the package's list names. */
void package_expect(struct package *package, const char *path);

/* Whether all that is wanted has been seen. */
bool package_complete(const struct package *package);

/*
 * Gives an image to the caller; not an ELF file, which is no image, is skipped.
 * A dwz file is kept for the images that follow.
 */
int package_image(struct package *package, const struct member *member,
                  struct image_source *source);

/*
 * A member that comes as a stream goes into the scratch file, then to
 * package_image(). read: bytes, 0 at the end, -errno.
 */
typedef ssize_t (*package_read_fn)(void *arg, void *data, size_t size);
int package_stream(struct package *package, const struct member *member, package_read_fn read,
                   void *arg);

int package_damaged(const struct package *package, const char *cause);

#endif
