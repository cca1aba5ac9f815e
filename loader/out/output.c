/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "loader/host/clock.h"
#include "loader/util/log.h"
#include "loader/out/output.h"
#include "offsets/util/safefile.h"

/* Lines that wait, one that is begun, and one that comes. */
#define BUFFER_BYTES (3 * OUTPUT_LINE_MAX)

/* How much is written at once, so that signals are noticed in between. */
#define WRITE_BYTES (1024 * 1024)

/* An output that has taken nothing for so long is reported. */
#define STALL_NS 1000000000ULL

/* How soon to look again at what poll() cannot wait for. */
#define AGAIN_MS 10

/* What an event in JSON begins with: format_json(). */
static const char event_begin[] = "{\"@timestamp\":\"";

enum output_kind { OUTPUT_FILE, OUTPUT_PIPE, OUTPUT_SOCKET, OUTPUT_STREAM };

struct line {
	uint32_t size; /* with its newline */
	unsigned int kind;
};

struct output {
	const char *path; /* NULL: standard output */
	const char *name; /* for people */
	int fd;           /* -1: a FIFO without a reader */
	enum output_kind kind;
	bool can_wait;       /* the descriptor is shared, and a write to it may block */
	bool empty_first;    /* the pipe has to be empty for the next line */
	bool failing;        /* reported */
	uint64_t stalled_ns; /* since when it has taken nothing; 0: it has */
	struct line *lines;  /* that wait, from first on */
	size_t first, count, room;
	size_t begun; /* bytes of the first line that are written */
	size_t begin, size;
	char buffer[BUFFER_BYTES];
};

/* ---- opening ---------------------------------------------------------- */

/* Bytes behind the last newline of a file; all of them, if there are more than a line may have. */
static size_t tail_size(int fd, off_t end, char *head, size_t head_size)
{
	CLEANUP(cleanup_free) char *tail = malloc(OUTPUT_LINE_MAX);
	size_t size = end < OUTPUT_LINE_MAX ? end : OUTPUT_LINE_MAX, rest = 0;

	if (!tail || pread(fd, tail, size, end - size) != (ssize_t)size)
		return 0;
	while (rest < size && tail[size - rest - 1] != '\n')
		rest++;
	memset(head, 0, head_size);
	memcpy(head, tail + size - rest, rest < head_size ? rest : head_size);
	return rest;
}

/* A process that was killed may have left a part of an event at the end. */
static void tail_repair(struct output *out, off_t end)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char path[64], head[sizeof(event_begin) - 1];
	size_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", out->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size = fd < 0 ? 0 : tail_size(fd, end, head, sizeof(head));
	if (!size)
		return;
	if (memcmp(head, event_begin, sizeof(head))) {
		if (write(out->fd, "\n", 1) != 1)
			log_line("%s: its last line cannot be ended: %s", out->name,
			         strerror(errno));
	} else if (!ftruncate(out->fd, end - (off_t)size)) {
		log_line("%s: removed %zu bytes of an event at its end, half-written by a process "
		         "that was killed",
		         out->name, size);
	}
}

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

static int kind_find(struct output *out, struct offsets_error *error)
{
	struct stat st;

	if (fstat(out->fd, &st))
		return offsets_fail(error, -errno, "%s: %s", out->name, strerror(errno));
	if (S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode))
		return offsets_fail(
			error, -EINVAL,
			"%s: a directory or a disk; name a file or a FIFO with --output",
			out->name);
	out->can_wait = false;
	out->kind = S_ISREG(st.st_mode)    ? OUTPUT_FILE
	            : S_ISFIFO(st.st_mode) ? OUTPUT_PIPE
	            : S_ISSOCK(st.st_mode) ? OUTPUT_SOCKET
	                                   : OUTPUT_STREAM;
	if (!out->path && (out->kind == OUTPUT_PIPE || out->kind == OUTPUT_STREAM))
		description_own(out);
	if (out->kind == OUTPUT_PIPE) /* best effort: a long line is then written as one piece */
		fcntl(out->fd, F_SETPIPE_SZ, OUTPUT_LINE_MAX);
	if (out->kind == OUTPUT_FILE && fcntl(out->fd, F_GETFL) & O_APPEND)
		tail_repair(out, st.st_size);
	return 0;
}

/* A FIFO without a reader is no error: *ret_fd is -1 then. */
static int path_open(const char *path, int *ret_fd, struct offsets_error *error)
{
	int err = safefile_open(path, SAFEFILE_APPEND, ret_fd, error);

	if (err)
		*ret_fd = -1;
	return err == -ENXIO ? 0 : err;
}

static int descriptor_open(struct output *out, struct offsets_error *error)
{
	int err = 0;

	if (out->path)
		err = path_open(out->path, &out->fd, error);
	else
		out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (err)
		return err;
	if (!out->path && out->fd < 0)
		return offsets_fail(error, -errno, "standard output: %s", strerror(errno));
	if (out->fd >= 0)
		return kind_find(out, error);
	out->kind = OUTPUT_PIPE;
	log_line("%s: a FIFO that nobody reads yet; events wait for a reader", out->name);
	return 0;
}

int output_open(const char *path, struct output **ret, struct offsets_error *error)
{
	struct output *out = malloc(sizeof(*out));
	bool standard = !strcmp(path, "-");
	int err;

	*ret = NULL;
	if (!out)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	memset(out, 0, offsetof(struct output, buffer));
	out->path = standard ? NULL : path;
	out->name = standard ? "standard output" : path;
	out->fd = -1;
	err = descriptor_open(out, error);
	if (err) {
		output_close(out);
		return err;
	}
	*ret = out;
	return 0;
}

/* Lines that wait go to the new file, but for one that is begun in the old one. */
void output_reopen(struct output *out)
{
	struct offsets_error error;
	struct output old = { .fd = out->fd, .kind = out->kind, .can_wait = out->can_wait };

	if (!out->path)
		return;
	output_flush(out, &error);
	if (out->begun)
		return; /* of a pipe alone, whose reader has the rest to come */
	if (descriptor_open(out, &error)) {
		log_line("%s; events go on to the file that was open", error.text);
		out->fd = old.fd;
		out->kind = old.kind;
		out->can_wait = old.can_wait;
		return;
	}
	if (old.fd >= 0)
		close(old.fd);
}

void output_close(struct output *out)
{
	if (!out)
		return;
	if (out->fd >= 0)
		close(out->fd);
	free(out->lines);
	free(out);
}

/* ---- lines ------------------------------------------------------------ */

bool output_has_room(const struct output *out)
{
	return out->size <= OUTPUT_LINE_MAX;
}

static bool lines_room(struct output *out)
{
	size_t room = out->room ? 2 * out->room : 1024;
	struct line *lines;

	if (out->first + out->count < out->room)
		return true;
	if (out->count)
		memmove(out->lines, out->lines + out->first, out->count * sizeof(*out->lines));
	out->first = 0;
	if (out->count < out->room / 2)
		return true;
	lines = realloc(out->lines, room * sizeof(*lines));
	if (!lines)
		return out->count < out->room;
	out->lines = lines;
	out->room = room;
	return true;
}

int output_line(struct output *out, const char *text, size_t size, unsigned int kind)
{
	if (size >= OUTPUT_LINE_MAX)
		return -E2BIG;
	if (!output_has_room(out) || !lines_room(out))
		return -EAGAIN;
	if (out->begin + out->size + size >= BUFFER_BYTES) {
		memmove(out->buffer, out->buffer + out->begin - out->begun, out->begun + out->size);
		out->begin = out->begun; /* still there, for the next reader of a FIFO */
	}
	memcpy(out->buffer + out->begin + out->size, text, size);
	out->buffer[out->begin + out->size + size] = '\n';
	out->size += size + 1;
	out->lines[out->first + out->count++] = (struct line){ size + 1, kind };
	return 0;
}

size_t output_unwritten(const struct output *out, unsigned int kind)
{
	size_t i, count = 0;

	for (i = 0; i < out->count; i++)
		count += out->lines[out->first + i].kind == kind;
	return count;
}

/* ---- writing ---------------------------------------------------------- */

/* Bytes of whole lines, at most limit; what is left of the first one that is longer. */
static size_t whole_lines(const struct output *out, size_t limit)
{
	size_t i, size = out->lines[out->first].size - out->begun;

	for (i = 1; i < out->count && size + out->lines[out->first + i].size <= limit; i++)
		size += out->lines[out->first + i].size;
	return size;
}

/*
 * What may go into a pipe: it takes PIPE_BUF bytes as one piece or not at all, and
 * its whole capacity when it is empty. A line that is begun has to be ended.
 */
static size_t pipe_share(struct output *out)
{
	int used = 0, capacity = fcntl(out->fd, F_GETPIPE_SZ);
	size_t size;

	if (ioctl(out->fd, FIONREAD, &used))
		used = 1;
	if (used == 0)
		return whole_lines(out, capacity > PIPE_BUF ? capacity : PIPE_BUF);
	size = whole_lines(out, PIPE_BUF);
	if (out->begun && out->can_wait && size > PIPE_BUF)
		return PIPE_BUF;
	out->empty_first = size > PIPE_BUF && !out->begun;
	return out->empty_first ? 0 : size;
}

static size_t share(struct output *out)
{
	out->empty_first = false;
	if (out->kind == OUTPUT_PIPE)
		return pipe_share(out);
	return whole_lines(out, out->can_wait ? PIPE_BUF : WRITE_BYTES);
}

static ssize_t put(const struct output *out, size_t size)
{
	struct pollfd fd = { out->fd, POLLOUT, 0 };

	if (out->kind == OUTPUT_SOCKET)
		return send(out->fd, out->buffer + out->begin, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (out->can_wait && poll(&fd, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(out->fd, out->buffer + out->begin, size);
}

/* So many bytes are written. */
static void lines_drop(struct output *out, size_t size)
{
	out->begin += size;
	out->size -= size;
	size += out->begun;
	while (out->count && size >= out->lines[out->first].size) {
		size -= out->lines[out->first++].size;
		out->count--;
	}
	out->begun = size;
	if (!out->count)
		out->first = out->begin = 0;
}

/* Bytes of the last line of those written that it lacks its end of. */
static size_t part_size(const struct output *out, size_t written)
{
	size_t part = 0;

	while (part < written && out->buffer[out->begin + written - part - 1] != '\n')
		part++;
	return part;
}

/* A disk is full: the part of a line goes away again; how much of what was written stays. */
static size_t part_cut(const struct output *out, size_t written)
{
	size_t part = part_size(out, written);
	off_t at = lseek(out->fd, 0, SEEK_CUR);
	struct stat st;

	if (!part || at < 0 || fstat(out->fd, &st) || st.st_size != at ||
	    ftruncate(out->fd, at - (off_t)part))
		return written;
	lseek(out->fd, at - (off_t)part, SEEK_SET);
	return written - part;
}

static void works_again(struct output *out)
{
	if (out->failing)
		log_line("%s: takes events again", out->name);
	out->failing = false;
	out->stalled_ns = 0;
}

static void fails(struct output *out, const char *why)
{
	if (!out->failing)
		log_line("%s: %s; events wait in memory, and are counted as lost when that is full",
		         out->name, why);
	out->failing = true;
}

/* It has taken nothing. */
static void stalls(struct output *out)
{
	uint64_t now = clock_monotonic_ns();

	if (!out->stalled_ns)
		out->stalled_ns = now;
	else if (now - out->stalled_ns > STALL_NS)
		fails(out, "its reader does not read");
}

/* 0: it may work later. */
static int write_failed(struct output *out, int number, struct offsets_error *error)
{
	if (number == EAGAIN) {
		stalls(out);
		return 0;
	}
	if (out->kind == OUTPUT_FILE) {
		fails(out, strerror(number));
		return 0;
	}
	if (out->path && number == EPIPE) { /* the next reader gets the line from its beginning */
		close(out->fd);
		out->fd = -1;
		out->begin -= out->begun;
		out->size += out->begun;
		out->begun = 0;
		fails(out, "its reader is gone");
		return 0;
	}
	return offsets_fail(error, -number,
	                    "%s: %s; events from here on are not written, name another with "
	                    "--output",
	                    out->name, strerror(number));
}

/* Is there somebody who reads the FIFO by now? */
static bool is_open(struct output *out)
{
	struct offsets_error error;

	if (out->fd >= 0)
		return true;
	if (path_open(out->path, &out->fd, &error) || out->fd < 0 || kind_find(out, &error)) {
		stalls(out);
		return false;
	}
	return true;
}

int output_flush(struct output *out, struct offsets_error *error)
{
	while (out->size && is_open(out)) {
		size_t size = share(out);
		ssize_t n = size ? put(out, size) : -1;

		if (!size) {
			stalls(out);
			return 0;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_failed(out, n < 0 ? errno : EIO, error);
		if (out->kind == OUTPUT_FILE && (size_t)n < size)
			n = part_cut(out, n);
		else
			works_again(out);
		lines_drop(out, n);
		if (!n) { /* not even one line: a part of it, without an error */
			fails(out, strerror(ENOSPC));
			return 0;
		}
	}
	return 0;
}

int output_wait(const struct output *out, int *ret_ms)
{
	*ret_ms = -1;
	if (!out->size)
		return -1;
	if (out->fd >= 0 && !out->empty_first && out->kind != OUTPUT_FILE)
		return out->fd;
	*ret_ms = out->fd >= 0 && out->empty_first ? AGAIN_MS : 10 * AGAIN_MS;
	return -1;
}

int output_finish(struct output *out, uint64_t timeout_ns, struct offsets_error *error)
{
	uint64_t end = clock_monotonic_ns() + timeout_ns;
	int err = output_flush(out, error);

	while (!err && out->size && clock_monotonic_ns() < end) {
		int ms, fd = output_wait(out, &ms);
		struct pollfd poll_fd = { fd, POLLOUT, 0 };

		poll(&poll_fd, fd >= 0, fd >= 0 ? AGAIN_MS : ms);
		err = output_flush(out, error);
	}
	return err;
}
