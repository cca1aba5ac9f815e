/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/agent/recording.h"
#include "loader/util/log.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

#define BUFFER_BYTES (256 * 1024)

/* No record is longer. */
#define RECORD_BYTES_MAX (1 << 20)

/* ---- writing ------------------------------------------------------------- */

struct recording {
	const char *path; /* the caller's */
	int fd;           /* -1: it has failed */
	size_t used;
	char buffer[BUFFER_BYTES];
};

static void fail(struct recording *r, int number)
{
	log_line(LEVEL_WARNING, "%s: %s; nothing is recorded from here on", r->path,
	         strerror(number));
	close(r->fd);
	r->fd = -1;
}

static void flush(struct recording *r)
{
	size_t at = 0;
	ssize_t n;

	while (r->fd >= 0 && at < r->used) {
		n = write(r->fd, r->buffer + at, r->used - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			fail(r, n ? errno : EIO);
		else
			at += n;
	}
	r->used = 0;
}

static void put(struct recording *r, const void *data, size_t size)
{
	if (size > sizeof(r->buffer) - r->used)
		flush(r);
	memcpy(r->buffer + r->used, data, size);
	r->used += size;
}

_Static_assert(RECORD_BYTES_MAX > sizeof(struct event), "");

static struct recording_head head_of(const struct host *host, const struct clock_offsets *clock)
{
	struct recording_head head = { .magic = RECORDING_MAGIC,
		                       .version = RECORDING_VERSION,
		                       .head_bytes = sizeof(head),
		                       .abi_bytes = sizeof(struct event),
		                       .possible_cpus = host->possible_cpus,
		                       .os = host->os,
		                       .clock = *clock };

	snprintf(head.release, sizeof(head.release), "%s", host->release);
	snprintf(head.machine, sizeof(head.machine), "%s", host->machine);
	snprintf(head.name, sizeof(head.name), "%s", host->name);
	snprintf(head.boot_id, sizeof(head.boot_id), "%s", host->boot_id);
	snprintf(head.machine_id, sizeof(head.machine_id), "%s", host->machine_id);
	return head;
}

int recording_begin(const char *path, const struct host *host, const struct clock_offsets *clock,
                    struct recording **ret, struct offsets_error *error)
{
	const struct recording_head head = head_of(host, clock);
	struct recording *r;
	struct stat st;
	int err, fd;

	*ret = NULL;
	err = safefile_open(path, SAFEFILE_APPEND, &fd, error);
	if (err)
		return err;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size)
		err = offsets_fail(error, -EEXIST,
		                   "%s: is there already; --record makes a new file", path);
	r = err ? NULL : malloc(sizeof(*r));
	if (!err && !r)
		err = offsets_fail(error, -ENOMEM, "out of memory");
	if (err) {
		close(fd);
		return err;
	}
	fcntl(fd, F_SETFL, O_APPEND); /* a disk is waited for */
	r->path = path;
	r->fd = fd;
	r->used = 0;
	put(r, &head, sizeof(head));
	*ret = r;
	return 0;
}

void recording_put(struct recording *r, const void *data, size_t size, uint32_t unread)
{
	struct event_header header;
	uint32_t length = size;

	if (!r || r->fd < 0 || size < sizeof(header) || size > sizeof(r->buffer) - sizeof(length))
		return;
	memcpy(&header, data, sizeof(header));
	header.unread |= unread;
	put(r, &length, sizeof(length));
	put(r, &header, sizeof(header));
	put(r, (const char *)data + sizeof(header), size - sizeof(header));
}

int recording_descriptor(const struct recording *r)
{
	return r ? r->fd : -1;
}

void recording_end(struct recording *r)
{
	if (!r)
		return;
	flush(r);
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}

/* ---- reading ------------------------------------------------------------- */

struct recorded {
	struct recording_head head;
	int fd;
	size_t begin, end; /* of what is in the buffer */
	_Alignas(16) char record[RECORD_BYTES_MAX];
	char buffer[BUFFER_BYTES];
};

/* Fewer than size only at the end; -errno. */
static ssize_t get(struct recorded *r, void *ret, size_t size)
{
	size_t got = 0, part;
	ssize_t n;

	while (got < size) {
		if (r->begin == r->end) {
			do
				n = read(r->fd, r->buffer, sizeof(r->buffer));
			while (n < 0 && errno == EINTR);
			if (n < 0)
				return -errno;
			if (!n)
				break;
			r->begin = 0;
			r->end = n;
		}
		part = r->end - r->begin < size - got ? r->end - r->begin : size - got;
		memcpy((char *)ret + got, r->buffer + r->begin, part);
		r->begin += part;
		got += part;
	}
	return got;
}

/* Texts of a file end somewhere. */
static void texts_end(struct recording_head *h)
{
	h->release[sizeof(h->release) - 1] = h->machine[sizeof(h->machine) - 1] = '\0';
	h->name[sizeof(h->name) - 1] = h->boot_id[sizeof(h->boot_id) - 1] = '\0';
	h->machine_id[sizeof(h->machine_id) - 1] = '\0';
	h->os.id[sizeof(h->os.id) - 1] = h->os.like[sizeof(h->os.like) - 1] = '\0';
	h->os.name[sizeof(h->os.name) - 1] = h->os.version[sizeof(h->os.version) - 1] = '\0';
	h->os.pretty_name[sizeof(h->os.pretty_name) - 1] = '\0';
}

int recorded_open(const char *path, struct recorded **ret, struct offsets_error *error)
{
	struct recorded *r = malloc(sizeof(*r));
	struct recording_head *h;
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	r->begin = r->end = 0;
	err = safefile_open(path, SAFEFILE_READ, &r->fd, error);
	if (err) {
		free(r);
		return err;
	}
	h = &r->head;
	if (get(r, h, sizeof(*h)) != sizeof(*h) ||
	    memcmp(h->magic, RECORDING_MAGIC, sizeof(h->magic)) ||
	    h->version != RECORDING_VERSION || h->head_bytes != sizeof(*h) ||
	    h->abi_bytes != sizeof(struct event) || !h->possible_cpus || h->possible_cpus > 65536) {
		recorded_close(r);
		return offsets_fail(
			error, -EBADMSG,
			"%s: is no recording of this version; make one with 'sextant run "
			"--record'",
			path);
	}
	texts_end(h);
	*ret = r;
	return 0;
}

void recorded_close(struct recorded *r)
{
	if (!r)
		return;
	close(r->fd);
	free(r);
}

const struct recording_head *recorded_head(const struct recorded *r)
{
	return &r->head;
}

int recorded_next(struct recorded *r, const void **ret, size_t *ret_size)
{
	uint32_t size;
	ssize_t n = get(r, &size, sizeof(size));

	if (!n)
		return 0;
	if (n == sizeof(size) && size <= sizeof(r->record))
		n = get(r, r->record, size);
	else if (n > 0)
		return -EBADMSG;
	if (n < 0)
		return n;
	if (n != (ssize_t)size)
		return -EBADMSG;
	*ret = r->record;
	*ret_size = size;
	return 1;
}
