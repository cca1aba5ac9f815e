/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random access to an .xz stream of several blocks, which xz -T and dpkg-deb
 * write: the index at its end says where each block lies. Its contents are a
 * memory map that fills up as parts are asked for.
 */
#ifndef LKCCB_XZ_H
#define LKCCB_XZ_H

#include <stddef.h>
#include <stdint.h>

struct xz;

/* Reads size bytes of the compressed stream at offset: 0 or -errno. */
typedef int (*xz_read_fn)(void *arg, void *data, size_t size, uint64_t offset);

/*
 * size: of the whole compressed stream. threads: that decompress. -ENOTSUP: not
 * of several blocks, take it as a stream. -EBADMSG: malformed.
 */
int xz_open(xz_read_fn read, void *arg, uint64_t size, unsigned int threads, struct xz **ret);
void xz_close(struct xz *xz);

uint64_t xz_size(const struct xz *xz); /* bytes, decompressed */
char *xz_data(struct xz *xz);          /* zero where nothing was asked for yet */

struct xz_range {
	uint64_t offset, size; /* of the decompressed data */
};

/*
 * Makes sure that the ranges can be read. Blocks are decompressed side by side,
 * each from its start to the last byte that is needed; a later call goes on
 * from there. -EBADMSG: malformed, or outside of the stream.
 */
int xz_need(struct xz *xz, const struct xz_range *ranges, size_t count);

/*
 * The same of a range that lies behind those of earlier calls, on a way through
 * all of it: what lies before is forgotten, and decompressed anew should anybody
 * ask. A long way goes by several blocks at a time.
 */
int xz_walk(struct xz *xz, const struct xz_range *range);

/* What xz_walk() does not forget; one range. */
void xz_keep(struct xz *xz, const struct xz_range *range);

#endif
