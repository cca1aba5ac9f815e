/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "loader/out/output.h"
#include "loader/out/halfline.h"
#include "loader/out/rotate.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

/* How much is written at once, so that signals are noticed in between. */
#define WRITE_BYTES (1024 * 1024)

enum output_kind { OUTPUT_FILE, OUTPUT_PIPE, OUTPUT_SOCKET, OUTPUT_STREAM };

struct output {
	struct sink sink;
	const char *path; /* NULL: standard output */
	int fd;           /* -1: a FIFO without a reader */
	enum output_kind kind;
	bool can_wait;    /* the descriptor is shared, and a write to it may block */
	bool empty_first; /* the pipe has to be empty for the next line */
	const struct file_options *options;
	char at[PATH_MAX];  /* of a file: where it was when it was opened */
	uint64_t size;      /* of the file */
	uint64_t opened_ns; /* CLOCK_MONOTONIC */
	bool lacks_space;   /* less than min_free_bytes are free */
	bool cannot_rotate; /* said; until it can */
	bool cannot_open;   /* the same of a file that was moved */
};

static struct output *output_of(struct sink *sink)
{
	return (struct output *)sink;
}

/* ---- opening ---------------------------------------------------------- */

/* Not O_NONBLOCK on a description that other processes have too: they would not expect it. */
static void description_own(struct output *out)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", out->fd);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	out->can_wait = fd < 0;
	if (fd < 0)
		return;
	close(out->fd);
	out->fd = fd;
}

/* Where it is now; empty: not known. */
static void file_place(const struct output *out, char ret[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", out->fd);
	n = readlink(link, ret, PATH_MAX - 1);
	ret[n > 0 ? n : 0] = '\0';
}

static void file_begin(struct output *out, off_t size)
{
	out->size = size;
	out->opened_ns = clock_monotonic_ns();
	file_place(out, out->at);
}

static int kind_find(struct output *out, struct offsets_error *error)
{
	const char *name = out->sink.name;
	struct stat st;

	if (fstat(out->fd, &st))
		return offsets_fail(error, -errno, "%s: %s", name, strerror(errno));
	if (S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode))
		return offsets_fail(
			error, -EINVAL,
			"%s: is a directory or a disk; name a file or a FIFO with --output", name);
	out->can_wait = false;
	out->kind = S_ISREG(st.st_mode)    ? OUTPUT_FILE
	            : S_ISFIFO(st.st_mode) ? OUTPUT_PIPE
	            : S_ISSOCK(st.st_mode) ? OUTPUT_SOCKET
	                                   : OUTPUT_STREAM;
	if (!out->path && (out->kind == OUTPUT_PIPE || out->kind == OUTPUT_STREAM))
		description_own(out);
	if (out->kind == OUTPUT_PIPE) /* best effort: a long line is then written as one piece */
		fcntl(out->fd, F_SETPIPE_SZ, QUEUE_LINE_MAX);
	if (out->kind == OUTPUT_FILE)
		file_begin(out, st.st_size);
	if (!out->path && out->kind == OUTPUT_FILE && fcntl(out->fd, F_GETFL) & O_APPEND &&
	    !out->sink.use.is_later)
		tail_repair(out->fd, name, out->sink.use.half);
	return 0;
}

int output_path_open(const char *path, half_fn half, int *ret_fd, struct offsets_error *error)
{
	struct stat st;
	int err = safefile_open(path, SAFEFILE_APPEND, ret_fd, error);

	if (err)
		*ret_fd = -1;
	else if (!fstat(*ret_fd, &st) && S_ISREG(st.st_mode))
		tail_repair(*ret_fd, path, half);
	return err;
}

int output_next_open(const char *path, half_fn half, unsigned int keep, int *ret_fd,
                     struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int old = -1;
	int err = safefile_open(path, SAFEFILE_APPEND, &old, error);

	*ret_fd = -1;
	if (!err)
		err = rotate_files(old, keep, error);
	return err ? err : output_path_open(path, half, ret_fd, error);
}

/* A FIFO without a reader is no error: out->fd is -1 then. */
static int path_open(struct output *out, enum sink_opening how, struct offsets_error *error)
{
	const struct sink *sink = &out->sink;
	int err;

	if (sink->opener)
		err = sink->opener(sink->opener_arg, how, &out->fd, error);
	else if (how == SINK_OPEN_NEXT)
		err = output_next_open(out->path, sink->use.half, out->options->keep, &out->fd,
		                       error);
	else
		err = output_path_open(out->path, sink->use.half, &out->fd, error);
	if (err)
		out->fd = -1;
	return err == -ENXIO ? 0 : err;
}

static int descriptor_open(struct output *out, enum sink_opening how, struct offsets_error *error)
{
	int err = 0;

	if (out->path)
		err = path_open(out, how, error);
	else
		out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (err)
		return err;
	if (!out->path && out->fd < 0)
		return offsets_fail(error, -errno, "standard output: %s", strerror(errno));
	if (out->fd >= 0)
		return kind_find(out, error);
	out->kind = OUTPUT_PIPE;
	log_line(LEVEL_INFO, "%s: no process has the FIFO open for reading; events wait for one",
	         out->sink.name);
	return 0;
}

/* As a FIFO without a reader is, for now. */
static int path_try(struct output *out, struct offsets_error *error)
{
	int fd, err = safefile_open(out->path, SAFEFILE_APPEND, &fd, error);

	if (!err)
		close(fd);
	out->kind = OUTPUT_PIPE;
	return err == -ENXIO ? 0 : err;
}

static int output_open(struct sink *sink, struct offsets_error *error)
{
	static const struct file_options none;
	struct output *out = output_of(sink);

	out->options = sink->use.options ? sink->use.options : &none;
	if (strcmp(sink->target, "-"))
		out->path = sink->target;
	else
		sink->name = "standard output";
	out->fd = -1;
	if (out->options->is_program) {
		out->kind = OUTPUT_PIPE; /* of which the reader is not there yet */
		return 0;
	}
	if (out->path && sink->use.is_later)
		return path_try(out, error);
	return descriptor_open(out, SINK_OPEN, error);
}

/* Opens the path again; if that fails, what was open stays. 0 or -errno. */
static int open_again(struct output *out, enum sink_opening how, struct offsets_error *error)
{
	const int fd = out->fd;
	const enum output_kind kind = out->kind;
	const bool can_wait = out->can_wait;
	int err = descriptor_open(out, how, error);

	if (!err) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	out->fd = fd;
	out->kind = kind;
	out->can_wait = can_wait;
	return err;
}

/* Lines that wait go to the new file, but for one that is begun in the old one. */
static void output_reopen(struct sink *sink)
{
	struct output *out = output_of(sink);
	struct offsets_error error;

	if (!out->path || out->options->is_program)
		return;
	sink_flush(sink, &error);
	if (sink->queue.begun)
		return; /* of a pipe alone, whose reader has the rest to come */
	if (open_again(out, SINK_OPEN, &error))
		log_line(LEVEL_WARNING, "%s; events go on to the file that was open", error.text);
}

/* ---- rotation ----------------------------------------------------------- */

static void rotate_if_due(struct output *out)
{
	const struct file_options *o = out->options;
	struct offsets_error error;

	if (out->kind != OUTPUT_FILE || !out->path || !out->size ||
	    !((o->rotate_bytes && out->size >= o->rotate_bytes) ||
	      (o->rotate_ns && clock_monotonic_ns() - out->opened_ns >= o->rotate_ns)))
		return;
	if (!open_again(out, SINK_OPEN_NEXT, &error)) {
		out->cannot_rotate = false;
		return;
	}
	if (!out->cannot_rotate)
		log_line(LEVEL_WARNING, "%s; events go on to the file that was open", error.text);
	out->cannot_rotate = true;
	out->opened_ns = clock_monotonic_ns(); /* the next try */
	out->size = 1;
}

/* True: the disk is needed for other things than events. */
static bool lacks_space(struct output *out)
{
	struct statvfs fs;

	if (!out->options->min_free_bytes || fstatvfs(out->fd, &fs))
		return false;
	return (uint64_t)fs.f_bavail * fs.f_frsize < out->options->min_free_bytes;
}

/* By another program, such as logrotate. */
static bool was_moved(const struct output *out)
{
	char now[PATH_MAX];

	file_place(out, now);
	return *now && *out->at && strcmp(now, out->at);
}

/* Lines go to a new file at the old place. */
static void moved_follow(struct output *out)
{
	struct offsets_error error;
	bool had_failed = out->cannot_open;

	out->cannot_open = open_again(out, SINK_OPEN, &error);
	if (out->cannot_open && !had_failed)
		log_line(LEVEL_WARNING, "%s; events go on to the file that was moved", error.text);
}

static void output_second(struct sink *sink)
{
	struct output *out = output_of(sink);

	if (out->kind != OUTPUT_FILE || !out->path || out->fd < 0)
		return;
	if (was_moved(out))
		moved_follow(out);
	rotate_if_due(out);
	out->lacks_space = lacks_space(out);
}

static void output_close(struct sink *sink)
{
	struct output *out = output_of(sink);

	if (out->fd >= 0)
		close(out->fd);
}

/* ---- writing ---------------------------------------------------------- */

/*
 * What may go into a pipe: it takes PIPE_BUF bytes as one piece or not at all, and
 * its whole capacity when it is empty. A line that is begun has to be ended.
 */
static size_t pipe_share(struct output *out)
{
	const struct queue *queue = &out->sink.queue;
	int used = 0, capacity = fcntl(out->fd, F_GETPIPE_SZ);
	size_t size;

	if (ioctl(out->fd, FIONREAD, &used))
		used = 1;
	if (used == 0)
		return queue_whole(queue, capacity > PIPE_BUF ? capacity : PIPE_BUF);
	size = queue_whole(queue, PIPE_BUF);
	if (queue->begun && out->can_wait && size > PIPE_BUF)
		return PIPE_BUF;
	out->empty_first = size > PIPE_BUF && !queue->begun;
	return out->empty_first ? 0 : size;
}

static size_t share(struct output *out)
{
	out->empty_first = false;
	if (out->kind == OUTPUT_PIPE)
		return pipe_share(out);
	return queue_whole(&out->sink.queue, out->can_wait ? PIPE_BUF : WRITE_BYTES);
}

static ssize_t put(const struct output *out, size_t size)
{
	const char *text = queue_text(&out->sink.queue);
	struct pollfd fd = { out->fd, POLLOUT, 0 };

	if (out->kind == OUTPUT_SOCKET)
		return send(out->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (out->can_wait && poll(&fd, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(out->fd, text, size);
}

/* A disk is full: removes the part of a line; returns how much of what was written stays. */
static size_t part_cut(const struct output *out, size_t written)
{
	size_t part = written - queue_ended(&out->sink.queue, written);
	off_t at = lseek(out->fd, 0, SEEK_CUR);
	struct stat st;

	if (!part || at < 0 || fstat(out->fd, &st) || st.st_size != at ||
	    ftruncate(out->fd, at - (off_t)part))
		return written;
	lseek(out->fd, at - (off_t)part, SEEK_SET);
	return written - part;
}

/* 0: it may work later. */
static int write_failed(struct output *out, int number, struct offsets_error *error)
{
	struct sink *sink = &out->sink;

	if (number == EAGAIN) {
		sink_stalls(sink);
		return 0;
	}
	if (out->kind == OUTPUT_FILE) {
		sink_fails(sink, strerror(number));
		return 0;
	}
	if (out->path && number == EPIPE) { /* the next reader gets the line from its beginning */
		close(out->fd);
		out->fd = -1;
		queue_restart(&sink->queue);
		sink_fails(sink, "its reader is gone");
		return 0;
	}
	return offsets_fail(error, -number, "%s: %s", sink->name, strerror(number));
}

/* Has a process opened the FIFO for reading by now? */
static bool is_open(struct output *out)
{
	struct offsets_error error;

	if (out->fd >= 0)
		return true;
	if (path_open(out, SINK_OPEN, &error) || out->fd < 0 || kind_find(out, &error)) {
		sink_stalls(&out->sink);
		return false;
	}
	return true;
}

/* A pipe that is not empty, and that nobody will read from any more (pipe(7), poll(2)). */
static bool has_no_reader(const struct output *out)
{
	struct pollfd fd = { out->fd, 0, 0 };

	return out->kind == OUTPUT_PIPE && poll(&fd, 1, 0) > 0 && fd.revents & POLLERR;
}

static int output_write(struct sink *sink, struct offsets_error *error)
{
	struct output *out = output_of(sink);

	if (out->lacks_space) {
		sink_fails(sink, "its file system has less free space than min-free");
		return 0;
	}
	while (sink->queue.size && is_open(out)) {
		size_t size = share(out);
		ssize_t n = size ? put(out, size) : -1;

		if (!size && has_no_reader(out))
			return write_failed(out, EPIPE, error);
		if (!size) {
			sink_stalls(sink);
			return 0;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_failed(out, n < 0 ? errno : EIO, error);
		if (out->kind == OUTPUT_FILE && (size_t)n < size)
			n = part_cut(out, n);
		else
			sink_works(sink);
		sink_written(sink, n);
		out->size += n;
		rotate_if_due(out);
		if (!n) { /* not even one line: a part of it, without an error */
			sink_fails(sink, strerror(ENOSPC));
			return 0;
		}
	}
	return 0;
}

static int output_wait(const struct sink *sink, int *ret_ms)
{
	const struct output *out = (const struct output *)sink;

	if (out->fd >= 0 && !out->empty_first && out->kind != OUTPUT_FILE)
		return out->fd;
	*ret_ms = out->fd >= 0 && out->empty_first ? SINK_AGAIN_MS : 10 * SINK_AGAIN_MS;
	return -1;
}

static int output_descriptor(const struct sink *sink)
{
	return ((const struct output *)sink)->fd;
}

const struct sink_ops output_ops = {
	.bytes = sizeof(struct output),
	.open = output_open,
	.write = output_write,
	.wait = output_wait,
	.reopen = output_reopen,
	.second = output_second,
	.descriptor = output_descriptor,
	.close = output_close,
};
