/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <lzma.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/package/xz.h"

/* Limits for hostile streams. The dictionary of xz -9 has 64 MiB. */
#define INDEX_MEMORY   (64 << 20)
#define DECODER_MEMORY (128 << 20)
#define INPUT_BYTES    (1 << 18)
#define THREADS_MAX    64
/* A walk that has passed so many blocks decompresses so many whole blocks at a time. */
#define WALK_BEGIN 2
#define WALK_MAX   8

struct block {
	uint64_t at, in_size; /* compressed, with header, padding and check */
	uint64_t unpadded;    /* in_size without the padding */
	uint64_t out, out_size;
	uint64_t wanted, done; /* bytes of out_size */
	lzma_stream stream;    /* the decoder, while started */
	lzma_block header;
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	uint64_t read; /* compressed bytes read so far */
	bool started;
};

struct xz {
	xz_read_fn read;
	void *arg;
	unsigned int threads;
	char *data; /* decompressed parts are writable, the rest is zero */
	uint64_t size;
	size_t forgotten; /* blocks below are dropped */
	struct xz_range kept;
	struct block *blocks;
	size_t count;
	lzma_check check;
	/* Shared by the threads. */
	pthread_mutex_t lock;
	size_t next;
	int err;
};

/* ---- index ------------------------------------------------------------ */

static int blocks_from(struct xz *xz, lzma_index *index)
{
	lzma_index_iter iter;
	struct block *b;

	xz->count = lzma_index_block_count(index);
	if (lzma_index_stream_count(index) != 1 || xz->count < 2)
		return -ENOTSUP;
	xz->blocks = b = calloc(xz->count, sizeof(*b));
	if (!b)
		return -ENOMEM;
	lzma_index_iter_init(&iter, index);
	for (; !lzma_index_iter_next(&iter, LZMA_INDEX_ITER_BLOCK); b++) {
		b->at = iter.block.compressed_file_offset;
		b->in_size = iter.block.total_size;
		b->unpadded = iter.block.unpadded_size;
		b->out = iter.block.uncompressed_file_offset;
		b->out_size = iter.block.uncompressed_size;
	}
	xz->size = lzma_index_uncompressed_size(index);
	return 0;
}

static int index_read(struct xz *xz, uint64_t size)
{
	unsigned char head[LZMA_STREAM_HEADER_SIZE], foot[LZMA_STREAM_HEADER_SIZE];
	CLEANUP(cleanup_free) unsigned char *data = NULL;
	lzma_stream_flags header, footer;
	lzma_index *index = NULL;
	uint64_t memory = INDEX_MEMORY;
	size_t at = 0;
	int err;

	if (size < 2 * sizeof(head))
		return -EBADMSG;
	err = xz->read(xz->arg, head, sizeof(head), 0);
	if (!err)
		err = xz->read(xz->arg, foot, sizeof(foot), size - sizeof(foot));
	if (err)
		return err;
	/* -ENOTSUP: several streams, or padding; libarchive reads these. */
	if (lzma_stream_header_decode(&header, head) || lzma_stream_footer_decode(&footer, foot) ||
	    lzma_stream_flags_compare(&header, &footer))
		return -ENOTSUP;
	if (footer.backward_size > INDEX_MEMORY || footer.backward_size > size - 2 * sizeof(head))
		return -EBADMSG;
	data = malloc(footer.backward_size);
	if (!data)
		return -ENOMEM;
	err = xz->read(xz->arg, data, footer.backward_size,
	               size - sizeof(foot) - footer.backward_size);
	if (err)
		return err;
	if (lzma_index_buffer_decode(&index, &memory, NULL, data, &at, footer.backward_size))
		return -EBADMSG;
	/* Checks that all blocks of the index are inside the stream. */
	err = lzma_index_file_size(index) == size ? blocks_from(xz, index) : -ENOTSUP;
	lzma_index_end(index, NULL);
	xz->check = header.check;
	return err;
}

int xz_open(xz_read_fn read, void *arg, uint64_t size, unsigned int threads, struct xz **ret)
{
	struct xz *xz = calloc(1, sizeof(*xz));
	int err;

	*ret = NULL;
	if (!xz)
		return -ENOMEM;
	xz->read = read;
	xz->arg = arg;
	xz->threads = threads > THREADS_MAX ? THREADS_MAX : threads ? threads : 1;
	pthread_mutex_init(&xz->lock, NULL);
	xz->data = MAP_FAILED;
	err = index_read(xz, size);
	if (!err) {
		xz->data = mmap(NULL, xz->size, PROT_READ,
		                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (xz->data == MAP_FAILED)
			err = -errno;
	}
	if (err) {
		xz_close(xz);
		return err;
	}
	*ret = xz;
	return 0;
}

static void block_stop(struct block *b)
{
	size_t i;

	if (!b->started)
		return;
	lzma_end(&b->stream);
	for (i = 0; b->filters[i].id != LZMA_VLI_UNKNOWN; i++)
		free(b->filters[i].options);
	b->started = false;
}

void xz_close(struct xz *xz)
{
	size_t i;

	if (!xz)
		return;
	for (i = 0; i < xz->count && xz->blocks; i++)
		block_stop(&xz->blocks[i]);
	if (xz->data != MAP_FAILED)
		munmap(xz->data, xz->size);
	pthread_mutex_destroy(&xz->lock);
	free(xz->blocks);
	free(xz);
}

uint64_t xz_size(const struct xz *xz)
{
	return xz->size;
}

char *xz_data(struct xz *xz)
{
	return xz->data;
}

/* ---- blocks ----------------------------------------------------------- */

static int block_start(struct xz *xz, struct block *b)
{
	unsigned char head[LZMA_BLOCK_HEADER_SIZE_MAX];
	const lzma_stream init = LZMA_STREAM_INIT;
	int err = xz->read(xz->arg, head, 1, b->at);

	if (err)
		return err;
	b->header = (lzma_block){ .version = 1, .check = xz->check, .filters = b->filters };
	b->header.header_size = lzma_block_header_size_decode(head[0]);
	if (!head[0] || b->header.header_size > b->in_size)
		return -EBADMSG;
	err = xz->read(xz->arg, head, b->header.header_size, b->at);
	if (err)
		return err;
	if (lzma_block_header_decode(&b->header, NULL, head))
		return -EBADMSG;
	b->stream = init;
	b->started = true; /* block_stop() cleans up from here on */
	if (lzma_raw_decoder_memusage(b->filters) > DECODER_MEMORY ||
	    lzma_block_compressed_size(&b->header, b->unpadded) ||
	    lzma_block_decoder(&b->stream, &b->header))
		return -EBADMSG;
	b->read = b->header.header_size;
	return 0;
}

static int block_input(struct xz *xz, struct block *b, unsigned char *input)
{
	uint64_t left = b->in_size - b->read;
	size_t n = left < INPUT_BYTES ? left : INPUT_BYTES;
	int err = n ? xz->read(xz->arg, input, n, b->at + b->read) : -EBADMSG;

	b->stream.next_in = input;
	b->stream.avail_in = err ? 0 : n;
	b->read += n;
	return err;
}

/* Makes the memory for the wanted part writable: it counts as used from now on. */
static int block_room(struct xz *xz, struct block *b)
{
	uint64_t page = sysconf(_SC_PAGESIZE), start = (b->out + b->done) / page * page;

	return mprotect(xz->data + start, b->out + b->wanted - start, PROT_READ | PROT_WRITE)
	               ? -errno
	               : 0;
}

/*
 * Decompresses from where it is up to the wanted byte, or to the end of the
 * block, where its checksum is compared.
 */
static int block_continue(struct xz *xz, struct block *b, unsigned char *input)
{
	lzma_ret ret = LZMA_OK;
	int err = block_room(xz, b);

	if (!err && !b->started)
		err = block_start(xz, b);
	if (err)
		return err;
	b->stream.next_out = (uint8_t *)xz->data + b->out + b->done;
	b->stream.avail_out = b->wanted - b->done;
	while (!err && ret == LZMA_OK && (b->stream.avail_out || b->wanted == b->out_size)) {
		if (!b->stream.avail_in)
			err = block_input(xz, b, input);
		if (!err)
			ret = lzma_code(&b->stream, LZMA_RUN);
	}
	b->done = b->wanted - b->stream.avail_out;
	/* The rest of the input will be read again: the next call has another buffer. */
	b->read -= b->stream.avail_in;
	b->stream.avail_in = 0;
	if (err || (ret != LZMA_OK && ret != LZMA_STREAM_END) || b->stream.avail_out)
		return err ? err : -EBADMSG;
	if (ret == LZMA_STREAM_END)
		block_stop(b);
	return 0;
}

static struct block *block_next(struct xz *xz)
{
	struct block *found = NULL;

	pthread_mutex_lock(&xz->lock);
	while (!found && !xz->err && xz->next < xz->count) {
		struct block *b = &xz->blocks[xz->next++];

		if (b->wanted > b->done)
			found = b;
	}
	pthread_mutex_unlock(&xz->lock);
	return found;
}

static void *blocks_work(void *arg)
{
	CLEANUP(cleanup_free) unsigned char *input = malloc(INPUT_BYTES);
	struct xz *xz = arg;
	struct block *b;

	while ((b = block_next(xz))) {
		int err = input ? block_continue(xz, b, input) : -ENOMEM;

		if (err) {
			block_stop(b); /* the next call starts it again */
			b->wanted = b->done = b->read = 0;
			pthread_mutex_lock(&xz->lock);
			xz->err = err;
			pthread_mutex_unlock(&xz->lock);
		}
	}
	return NULL;
}

/* Decompressing a little more is cheaper than coming back, and a block's end has a checksum. */
static void block_want(struct block *b, uint64_t bytes)
{
	if (bytes > b->out_size - b->out_size / 16)
		bytes = b->out_size;
	if (bytes > b->wanted)
		b->wanted = bytes;
}

static size_t blocks_want(struct xz *xz, const struct xz_range *range)
{
	uint64_t end = range->offset + range->size;
	size_t i, open = 0;

	for (i = 0; i < xz->count; i++) {
		struct block *b = &xz->blocks[i];

		if (b->out >= end || b->out + b->out_size <= range->offset)
			continue;
		block_want(b, end - b->out < b->out_size ? end - b->out : b->out_size);
		open += b->wanted > b->done;
	}
	return open;
}

static int blocks_run(struct xz *xz, size_t open)
{
	pthread_t threads[THREADS_MAX];
	unsigned int started = 0;

	xz->next = 0;
	xz->err = 0;
	if (!open)
		return 0;
	while (started + 1 < xz->threads && started + 1 < open &&
	       !pthread_create(&threads[started], NULL, blocks_work, xz))
		started++;
	blocks_work(xz);
	while (started)
		pthread_join(threads[--started], NULL);
	return xz->err;
}

int xz_need(struct xz *xz, const struct xz_range *ranges, size_t count)
{
	size_t i, open = 0;

	for (i = 0; i < count; i++) {
		if (ranges[i].offset > xz->size || ranges[i].size > xz->size - ranges[i].offset)
			return -EBADMSG;
		open += blocks_want(xz, &ranges[i]);
	}
	return blocks_run(xz, open);
}

/* ---- a walk ----------------------------------------------------------- */

static void block_forget(struct xz *xz, struct block *b)
{
	uint64_t page = sysconf(_SC_PAGESIZE), start = (b->out + page - 1) / page * page;
	uint64_t end = (b->out + b->out_size) / page * page;

	block_stop(b);
	b->done = b->wanted = b->read = 0;
	if (start < end && !madvise(xz->data + start, end - start, MADV_DONTNEED))
		mprotect(xz->data + start, end - start, PROT_READ);
}

static bool block_kept(const struct xz *xz, const struct block *b)
{
	return b->out < xz->kept.offset + xz->kept.size && xz->kept.offset < b->out + b->out_size;
}

static size_t block_at(const struct xz *xz, uint64_t offset)
{
	size_t i = xz->forgotten;

	while (i < xz->count && xz->blocks[i].out + xz->blocks[i].out_size <= offset)
		i++;
	return i;
}

/* Decompresses whole blocks from there on, one per thread. */
static size_t blocks_ahead(struct xz *xz, size_t first)
{
	size_t i, most = xz->threads < WALK_MAX ? xz->threads : WALK_MAX, open = 0;

	for (i = first; i < xz->count && i < first + most; i++) {
		block_want(&xz->blocks[i], xz->blocks[i].out_size);
		open += xz->blocks[i].wanted > xz->blocks[i].done;
	}
	return open;
}

int xz_walk(struct xz *xz, const struct xz_range *range)
{
	size_t here = block_at(xz, range->offset);
	struct block *b = &xz->blocks[here];

	for (; xz->forgotten < here; xz->forgotten++)
		if (!block_kept(xz, &xz->blocks[xz->forgotten]))
			block_forget(xz, &xz->blocks[xz->forgotten]);
	/* Damage in these blocks may not affect the range. */
	if (here >= WALK_BEGIN && here < xz->count && b->done < b->out_size)
		blocks_run(xz, blocks_ahead(xz, here));
	return xz_need(xz, range, 1);
}

void xz_keep(struct xz *xz, const struct xz_range *range)
{
	xz->kept = *range;
}
