/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/confine/sandbox.h"
#include "lkccb/io/scratch.h"
#include "lkccb/package/fetcher.h"

#define FETCHER_BYTES (512 << 20)

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

/* ---- in the process --------------------------------------------------- */

static void requests_serve(const struct fetcher_job *job, int fd, int socket)
{
	CLEANUP(cleanup_free) void *request = malloc(job->request_size);

	while (request && all_moved(read, socket, request, job->request_size)) {
		struct fetcher_answer answer = { 0 };

		job->serve(job->arg, fd, request, &answer);
		if (!all_moved(write_some, socket, &answer, sizeof(answer)))
			break;
	}
}

static void fetcher_main(const struct fetcher_job *job, int fd, int socket, pid_t parent)
{
	const int keep[] = { fd, socket };
	const struct sandbox sandbox = { .kind = job->directory ? SANDBOX_STORING_FETCHER
		                                                : SANDBOX_FETCHER,
		                         .keep = keep,
		                         .keep_count = 2,
		                         .parent = parent,
		                         .memory_bytes = FETCHER_BYTES,
		                         .file_bytes = job->max };
	char lacks[512];

	if (job->directory && chdir(job->directory))
		_exit(1);
	if (sandbox_enter(&sandbox, lacks, sizeof(lacks)))
		_exit(1);
	requests_serve(job, fd, socket);
	_exit(0);
}

/* ---- outside ---------------------------------------------------------- */

static int process_start(const struct fetcher_job *job, struct fetcher *f)
{
	const pid_t parent = getpid();
	int fds[2];

	f->fd = scratch_unlinked_file();
	if (f->fd < 0)
		return f->fd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	fflush(NULL); /* else the child would print it again */
	f->pid = fork();
	if (!f->pid)
		fetcher_main(job, f->fd, fds[1], parent);
	close(fds[1]);
	f->socket = fds[0];
	/* If the process has died, the request fails. */
	return f->pid < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
}

int fetcher_start(const struct fetcher_job *job, struct fetcher *ret, struct offsets_error *error)
{
	int err;

	*ret = (struct fetcher){
		.subject = job->subject, .fd = -1, .socket = -1, .request_size = job->request_size
	};
	err = process_start(job, ret);
	return err ? offsets_fail(error, err,
	                          "%s: cannot create a temporary file or a process: %s; set TMPDIR",
	                          job->subject, strerror(-err))
	           : 0;
}

void fetcher_stop(struct fetcher *f)
{
	cleanup_fd(&f->fd);
	cleanup_fd(&f->socket); /* which ends the process */
	if (f->pid > 0)
		waitpid(f->pid, NULL, 0);
	f->pid = 0;
}

int fetcher_ask(struct fetcher *f, const void *request, struct fetcher_answer *ret)
{
	if (!all_moved(write_some, f->socket, (void *)request, f->request_size) ||
	    !all_moved(read, f->socket, ret, sizeof(*ret)))
		ret->err = offsets_fail(&ret->error, -EIO,
		                        "%s: the download process ended; try again", f->subject);
	ret->error.text[sizeof(ret->error.text) - 1] = '\0';
	return ret->err;
}

size_t fetcher_descriptors(const struct fetcher *f, int *ret)
{
	ret[0] = f->fd;
	ret[1] = f->socket;
	return FETCHER_DESCRIPTORS;
}
