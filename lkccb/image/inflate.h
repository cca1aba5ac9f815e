/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug sections that are compressed by zstd, which libelf reads from elfutils 0.189 on, if at all.
 */
#ifndef LKCCB_INFLATE_H
#define LKCCB_INFLATE_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"
#include "lkccb/io/scratch.h"

struct inflated {
	struct image_source source; /* data NULL: nothing was compressed so */
	uint64_t start;             /* in the scratch file */
};

/*
 * Where the file has such sections: a copy of it in the scratch file in which
 * those that readers look at are not compressed.
 */
int inflate_open(const struct elffile *file, struct scratch *scratch, struct inflated *ret,
                 struct offsets_error *error);
void inflate_close(struct inflated *inflated, struct scratch *scratch);

#endif
