/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that wait to be written, in order, each with a tag of the caller's. The
 * queue has a fixed buffer; its owner stops adding lines while it has no room.
 */
#ifndef LOADER_OUT_QUEUE_H
#define LOADER_OUT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest line, with its newline. */
#define QUEUE_LINE_MAX (768 * 1024 + 1)

/* Lines that wait, one that is partly written, and the next one. */
#define QUEUE_BYTES (3 * QUEUE_LINE_MAX)

struct queue {
	struct queue_line *lines; /* the queue's own; those that wait begin at first */
	size_t first, count, room;
	size_t begin, size; /* bytes of the buffer that wait */
	size_t begun;       /* bytes before them: the part of the first line that is written */
	char buffer[QUEUE_BYTES];
};

/* Frees what a queue owns; a zeroed queue is an empty one. */
void queue_deinit(struct queue *queue);

/* True: a line of QUEUE_LINE_MAX bytes fits. */
bool queue_has_room(const struct queue *queue);

/*
 * Adds a line without its newline. -E2BIG: it is longer than QUEUE_LINE_MAX;
 * -EAGAIN: there is no room. Nothing was added then.
 */
int queue_add(struct queue *queue, const char *text, size_t size, unsigned int tag);

/* The lines of a tag that wait, the one that is partly written included. */
size_t queue_count(const struct queue *queue, unsigned int tag);

/* The bytes that wait, queue->size of them, each line with its newline. */
const char *queue_text(const struct queue *queue);

/*
 * How many bytes to write so that the written part ends with a line: at most
 * limit, or the rest of the first line if that alone is longer.
 */
size_t queue_whole(const struct queue *queue, size_t limit);

/* So many bytes were written. */
void queue_written(struct queue *queue, size_t size);

/* The line that is partly written has to be written from its beginning. */
void queue_restart(struct queue *queue);

/* Removes the first line. *ret_tag: its tag. False: the queue is empty. */
bool queue_drop(struct queue *queue, unsigned int *ret_tag);

#endif
