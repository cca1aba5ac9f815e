/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file of any kind to the kernels and modules in it. */
#ifndef LKCCB_INPUT_INPUT_H
#define LKCCB_INPUT_INPUT_H

#include "lkccb/image/image.h"
#include "offsets/offsets.h"
#include "lkccb/input/kernels.h"

/* Text that was read, but not parsed yet. */
struct input_text {
	const char *name; /* of the file; NULL: there is none */
	const char *data;
	size_t size;
};

struct input_options {
	const char *release, *machine; /* what the file does not say itself; NULL: it must */
	const char *version;           /* the same; NULL: then by the banners */
	struct input_text banners;
	bool all_units;         /* false: image_options.quick */
	bool modules;           /* of packages: also modules that the catalogue wants */
	bool ranges;            /* a URL is read in parts, not downloaded */
	const char *debuginfod; /* servers of paths "build-id:ID"; see servers.h */
	const char *directory;  /* for what is fetched of these */
	unsigned int timeout_s; /* for an answer of these; 0: long */
	unsigned int threads;   /* that decompress a package */
	uint64_t disk;          /* bytes of temporary files; 0: INPUT_DISK */
	const char *beside;     /* see input_missing(); NULL: nothing is missing yet */
};

#define INPUT_DISK ((uint64_t)4096 << 20)

/*
 * Reads one file: a package (.deb, .ddeb, .rpm), an ELF file, a compressed
 * file, or raw BTF. The modules of a package must agree with its kernel, and
 * get only the facts that it lacks. -EBADMSG: malformed. -ENODATA: no facts.
 * -ENOMSG: a package without a kernel.
 */
int input_read(const char *path, const struct input_options *options, struct kernels *ret,
               struct offsets_error *error);

/* ---- the same in steps, for a sandbox between the first and the others ---- */

struct input;

/* Opens all files that are needed. Keeps path and options, without copying them. */
int input_open(const char *path, const struct input_options *options, struct input **ret,
               struct offsets_error *error);
void input_close(struct input *input);

#define INPUT_DESCRIPTORS_MAX 7
size_t input_descriptors(const struct input *input, int *ret);
uint64_t input_size(const struct input *input); /* bytes; a plain file is mapped */

/* Sets OFFSETS_KEY_PACKAGE_SHA256. -ENOTSUP: the file is read in parts. */
int input_digest(const struct input *input, struct offsets_kernel *kernel,
                 struct offsets_error *error);

int input_kernels(struct input *input, struct kernels *ret, struct offsets_error *error);

/*
 * After input_kernels() failed: the name, without directories, of a file beside
 * the input that is needed, for another try with options.beside; or "".
 */
const char *input_missing(const struct input *input);

/* "fetched 1.0 of 2.0 MB", or why a kernel has no version; or "". */
void input_note(const struct input *input, char *ret, size_t size);

#endif
