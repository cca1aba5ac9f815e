/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/fetch.h"
#include "lkccb/io/scratch.h"
#include "lkccb/package/remote.h"
#include "lkccb/confine/sandbox.h"

#define CHUNK_BYTES   (1 << 19)
#define REQUEST_MAX   (128 << 20)
#define FETCHER_BYTES (512 << 20)

/* size 0 asks for the size of the file */
struct request {
	uint64_t offset, size;
};

struct answer {
	int err;
	uint64_t size;
	struct offsets_error error;
};

struct remote {
	pid_t fetcher;
	int fd, socket;
	uint64_t size, fetched;
	bool *there; /* by chunk */
	pthread_mutex_t lock;
};

typedef ssize_t (*move_fn)(int fd, void *data, size_t size);

static ssize_t write_some(int fd, void *data, size_t size)
{
	return write(fd, data, size);
}

/* move: read() or write_some(). */
static bool all_moved(move_fn move, int fd, void *data, size_t size)
{
	char *at = data;

	while (size) {
		ssize_t n = move(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= n;
	}
	return true;
}

/* ---- the fetcher ------------------------------------------------------ */

struct fetcher {
	const char *url;
	int fd, socket;
	uint64_t size, max;
};

static void size_serve(struct fetcher *f, struct answer *ret)
{
	ret->err = fetch_size(f->url, &f->size, &ret->error);
	if (!ret->err && f->size > f->max)
		ret->err = offsets_fail(&ret->error, -EFBIG,
		                        "%s: larger than %llu MB; raise --disk if the file is "
		                        "known to be that large",
		                        f->url, (unsigned long long)(f->max >> 20));
	if (!ret->err && ftruncate(f->fd, f->size))
		ret->err = offsets_fail(&ret->error, -errno, "%s: %s", f->url, strerror(errno));
	ret->size = f->size;
}

static void range_serve(struct fetcher *f, const struct request *r, struct answer *ret)
{
	CLEANUP(cleanup_free) char *data = NULL;

	if (r->size > REQUEST_MAX || r->offset > f->size || r->size > f->size - r->offset) {
		ret->err = -EINVAL;
		return;
	}
	data = malloc(r->size);
	ret->err = data ? fetch_range(f->url, r->offset, r->size, f->size, data, &ret->error)
	                : -ENOMEM;
	if (!ret->err && pwrite(f->fd, data, r->size, r->offset) != (ssize_t)r->size)
		ret->err = -EIO;
}

static void fetcher_main(struct fetcher *f, pid_t parent)
{
	const int keep[] = { f->fd, f->socket };
	const struct sandbox sandbox = { .kind = SANDBOX_FETCHER,
		                         .keep = keep,
		                         .keep_count = 2,
		                         .parent = parent,
		                         .memory_bytes = FETCHER_BYTES,
		                         .file_bytes = f->max };
	struct request request;
	char lacks[512];

	if (sandbox_enter(&sandbox, lacks, sizeof(lacks)))
		_exit(1);
	while (all_moved(read, f->socket, &request, sizeof(request))) {
		struct answer answer = { 0 };

		if (request.size)
			range_serve(f, &request, &answer);
		else
			size_serve(f, &answer);
		if (!all_moved(write_some, f->socket, &answer, sizeof(answer)))
			break;
	}
	_exit(0);
}

static int fetcher_start(struct remote *r, const char *url, uint64_t max)
{
	const pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	fflush(NULL); /* else the child would print it again */
	r->fetcher = fork();
	if (!r->fetcher)
		fetcher_main(&(struct fetcher){ url, r->fd, fds[1], 0, max }, parent);
	close(fds[1]);
	r->socket = fds[0];
	/* If the fetcher has died, the request fails. */
	return r->fetcher < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
}

static int ask(struct remote *r, uint64_t offset, uint64_t size, struct answer *ret)
{
	struct request request = { offset, size };

	if (!all_moved(write_some, r->socket, &request, sizeof(request)) ||
	    !all_moved(read, r->socket, ret, sizeof(*ret)))
		*ret = (struct answer){ -EIO, 0, { "the download process ended" } };
	ret->error.text[sizeof(ret->error.text) - 1] = '\0';
	return ret->err;
}

/* ---- the file --------------------------------------------------------- */

bool remote_is(const char *path)
{
	return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8);
}

static int size_get(struct remote *r, const char *url, struct offsets_error *error)
{
	struct answer answer;

	if (ask(r, 0, 0, &answer))
		return offsets_fail(error, answer.err, "%.500s", answer.error.text);
	r->size = answer.size;
	r->there = calloc(r->size / CHUNK_BYTES + 1, sizeof(*r->there));
	return r->there ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", url);
}

int remote_open(const char *url, uint64_t max, struct remote **ret, struct offsets_error *error)
{
	struct remote *r = calloc(1, sizeof(*r));
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	r->socket = -1;
	pthread_mutex_init(&r->lock, NULL);
	r->fd = scratch_unlinked_file();
	err = r->fd < 0 ? r->fd : fetcher_start(r, url, max);
	err = err ? offsets_fail(error, err,
	                         "%s: cannot create a temporary file or a process: %s; set TMPDIR",
	                         url, strerror(-err))
	          : size_get(r, url, error);
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
	cleanup_fd(&r->socket); /* which ends the fetcher */
	if (r->fetcher > 0)
		waitpid(r->fetcher, NULL, 0);
	pthread_mutex_destroy(&r->lock);
	free(r->there);
	free(r);
}

size_t remote_descriptors(const struct remote *r, int *ret)
{
	ret[0] = r->fd;
	ret[1] = r->socket;
	return REMOTE_DESCRIPTORS;
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

/* Fetches the chunks first to last, none of which is there yet. */
static int chunks_fetch(struct remote *r, uint64_t first, uint64_t last)
{
	uint64_t offset = first * CHUNK_BYTES, size = (last + 1) * CHUNK_BYTES - offset;
	struct answer answer;
	int err;

	if (size > r->size - offset)
		size = r->size - offset;
	err = ask(r, offset, size, &answer);
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
		while (end < last && !r->there[end + 1] &&
		       (end + 1 - chunk) * CHUNK_BYTES < REQUEST_MAX)
			end++;
		err = chunks_fetch(r, chunk, end);
	}
	pthread_mutex_unlock(&r->lock);
	return err;
}
