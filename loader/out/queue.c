/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/out/queue.h"

struct queue_line {
	uint32_t size; /* with its newline */
	unsigned int tag;
};

/* Lines that wait, the one that is partly written, and the next one. */
static size_t buffer_bytes(size_t limit)
{
	return limit + 2UL * QUEUE_LINE_MAX;
}

int queue_init(struct queue *q, size_t limit)
{
	*q = (struct queue){ .buffer = malloc(buffer_bytes(limit)), .limit = limit };
	return q->buffer ? 0 : -ENOMEM;
}

void queue_deinit(struct queue *q)
{
	free(q->lines);
	free(q->buffer);
	*q = (struct queue){ .lines = NULL };
}

bool queue_has_room(const struct queue *q)
{
	return q->size <= q->limit;
}

bool queue_has_spare(const struct queue *q)
{
	return q->size + QUEUE_SPARE <= q->limit;
}

/* Room for the tag and size of one more line. */
static bool lines_room(struct queue *q)
{
	size_t room = q->room ? 2 * q->room : 1024;
	struct queue_line *lines;

	if (q->first + q->count < q->room)
		return true;
	if (q->count)
		memmove(q->lines, q->lines + q->first, q->count * sizeof(*q->lines));
	q->first = 0;
	if (q->count < q->room / 2)
		return true;
	lines = realloc(q->lines, room * sizeof(*lines));
	if (!lines)
		return q->count < q->room;
	q->lines = lines;
	q->room = room;
	return true;
}

int queue_add(struct queue *q, const char *text, size_t size, unsigned int tag)
{
	if (size >= QUEUE_LINE_MAX)
		return -E2BIG;
	if (!queue_has_room(q) || !lines_room(q))
		return -EAGAIN;
	if (q->begin + q->size + size >= buffer_bytes(q->limit)) {
		memmove(q->buffer, q->buffer + q->begin - q->begun, q->begun + q->size);
		q->begin = q->begun; /* that part stays: queue_restart() */
	}
	memcpy(q->buffer + q->begin + q->size, text, size);
	q->buffer[q->begin + q->size + size] = '\n';
	q->size += size + 1;
	q->lines[q->first + q->count++] = (struct queue_line){ size + 1, tag };
	return 0;
}

size_t queue_count(const struct queue *q, unsigned int tag)
{
	size_t i, count = 0;

	for (i = 0; i < q->count; i++)
		count += q->lines[q->first + i].tag == tag;
	return count;
}

const char *queue_text(const struct queue *q)
{
	return q->buffer + q->begin;
}

struct queue_text queue_line(const struct queue *q, size_t index, size_t before)
{
	const struct queue_line *line = &q->lines[q->first + index];

	return (struct queue_text){ q->buffer + q->begin + before, line->size, line->tag };
}

size_t queue_ended(const struct queue *q, size_t size)
{
	size_t i, line, sum = 0;

	for (i = 0; i < q->count; i++) {
		line = q->lines[q->first + i].size - (i ? 0 : q->begun);
		if (sum + line > size)
			break;
		sum += line;
	}
	return sum;
}

size_t queue_whole(const struct queue *q, size_t limit)
{
	size_t first = q->lines[q->first].size - q->begun, ended = queue_ended(q, limit);

	return ended > first ? ended : first;
}

void queue_written(struct queue *q, size_t size, queue_line_fn whole, void *arg)
{
	q->begin += size;
	q->size -= size;
	size += q->begun;
	while (q->count && size >= q->lines[q->first].size) {
		if (whole)
			whole(arg, q->lines[q->first].tag);
		size -= q->lines[q->first++].size;
		q->count--;
	}
	q->begun = size;
	if (!q->count)
		q->first = q->begin = 0;
}

void queue_restart(struct queue *q)
{
	q->begin -= q->begun;
	q->size += q->begun;
	q->begun = 0;
}

bool queue_drop(struct queue *q, unsigned int *ret_tag)
{
	if (!q->count)
		return false;
	*ret_tag = q->lines[q->first].tag;
	queue_written(q, q->lines[q->first].size - q->begun, NULL, NULL);
	return true;
}
