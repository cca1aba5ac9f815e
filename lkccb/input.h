/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file of any kind to the rows of the kernel and modules in it. */
#ifndef LKCCB_INPUT_H
#define LKCCB_INPUT_H

#include "image.h"
#include "offsets.h"

struct input_options {
	const char *release, *machine; /* what the file does not say; NULL: it must */
	bool all_units;                /* else image_options.quick */
	bool modules;                  /* of packages: also those that the catalogue wants */
	bool ranges;                   /* a URL is read in parts, not downloaded */
	unsigned int threads;          /* that decompress a package */
};

#define INPUT_ROWS_MAX 16

struct rows {
	struct kernel_row *list[INPUT_ROWS_MAX];
	size_t count;
};

/*
 * Reads one file: a package (.deb, .ddeb, .rpm), an ELF file, a compressed one,
 * raw BTF. The modules of a package must agree with its kernel, and have only
 * the facts that it lacks. -EBADMSG: malformed; -ENODATA: nothing in it.
 */
int input_read(const char *path, const struct input_options *options, struct rows *ret,
               struct offsets_error *error);
void rows_free(struct rows *rows);

#endif
