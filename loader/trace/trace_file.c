/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_seen.h"
#include "loader/trace/trace_file.h"
#include "loader/util/record_file.h"

/* Before the bytes of each record: eight bytes, so that they stay aligned. */
struct frame {
	uint32_t kind;  /* enum trace_file_kind */
	uint32_t check; /* of the kind and what follows */
};

#define FRAME_MOST (sizeof(struct frame) + CALL_RECORD_MAX + 2 * CALL_VALUE_MAX)

struct trace_file {
	struct trace_file_head head;
	struct record_file *file;
};

/* FNV-1a: one byte that is another one never gives the same. */
static uint32_t check_add(uint32_t check, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		check = (check ^ bytes[i]) * 16777619U;
	return check;
}

#define CHECK_BEGIN 2166136261U

static uint32_t frame_check(uint32_t kind, const void *data, size_t size)
{
	return check_add(check_add(CHECK_BEGIN, &kind, sizeof(kind)), data, size);
}

static uint32_t head_check(const struct trace_file_head *head)
{
	struct trace_file_head copy = *head;

	copy.check = 0;
	return check_add(CHECK_BEGIN, &copy, sizeof(copy));
}

int trace_file_close(struct trace_file *f)
{
	int err;

	if (!f)
		return 0;
	err = record_file_close(f->file);
	free(f);
	return err;
}

/* ---- writing ------------------------------------------------------------- */

int trace_file_create(const char *path, const struct clock_offsets *clock, uint32_t item_bytes,
                      struct trace_file **ret, struct offsets_error *error)
{
	struct trace_file *f = calloc(1, sizeof(*f));
	int err;

	*ret = f;
	if (!f)
		return offsets_fail(error, -ENOMEM, "out of memory");
	f->head = (struct trace_file_head){ .magic = TRACE_FILE_MAGIC,
		                            .version = TRACE_FILE_VERSION,
		                            .head_bytes = sizeof(f->head),
		                            .record_bytes = sizeof(struct call_record),
		                            .counts_bytes = sizeof(struct call_counts),
		                            .item_bytes = item_bytes,
		                            .clock = *clock };
	f->head.check = head_check(&f->head);
	err = record_file_create(path, &f->head, sizeof(f->head), &f->file, error);
	if (err) {
		free(f);
		*ret = NULL;
	}
	return err;
}

static int put(struct trace_file *f, uint32_t kind, const void *data, size_t size)
{
	const struct frame frame = { kind, frame_check(kind, data, size) };

	return record_file_put(f->file, &frame, sizeof(frame), data, size);
}

int trace_file_call(struct trace_file *f, const void *data, size_t size)
{
	return put(f, TRACE_FILE_CALL, data, size);
}

int trace_file_losses(struct trace_file *f, const struct call_counts *since)
{
	return put(f, TRACE_FILE_LOSSES, since, sizeof(*since));
}

int trace_file_process(struct trace_file *f, const struct trace_process *process)
{
	char bytes[TRACE_PROCESS_BYTES];

	return put(f, TRACE_FILE_PROCESS, bytes, trace_process_pack(process, bytes));
}

int trace_file_boot(struct trace_file *f, const char *boot_id)
{
	return put(f, TRACE_FILE_BOOT, boot_id, strlen(boot_id));
}

int trace_file_flush(struct trace_file *f)
{
	return record_file_flush(f->file);
}

int trace_file_end(struct trace_file *f)
{
	return put(f, TRACE_FILE_END, NULL, 0);
}

/* ---- reading ------------------------------------------------------------- */

static int head_read(struct trace_file *f, const char *path, struct offsets_error *error)
{
	struct trace_file_head *h = &f->head;

	if (record_file_head(f->file, h, sizeof(*h)) ||
	    memcmp(h->magic, TRACE_FILE_MAGIC, sizeof(h->magic)))
		return offsets_fail(error, -EBADMSG, "%s: is no file of 'sextant trace --record'",
		                    path);
	if (!h->version || h->version > TRACE_FILE_VERSION || h->head_bytes != sizeof(*h) ||
	    h->record_bytes != sizeof(struct call_record) ||
	    h->counts_bytes != sizeof(struct call_counts))
		return offsets_fail(error, -EBADMSG,
		                    "%s: is of another version; read it with the version of "
		                    "sextant that wrote it",
		                    path);
	if (h->check != head_check(h) || !h->item_bytes || h->item_bytes > CALL_VALUE_MAX)
		return offsets_fail(error, -EBADMSG, "%s: is damaged at its beginning", path);
	return 0;
}

int trace_file_open(const char *path, struct trace_file **ret, struct offsets_error *error)
{
	struct trace_file *f = calloc(1, sizeof(*f));
	int err;

	*ret = NULL;
	if (!f)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = record_file_open(path, FRAME_MOST, &f->file, error);
	if (!err)
		err = head_read(f, path, error);
	if (err)
		trace_file_close(f);
	else
		*ret = f;
	return err;
}

const struct trace_file_head *trace_file_head(const struct trace_file *f)
{
	return &f->head;
}

/* A UUID. */
static bool boot_take(const char *data, size_t size, char ret[TRACE_BOOT_BYTES])
{
	size_t i;

	if (size != TRACE_BOOT_BYTES - 1)
		return false;
	for (i = 0; i < size; i++)
		if (!data[i] || !strchr("0123456789abcdef-", data[i]))
			return false;
	memcpy(ret, data, size);
	return true;
}

/* 1, 0 or -EBADMSG as above. */
static int item_take(const struct frame *frame, const void *data, size_t size,
                     struct trace_file_item *ret)
{
	if (frame->check != frame_check(frame->kind, data, size))
		return -EBADMSG;
	*ret = (struct trace_file_item){ .kind = frame->kind, .record = data, .size = size };
	switch (frame->kind) {
	case TRACE_FILE_CALL:
		return call_record_check(data, size) ? 1 : -EBADMSG;
	case TRACE_FILE_LOSSES:
		if (size != sizeof(ret->losses))
			return -EBADMSG;
		memcpy(&ret->losses, data, size);
		return 1;
	case TRACE_FILE_PROCESS:
		return trace_process_unpack(data, size, &ret->process) ? 1 : -EBADMSG;
	case TRACE_FILE_BOOT:
		return boot_take(data, size, ret->boot_id) ? 1 : -EBADMSG;
	case TRACE_FILE_END:
		return size ? -EBADMSG : 0;
	}
	return -EBADMSG;
}

int trace_file_next(struct trace_file *f, struct trace_file_item *ret)
{
	struct frame frame;
	const void *data;
	size_t size;
	int more = record_file_next(f->file, &data, &size);

	if (more < 0)
		return more;
	if (!more || size < sizeof(frame))
		return -EBADMSG; /* without the mark */
	memcpy(&frame, data, sizeof(frame));
	more = item_take(&frame, (const char *)data + sizeof(frame), size - sizeof(frame), ret);
	if (!more && record_file_next(f->file, &data, &size))
		return -EBADMSG; /* something follows the mark */
	return more;
}
