/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/util/record_file.h"
#include "offsets/util/error.h"
#include "offsets/util/safefile.h"

#define BUFFER_BYTES (256 * 1024)

struct record_file {
	int fd;
	int err;           /* of the first write that failed */
	size_t begin, end; /* of what is in the buffer */
	uint64_t left;     /* bytes of the file that were not read */
	size_t most;       /* bytes of a record */
	char *record;      /* of a file that is read */
	char buffer[BUFFER_BYTES];
};

static int file_new(int fd, size_t most, struct record_file **ret, struct offsets_error *error)
{
	struct record_file *f = malloc(sizeof(*f));

	if (f) {
		*f = (struct record_file){ .fd = fd, .most = most };
		f->record = most ? malloc(most) : NULL; /* aligned to 16 bytes */
	}
	if (!f || (most && !f->record)) {
		free(f);
		close(fd);
		return offsets_fail(error, -ENOMEM, "out of memory");
	}
	*ret = f;
	return 0;
}

int record_file_close(struct record_file *f)
{
	int err;

	if (!f)
		return 0;
	err = f->most ? 0 : record_file_flush(f);
	close(f->fd);
	free(f->record);
	free(f);
	return err;
}

/* ---- writing ------------------------------------------------------------- */

int record_file_flush(struct record_file *f)
{
	size_t at = 0;
	ssize_t n;

	while (!f->err && at < f->end) {
		n = write(f->fd, f->buffer + at, f->end - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			f->err = n ? -errno : -EIO;
		else
			at += n;
	}
	f->end = 0;
	return f->err;
}

static void put(struct record_file *f, const void *data, size_t bytes)
{
	if (bytes > sizeof(f->buffer) - f->end)
		record_file_flush(f);
	if (!bytes)
		return;
	memcpy(f->buffer + f->end, data, bytes);
	f->end += bytes;
}

int record_file_create(const char *path, const void *head, size_t head_bytes,
                       struct record_file **ret, struct offsets_error *error)
{
	struct stat st;
	int err, fd;

	*ret = NULL;
	err = safefile_open(path, SAFEFILE_APPEND, &fd, error);
	if (err)
		return err;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size) {
		close(fd);
		return offsets_fail(error, -EEXIST,
		                    "%s: is there already; --record makes a new file", path);
	}
	fcntl(fd, F_SETFL, O_APPEND); /* a disk is waited for */
	err = file_new(fd, 0, ret, error);
	if (!err)
		put(*ret, head, head_bytes);
	return err;
}

int record_file_put(struct record_file *f, const void *before, size_t before_bytes,
                    const void *after, size_t after_bytes)
{
	uint32_t bytes = before_bytes + after_bytes;

	if (before_bytes > BUFFER_BYTES || after_bytes > BUFFER_BYTES)
		return -EMSGSIZE;
	put(f, &bytes, sizeof(bytes));
	put(f, before, before_bytes);
	put(f, after, after_bytes);
	return f->err;
}

int record_file_descriptor(const struct record_file *f)
{
	return f->fd;
}

/* ---- reading ------------------------------------------------------------- */

int record_file_open(const char *path, size_t most, struct record_file **ret,
                     struct offsets_error *error)
{
	struct stat st;
	int fd, err;

	*ret = NULL;
	err = safefile_open(path, SAFEFILE_READ, &fd, error);
	if (err)
		return err;
	if (fstat(fd, &st)) {
		err = -errno;
		close(fd);
		return offsets_fail(error, err, "%s: %s", path, strerror(-err));
	}
	err = file_new(fd, most, ret, error);
	if (!err)
		(*ret)->left = st.st_size;
	return err;
}

static ssize_t buffer_fill(struct record_file *f)
{
	size_t bytes = f->left < sizeof(f->buffer) ? f->left : sizeof(f->buffer);
	ssize_t n;

	do
		n = read(f->fd, f->buffer, bytes);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	f->left -= n;
	f->begin = 0;
	f->end = n;
	return n;
}

/* Fewer than bytes only at the end; -errno. */
static ssize_t get(struct record_file *f, void *ret, size_t bytes)
{
	size_t got = 0, part;
	ssize_t n;

	while (got < bytes) {
		if (f->begin == f->end) {
			n = buffer_fill(f);
			if (n <= 0)
				return n < 0 ? n : (ssize_t)got;
		}
		part = f->end - f->begin < bytes - got ? f->end - f->begin : bytes - got;
		memcpy((char *)ret + got, f->buffer + f->begin, part);
		f->begin += part;
		got += part;
	}
	return got;
}

int record_file_head(struct record_file *f, void *ret, size_t bytes)
{
	ssize_t n = get(f, ret, bytes);

	return n < 0 ? n : (size_t)n == bytes ? 0 : -EBADMSG;
}

int record_file_next(struct record_file *f, const void **ret, size_t *ret_bytes)
{
	uint32_t bytes;
	ssize_t n = get(f, &bytes, sizeof(bytes));

	if (n <= 0)
		return n;
	if (n != sizeof(bytes) || bytes > f->most)
		return -EBADMSG;
	n = get(f, f->record, bytes);
	if (n < 0)
		return n;
	if (n != (ssize_t)bytes)
		return -EBADMSG;
	*ret = f->record;
	*ret_bytes = bytes;
	return 1;
}
