/* SPDX-License-Identifier: BSD-2-Clause */
/* Decompression by libarchive, without the programs that it starts for rare formats. */
#ifndef LKCCB_IO_UNPACK_H
#define LKCCB_IO_UNPACK_H

struct archive;

/*
 * Allows gzip, bzip2, xz, lzma and zstd, which packages and indices use; but
 * not a format for which this libarchive would start a program.
 */
void unpack_filters(struct archive *archive);

#endif
