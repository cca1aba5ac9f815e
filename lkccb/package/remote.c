/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/fetch.h"
#include "lkccb/package/fetcher.h"
#include "lkccb/package/remote.h"

#define CHUNK_BYTES (1 << 19)
#define REQUEST_MAX (128 << 20)

/* size 0 asks for the size of the file */
struct request {
	uint64_t offset, size;
};

struct remote {
	struct fetcher fetcher;
	uint64_t size, fetched;
	bool *there; /* by chunk */
	pthread_mutex_t lock;
};

/* ---- in the fetcher --------------------------------------------------- */

struct served {
	const char *url;
	uint64_t size, max;
};

static void size_serve(struct served *s, int fd, struct fetcher_answer *ret)
{
	ret->err = fetch_size(s->url, &s->size, &ret->error);
	if (!ret->err && s->size > s->max)
		ret->err = offsets_fail(&ret->error, -EFBIG,
		                        "%s: larger than %llu MB; raise --disk if the file is "
		                        "known to be that large",
		                        s->url, (unsigned long long)(s->max >> 20));
	if (!ret->err && ftruncate(fd, s->size))
		ret->err = offsets_fail(&ret->error, -errno, "%s: %s", s->url, strerror(errno));
	ret->size = s->size;
}

static void range_serve(struct served *s, int fd, const struct request *r,
                        struct fetcher_answer *ret)
{
	CLEANUP(cleanup_free) char *data = NULL;

	if (r->size > REQUEST_MAX || r->offset > s->size || r->size > s->size - r->offset) {
		ret->err = -EINVAL;
		return;
	}
	data = malloc(r->size);
	ret->err = data ? fetch_range(s->url, r->offset, r->size, s->size, data, &ret->error)
	                : -ENOMEM;
	if (!ret->err && pwrite(fd, data, r->size, r->offset) != (ssize_t)r->size)
		ret->err = -EIO;
}

static void serve(void *arg, int fd, const void *request, struct fetcher_answer *ret)
{
	const struct request *r = request;

	if (r->size)
		range_serve(arg, fd, r, ret);
	else
		size_serve(arg, fd, ret);
}

/* ---- the file --------------------------------------------------------- */

bool remote_is(const char *path)
{
	return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8);
}

static int size_get(struct remote *r, const char *url, struct offsets_error *error)
{
	const struct request request = { 0, 0 };
	struct fetcher_answer answer;

	if (fetcher_ask(&r->fetcher, &request, &answer))
		return offsets_fail(error, answer.err, "%.500s", answer.error.text);
	r->size = answer.size;
	r->there = calloc(r->size / CHUNK_BYTES + 1, sizeof(*r->there));
	return r->there ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", url);
}

int remote_open(const char *url, uint64_t max, struct remote **ret, struct offsets_error *error)
{
	struct served served = { url, 0, max };
	const struct fetcher_job job = { .subject = url,
		                         .max = max,
		                         .request_size = sizeof(struct request),
		                         .serve = serve,
		                         .arg = &served };
	struct remote *r = calloc(1, sizeof(*r));
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	pthread_mutex_init(&r->lock, NULL);
	err = fetcher_start(&job, &r->fetcher, error);
	if (!err)
		err = size_get(r, url, error);
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
	fetcher_stop(&r->fetcher);
	pthread_mutex_destroy(&r->lock);
	free(r->there);
	free(r);
}

size_t remote_descriptors(const struct remote *r, int *ret)
{
	return fetcher_descriptors(&r->fetcher, ret);
}

int remote_fd(const struct remote *r)
{
	return r->fetcher.fd;
}

uint64_t remote_size(const struct remote *r)
{
	return r->size;
}

uint64_t remote_fetched(const struct remote *r)
{
	return r->fetched;
}

/* Fetches the chunks first to last, none of which is there yet. */
static int chunks_fetch(struct remote *r, uint64_t first, uint64_t last)
{
	const uint64_t offset = first * CHUNK_BYTES, end = (last + 1) * CHUNK_BYTES;
	const struct request request = { offset, (end < r->size ? end : r->size) - offset };
	struct fetcher_answer answer;
	int err = fetcher_ask(&r->fetcher, &request, &answer);

	if (err)
		return err;
	r->fetched += request.size;
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
		while (end < last && !r->there[end + 1] &&
		       (end + 1 - chunk) * CHUNK_BYTES < REQUEST_MAX)
			end++;
		err = chunks_fetch(r, chunk, end);
	}
	pthread_mutex_unlock(&r->lock);
	return err;
}
