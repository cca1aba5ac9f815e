/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

#define BUFFER_BYTES (256 * 1024)

struct output {
	const char *name;
	int fd;
	bool regular; /* a file that can be cut back */
	size_t size;
	char buffer[BUFFER_BYTES];
};

int output_open(const char *path, struct output **ret, struct offsets_error *error)
{
	struct output *out = malloc(sizeof(*out));
	bool standard = !strcmp(path, "-");
	struct stat st;
	int err;

	*ret = NULL;
	if (!out)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	out->name = standard ? "standard output" : path;
	out->size = 0;
	out->fd = standard ? dup(STDOUT_FILENO)
	                   : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (out->fd < 0) {
		err = -errno;
		free(out);
		return offsets_fail(error, err,
		                    "%s: cannot be written: %s; name another with --output", path,
		                    strerror(-err));
	}
	out->regular = !fstat(out->fd, &st) && S_ISREG(st.st_mode);
	*ret = out;
	return 0;
}

/* Cuts a half-written line off again. written: bytes of the buffer that went out. */
static void cut_back(struct output *out, size_t written)
{
	size_t whole = written;
	off_t end = lseek(out->fd, 0, SEEK_END);

	while (whole && out->buffer[whole - 1] != '\n')
		whole--;
	if (out->regular && end >= 0 && ftruncate(out->fd, end - (off_t)(written - whole)))
		return; /* nothing more can be done */
}

int output_flush(struct output *out, struct offsets_error *error)
{
	size_t done = 0;
	int err;

	while (done < out->size) {
		ssize_t n = write(out->fd, out->buffer + done, out->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n < 0 ? -errno : -EIO;
			cut_back(out, done);
			out->size = 0;
			return offsets_fail(
				error, err,
				"%s: %s; events from here on are not written, free space or name "
				"another with --output",
				out->name, strerror(-err));
		}
		done += n;
	}
	out->size = 0;
	return 0;
}

int output_line(struct output *out, const char *text, size_t size, struct offsets_error *error)
{
	int err;

	if (size + 1 > BUFFER_BYTES)
		return offsets_fail(error, -E2BIG, "%s: an event of %zu bytes is too long",
		                    out->name, size);
	if (out->size + size + 1 > BUFFER_BYTES) {
		err = output_flush(out, error);
		if (err)
			return err;
	}
	memcpy(out->buffer + out->size, text, size);
	out->buffer[out->size + size] = '\n';
	out->size += size + 1;
	return 0;
}

void output_close(struct output *out)
{
	if (!out)
		return;
	close(out->fd);
	free(out);
}
