/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/recording.h"
#include "loader/util/log.h"
#include "loader/util/record_file.h"

/* No record is longer. */
#define RECORD_BYTES_MAX (1 << 20)

/* ---- writing ------------------------------------------------------------- */

struct recording {
	const char *path; /* the caller's */
	struct record_file *file;
	bool has_failed;
};

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
	struct recording *r = malloc(sizeof(*r));
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	*r = (struct recording){ .path = path };
	err = record_file_create(path, &head, sizeof(head), &r->file, error);
	if (err) {
		free(r);
		return err;
	}
	*ret = r;
	return 0;
}

static void outcome_take(struct recording *r, int err)
{
	if (!err || r->has_failed)
		return;
	log_line(LEVEL_WARNING, "%s: %s; nothing is recorded from here on", r->path,
	         strerror(-err));
	r->has_failed = true;
}

void recording_put(struct recording *r, const void *data, size_t size, uint32_t unread)
{
	struct event_header header;

	if (!r || r->has_failed || size < sizeof(header))
		return;
	memcpy(&header, data, sizeof(header));
	header.unread |= unread;
	outcome_take(r,
	             record_file_put(r->file, &header, sizeof(header),
	                             (const char *)data + sizeof(header), size - sizeof(header)));
}

int recording_descriptor(const struct recording *r)
{
	return r ? record_file_descriptor(r->file) : -1;
}

void recording_end(struct recording *r)
{
	if (!r)
		return;
	outcome_take(r, record_file_close(r->file));
	free(r);
}

/* ---- reading ------------------------------------------------------------- */

struct recorded {
	struct recording_head head;
	struct record_file *file;
};

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

static int head_read(struct recorded *r)
{
	struct recording_head *h = &r->head;

	if (record_file_head(r->file, h, sizeof(*h)) ||
	    memcmp(h->magic, RECORDING_MAGIC, sizeof(h->magic)) ||
	    h->version != RECORDING_VERSION || h->head_bytes != sizeof(*h) ||
	    h->abi_bytes != sizeof(struct event) || !h->possible_cpus || h->possible_cpus > 65536)
		return -EBADMSG;
	texts_end(h);
	return 0;
}

int recorded_open(const char *path, struct recorded **ret, struct offsets_error *error)
{
	struct recorded *r = calloc(1, sizeof(*r));
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = record_file_open(path, RECORD_BYTES_MAX, &r->file, error);
	if (!err && head_read(r))
		err = offsets_fail(
			error, -EBADMSG,
			"%s: is no recording of this version; make one with 'sextant run "
			"--record'",
			path);
	if (err) {
		recorded_close(r);
		return err;
	}
	*ret = r;
	return 0;
}

void recorded_close(struct recorded *r)
{
	if (!r)
		return;
	record_file_close(r->file);
	free(r);
}

const struct recording_head *recorded_head(const struct recorded *r)
{
	return &r->head;
}

int recorded_next(struct recorded *r, const void **ret, size_t *ret_size)
{
	return record_file_next(r->file, ret, ret_size);
}
