/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "loader/bpf/ring.h"

/* include/uapi/linux/perf_event.h: PERF_RECORD_SAMPLE with PERF_SAMPLE_RAW */
struct ring_sample {
	struct perf_event_header header;
	__u32 size;
	char data[];
};

static size_t page_bytes(void)
{
	return sysconf(_SC_PAGESIZE);
}

size_t ring_map_bytes(void)
{
	return page_bytes() + RING_BYTES;
}

/* The bytes at a position, which may go over the end. */
static const void *bytes_at(const char *data, uint64_t at, size_t size, char *whole)
{
	size_t begin = at % RING_BYTES, first = RING_BYTES - begin;

	if (size <= first)
		return data + begin;
	memcpy(whole, data + begin, first);
	memcpy(whole + first, data, size - first);
	return whole;
}

static void sample_deliver(const struct ring_sample *sample, unsigned int cpu, ring_record_fn fn,
                           void *arg)
{
	if (sample->header.type == PERF_RECORD_SAMPLE && sample->header.size >= sizeof(*sample) &&
	    sample->size <= sample->header.size - sizeof(*sample))
		fn(arg, cpu, sample->data, sample->size);
}

/* Positions only ever grow. A header is aligned to its size, so that none goes over the end. */
int ring_read(struct perf_event_mmap_page *page, char *whole, unsigned int cpu, ring_record_fn fn,
              void *arg, uint64_t *ret_fill)
{
	const char *data = (const char *)page + page_bytes();
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = page->data_tail;

	*ret_fill = head - tail;
	while (tail < head) {
		const struct perf_event_header *header =
			bytes_at(data, tail, sizeof(*header), whole);
		size_t size = header->size;

		if (size < sizeof(*header) || size > head - tail)
			return -EIO;
		sample_deliver(bytes_at(data, tail, size, whole), cpu, fn, arg);
		tail += size;
		__atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
	}
	return 0;
}
