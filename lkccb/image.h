/* SPDX-License-Identifier: BSD-2-Clause */
/* What an ELF file says of the kernel or module it is, and its debug data. */
#ifndef LKCCB_IMAGE_H
#define LKCCB_IMAGE_H

#include "offsets.h"

/*
 * Fills the row's keys (release, machine, version, build_id, module, source)
 * as far as the file says them, and its facts from DWARF, from .BTF, or from
 * both, which must then agree. The row's release and machine may be set by the
 * caller; a file that says something else is an error.
 *
 * -EBADMSG: no ELF file, or malformed. -ENODATA: no debug data, or none of the
 * catalogue's structs.
 */
int image_read(int fd, const char *name, struct kernel_row *row, struct offsets_error *error);

/* Sets release, version and distribution from a "Linux version ..." line. */
int banner_read(const char *banner, struct kernel_row *row);

#endif
