/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fetch.h"
#include "package.h"
#include "remote.h"

#define CHUNK_BYTES (1 << 19)

struct remote {
	char *url;
	int fd;
	uint64_t size, fetched;
	bool *there; /* by chunk */
	pthread_mutex_t lock;
};

bool remote_is(const char *path)
{
	return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8);
}

int remote_open(const char *url, struct remote **ret, struct offsets_error *error)
{
	struct remote *r = calloc(1, sizeof(*r));
	int err = r ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", url);

	*ret = NULL;
	if (err)
		return err;
	r->fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	err = fetch_size(url, &r->size, error);
	if (!err)
		err = r->fd = package_unlinked_file(url, error);
	if (err >= 0)
		err = ftruncate(r->fd, r->size)
		              ? offsets_fail(error, -errno, "%s: %s", url, strerror(errno))
		              : 0;
	if (!err) {
		r->url = strdup(url);
		r->there = calloc(r->size / CHUNK_BYTES + 1, sizeof(*r->there));
		if (!r->url || !r->there)
			err = offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	}
	if (err) {
		remote_close(r);
		return err;
	}
	*ret = r;
	return 0;
}

void remote_close(struct remote *r)
{
	if (!r)
		return;
	cleanup_fd(&r->fd);
	pthread_mutex_destroy(&r->lock);
	free(r->url);
	free(r->there);
	free(r);
}

int remote_fd(const struct remote *r)
{
	return r->fd;
}

uint64_t remote_size(const struct remote *r)
{
	return r->size;
}

uint64_t remote_fetched(const struct remote *r)
{
	return r->fetched;
}

/* Chunks from first to last, of which none is there. */
static int chunks_fetch(struct remote *r, uint64_t first, uint64_t last)
{
	uint64_t offset = first * CHUNK_BYTES, size = (last + 1) * CHUNK_BYTES - offset;
	CLEANUP(cleanup_free) char *data = NULL;
	struct offsets_error error;
	int err;

	if (size > r->size - offset)
		size = r->size - offset;
	data = malloc(size);
	if (!data)
		return -ENOMEM;
	err = fetch_range(r->url, offset, size, data, &error);
	if (!err && pwrite(r->fd, data, size, offset) != (ssize_t)size)
		err = -EIO;
	if (err)
		return err;
	r->fetched += size;
	while (first <= last)
		r->there[first++] = true;
	return 0;
}

int remote_need(void *arg, uint64_t offset, uint64_t size)
{
	struct remote *r = arg;
	uint64_t chunk, end, last;
	int err = 0;

	if (offset > r->size || size > r->size - offset)
		return -EBADMSG;
	if (!size)
		return 0;
	last = (offset + size - 1) / CHUNK_BYTES;
	pthread_mutex_lock(&r->lock);
	for (chunk = offset / CHUNK_BYTES; !err && chunk <= last; chunk = end + 1) {
		end = chunk;
		if (r->there[chunk])
			continue;
		while (end < last && !r->there[end + 1])
			end++;
		err = chunks_fetch(r, chunk, end);
	}
	pthread_mutex_unlock(&r->lock);
	return err;
}
