/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random access to an .xz stream of several blocks, as xz -T and dpkg-deb write
 * it: the index at its end says where each block is. The contents are a memory
 * map, which is filled as parts are needed.
 */
#ifndef LKCCB_PACKAGE_XZ_H
#define LKCCB_PACKAGE_XZ_H

#include <stddef.h>
#include <stdint.h>

struct xz;

/* Reads size bytes of the compressed stream at offset: 0 or -errno. */
typedef int (*xz_read_fn)(void *arg, void *data, size_t size, uint64_t offset);

/*
 * size: of the compressed stream. threads: for decompression. -ENOTSUP: not
 * several blocks; read it as a stream. -EBADMSG: malformed.
 */
int xz_open(xz_read_fn read, void *arg, uint64_t size, unsigned int threads, struct xz **ret);
void xz_close(struct xz *xz);

uint64_t xz_size(const struct xz *xz); /* bytes, decompressed */
char *xz_data(struct xz *xz);          /* zero where nothing was needed yet */

struct xz_range {
	uint64_t offset, size; /* of the decompressed data */
};

/*
 * Decompresses the ranges, in parallel: each block from its start to the last
 * needed byte; a later call continues there. -EBADMSG: malformed, or outside
 * the stream.
 */
int xz_need(struct xz *xz, const struct xz_range *ranges, size_t count);

/*
 * The same for a walk through the stream: the range is behind those of earlier
 * calls. What is before it is dropped, and decompressed again if it is needed.
 * A long walk decompresses several blocks at a time.
 */
int xz_walk(struct xz *xz, const struct xz_range *range);

/* One range that xz_walk() keeps. */
void xz_keep(struct xz *xz, const struct xz_range *range);

#endif
