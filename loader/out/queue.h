/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that wait to be written, in order, each with a tag of the caller's. The
 * queue has a buffer of a fixed size, of which it uses no more memory than lines need;
 * its owner stops adding lines while it has no room.
 */
#ifndef LOADER_OUT_QUEUE_H
#define LOADER_OUT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest line, with its newline. */
#define QUEUE_LINE_MAX (896 * 1024 + 1)

/* More than a line about the sensor itself, or the hash of an executable, has. */
#define QUEUE_SPARE (128 * 1024)

struct queue {
	struct queue_line *lines; /* the queue's own; those that wait begin at first */
	size_t first, count, room;
	size_t begin, size; /* bytes of the buffer that wait */
	size_t begun;       /* bytes before them: the part of the first line that is written */
	char *buffer;
	size_t limit; /* with more bytes than that there is no room for a line */
};

/* limit: of lines that may wait. 0 or -ENOMEM. queue_deinit() takes a zeroed queue too. */
int queue_init(struct queue *queue, size_t limit);
void queue_deinit(struct queue *queue);

/* True: a line of QUEUE_LINE_MAX bytes fits. */
bool queue_has_room(const struct queue *queue);

/* The same after a line of QUEUE_SPARE bytes. */
bool queue_has_spare(const struct queue *queue);

/*
 * Adds a line without its newline. -E2BIG: it is longer than QUEUE_LINE_MAX;
 * -EAGAIN: there is no room. Nothing was added then.
 */
int queue_add(struct queue *queue, const char *text, size_t size, unsigned int tag);

/* The lines of a tag that wait, the one that is partly written included. */
size_t queue_count(const struct queue *queue, unsigned int tag);

/* The bytes that wait, queue->size of them, each line with its newline. */
const char *queue_text(const struct queue *queue);

/* A line that waits, with its newline, and its tag. */
struct queue_text {
	const char *text;
	size_t size;
	unsigned int tag;
};

/* The line of that index, from the first one on, which that many bytes are before. */
struct queue_text queue_line(const struct queue *queue, size_t index, size_t before);

/*
 * How many bytes to write so that the written part ends with a line: at most
 * limit, or the rest of the first line if that alone is longer.
 */
size_t queue_whole(const struct queue *queue, size_t limit);

/* Of the first size bytes that wait, those of lines that end in them. */
size_t queue_ended(const struct queue *queue, size_t size);

/* So many bytes were written; whole: called for each line of which that was the end. */
typedef void (*queue_line_fn)(void *arg, unsigned int tag);
void queue_written(struct queue *queue, size_t size, queue_line_fn whole, void *arg);

/* The line that is partly written has to be written from its beginning. */
void queue_restart(struct queue *queue);

/* Removes the first line. *ret_tag: its tag. False: the queue is empty. */
bool queue_drop(struct queue *queue, unsigned int *ret_tag);

#endif
