/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of one perf ring, as perf_event_open(2) describes it (MMAP LAYOUT): a page
 * with the positions of the kernel and of the reader, then the records.
 */
#ifndef LOADER_BPF_RING_H
#define LOADER_BPF_RING_H

#include <stddef.h>
#include <stdint.h>

struct perf_event_mmap_page;

/* Bytes of records in a ring: at 20,000 exec/s of 700 bytes it holds 150 ms. */
#define RING_BYTES (1024 * 1024)

/* Bytes of the memory that is mapped. */
size_t ring_map_bytes(void);

/* What a program has sent; valid during the call. */
typedef void (*ring_record_fn)(void *arg, unsigned int cpu, const void *data, size_t size);

/*
 * Delivers all records that are in the ring now, and gives their room back, one after the
 * other. Records of other types are skipped. whole: memory for one that goes over the end
 * of the ring, of UINT16_MAX bytes. *ret_fill: bytes that were in it. 0; -EIO: there is no
 * record where one has to be, and nothing behind it can be read.
 */
int ring_read(struct perf_event_mmap_page *page, char *whole, unsigned int cpu, ring_record_fn fn,
              void *arg, uint64_t *ret_fill);

#endif
