/* SPDX-License-Identifier: BSD-2-Clause */
/* An ELF file in memory: the identity of the kernel or module, and its debug data. */
#ifndef LKCCB_IMAGE_IMAGE_H
#define LKCCB_IMAGE_IMAGE_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

/* dwz's file beside the input; only the input says its name. */
struct image_beside {
	const char *name; /* of the file that fd is, or would be; NULL: none was needed yet */
	int fd;           /* -1: there is no such file */
	char wanted[256]; /* the name that is needed, without directories, or "" */
};

/*
 * quick: if .BTF has the facts, and the DWARF of the few units that define the
 * wanted structs confirms each of them, other units are not read. Without .BTF,
 * or after any difference, every unit is read, and all must agree.
 */
struct image_options {
	bool quick;
	unsigned int threads; /* for reading units */
	struct image_beside *beside;
	struct scratch *scratch;
};

/*
 * Sets the keys that the file contains (release, machine, version, build_id,
 * module, source), and the facts from DWARF, from .BTF, or from both, which
 * must then agree. -EBADMSG: no ELF file, or malformed. -ENODATA: no debug
 * data, or none of the catalogue's structs.
 */
int image_read(const struct image_source *source, const struct image_options *options,
               struct offsets_kernel *kernel, struct offsets_error *error);

#define IMAGE_BUILD_ID_MAX 64 /* bytes */

/* The build-id in hexadecimal digits. -ENOENT: it has none. -EBADMSG: malformed. */
int image_build_id(const struct image_source *source, char ret[2 * IMAGE_BUILD_ID_MAX + 1]);

/* The machine that the kernel with this .data was built for, by its init_uts_ns; NULL: unknown. */
const char *image_machine_of(const char *data, size_t size);

/* EM_X86_64 for "x86_64"; EM_NONE: lkccb does not read kernels of this machine. */
uint16_t image_machine_number(const char *machine);

#endif
