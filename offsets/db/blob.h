/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside liboffsets: all facts of a layout as one blob, sorted by type and member.
 * Each fact is a sequence of LEB128 numbers: twice the id of its "name" (plus one
 * for a bit-field), offset, size; for a bit-field also bit offset and bit size. A
 * table with one row per fact would be four times as large.
 */
#ifndef OFFSETS_DB_BLOB_H
#define OFFSETS_DB_BLOB_H

#include "offsets/db/store.h"

#define BLOB_FACT_BYTES_MAX 50 /* five numbers of at most ten bytes */

/* Writes BLOB_FACT_BYTES_MAX bytes per fact at most. Adds names that are new. */
int blob_write(struct offsets *o, const struct offsets_kernel *kernel, unsigned char *data,
               size_t *ret_size, struct offsets_error *e);

/* Adds the facts to the kernel. -EINVAL, without a report: malformed. */
int blob_read(struct offsets *o, const unsigned char *data, size_t size,
              struct offsets_kernel *kernel, struct offsets_error *e);

#endif
