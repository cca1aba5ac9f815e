/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug sections that are compressed by zstd: libelf can read them since
 * elfutils 0.189, if it was built with zstd.
 */
#ifndef LKCCB_IMAGE_INFLATE_H
#define LKCCB_IMAGE_INFLATE_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

struct inflated {
	struct image_source source; /* data NULL: no section was compressed by zstd */
	uint64_t start;             /* in the scratch file */
};

/*
 * If the file has such sections, makes a copy of it in the scratch file, in
 * which the sections that we read are not compressed.
 */
int inflate_open(const struct elffile *file, struct scratch *scratch, struct inflated *ret,
                 struct offsets_error *error);
void inflate_close(struct inflated *inflated, struct scratch *scratch);

#endif
