/* SPDX-License-Identifier: BSD-2-Clause */
/* Decompression by libarchive, without the programs that it would start for rare formats. */
#ifndef LKCCB_UNPACK_H
#define LKCCB_UNPACK_H

struct archive;

/*
 * Lets the archive be compressed by gzip, bzip2, xz, lzma or zstd: what packages
 * and indices have. One that this libarchive would leave to a program is left out.
 */
void unpack_filters(struct archive *archive);

#endif
