/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file of any kind to the rows of the kernel and modules in it. */
#ifndef LKCCB_INPUT_H
#define LKCCB_INPUT_H

#include "lkccb/image/image.h"
#include "offsets/offsets.h"
#include "lkccb/input/rows.h"

struct input_options {
	const char *release, *machine; /* what the file does not say; NULL: it must */
	bool all_units;                /* else image_options.quick */
	bool modules;                  /* of packages: also those that the catalogue wants */
	bool ranges;                   /* a URL is read in parts, not downloaded */
	unsigned int threads;          /* that decompress a package */
	uint64_t disk;                 /* bytes of temporary files; 0: INPUT_DISK */
	const char *beside;            /* see input_missing(); NULL: nothing is missing yet */
};

#define INPUT_DISK ((uint64_t)4096 << 20)

/*
 * Reads one file: a package (.deb, .ddeb, .rpm), an ELF file, a compressed one,
 * raw BTF. The modules of a package must agree with its kernel, and have only
 * the facts that it lacks. -EBADMSG: malformed; -ENODATA: nothing in it;
 * -ENOMSG: a package without a kernel.
 */
int input_read(const char *path, const struct input_options *options, struct rows *ret,
               struct offsets_error *error);

/* ---- the same in steps, for a sandbox between the first and the others ---- */

struct input;

/* Opens all that is needed. The path and the options are kept, not copied. */
int input_open(const char *path, const struct input_options *options, struct input **ret,
               struct offsets_error *error);
void input_close(struct input *input);

#define INPUT_DESCRIPTORS_MAX 6
size_t input_descriptors(const struct input *input, int *ret);
uint64_t input_size(const struct input *input); /* bytes; of a plain file they are mapped */

/* ROW_PACKAGE_SHA256; of parts of a file there is none: -ENOTSUP. */
int input_digest(const struct input *input, struct kernel_row *row, struct offsets_error *error);

int input_rows(struct input *input, struct rows *ret, struct offsets_error *error);

/*
 * After input_rows() has failed: the name, without folders, of a file beside the
 * input that it would need, to be tried again with options.beside; or "".
 */
const char *input_missing(const struct input *input);

/* "fetched 1.0 of 2.0 MB", or "". */
void input_note(const struct input *input, char *ret, size_t size);

#endif
