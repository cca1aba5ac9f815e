/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug packages: their identity, and the images of kernel and modules in them. */
#ifndef LKCCB_PACKAGE_PACKAGE_H
#define LKCCB_PACKAGE_PACKAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

#define PACKAGE_ALTS_MAX 4

struct package {
	const char *path;
	int fd;
	/* Called before a range of fd is read; NULL: the file is complete. */
	int (*fetch)(void *remote, uint64_t offset, uint64_t size);
	void *remote;
	uint64_t size;               /* of the file, if fetch is set */
	bool modules;                /* also read the modules whose structs the catalogue wants */
	unsigned int threads;        /* for decompression */
	struct offsets_kernel *keys; /* gets the package's name and version */
	struct scratch *scratch;     /* for members that are read as a stream */
	/* Called for each image; non-zero ends the reading. */
	int (*image)(void *arg, const struct image_source *source);
	/* The same for raw BTF, and for a file of JSON. */
	int (*btf)(void *arg, const struct image_source *source);
	int (*json)(void *arg, const struct image_source *source);
	void *arg;
	struct offsets_error *error;
	size_t images; /* number found */
	/*
	 * Wanted files in the package's own list of files, and those seen so
	 * far; expected 0: no list.
	 */
	size_t expected, seen;
	char kernel[256]; /* the only expected file's path, without "./", or "" */
	bool no_elf;      /* a vmlinux was not an ELF file */
	struct image_alt alts[PACKAGE_ALTS_MAX];
	size_t alt_count;
};

/* Sets OFFSETS_KEY_PACKAGE_SHA256. For an open file, path is for messages. */
int package_digest(const char *path, struct offsets_kernel *kernel, struct offsets_error *error);
int package_digest_fd(int fd, const char *path, struct offsets_kernel *kernel,
                      struct offsets_error *error);

/* ---- for the readers -------------------------------------------------- */

/*
 * What the path of a member says: a vmlinux, a wanted module, or debug data
 * that dwz moved out of these.
 */
struct member {
	enum { MEMBER_KERNEL, MEMBER_MODULE, MEMBER_DWZ, MEMBER_BTF } kind;
	char release[128]; /* from the path, or "" */
	char module[64];   /* of a module */
	char name[128];    /* of a dwz file, without folders */
};

bool package_wants(const struct package *package, const char *path, struct member *ret);

/* Notes a file of the package's list. */
void package_expect(struct package *package, const char *path);

/* Has everything wanted been read? */
bool package_complete(const struct package *package);

/*
 * Passes an image to the caller. A file that is not ELF is skipped. A dwz file
 * is kept for the images that follow.
 */
int package_image(struct package *package, const struct member *member,
                  struct image_source *source);

/*
 * Writes a member that is read as a stream into the scratch file, then calls
 * package_image(). read returns bytes, 0 at the end, or -errno.
 */
typedef ssize_t (*package_read_fn)(void *arg, void *data, size_t size);
int package_stream(struct package *package, const struct member *member, package_read_fn read,
                   void *arg);

int package_damaged(const struct package *package, const char *cause);

#endif
