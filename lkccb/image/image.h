/* SPDX-License-Identifier: BSD-2-Clause */
/* An ELF file in memory: what it says of the kernel or module it is, and its debug data. */
#ifndef LKCCB_IMAGE_H
#define LKCCB_IMAGE_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

/* A file beside the input, which only the input can name: dwz's. */
struct image_beside {
	const char *name; /* of the one that is open; NULL: none was asked for yet */
	int fd;           /* -1: there is no such file */
	char wanted[256]; /* the name that was asked for, without folders, or "" */
};

/*
 * quick: where .BTF knows the facts and the DWARF of the few units that define
 * the wanted structs confirms each of them, the other units are not read.
 * Without .BTF, or where anything is unclear, every unit is read and all must
 * agree.
 */
struct image_options {
	bool quick;
	unsigned int threads; /* that read units */
	struct image_beside *beside;
	struct scratch *scratch;
};

/*
 * Fills the row's keys (release, machine, version, build_id, module, source)
 * as far as the file says them, and its facts from DWARF, from .BTF, or from
 * both, which must then agree.
 *
 * -EBADMSG: no ELF file, or malformed. -ENODATA: no debug data, or none of the
 * catalogue's structs.
 */
int image_read(const struct image_source *source, const struct image_options *options,
               struct kernel_row *row, struct offsets_error *error);

/* Sets release, version and distribution from a "Linux version ..." line. */
int banner_read(const char *banner, struct kernel_row *row);

#endif
