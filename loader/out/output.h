/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole lines to a file, a pipe, a socket or a terminal, without ever waiting for
 * it. Lines that the output does not take stay in a buffer; when the buffer is
 * full, the caller stops reading events (output_has_room()), and the kernel counts
 * those that its rings have no room for.
 *
 * A file or a pipe never shows a part of a line: a write to a file that ends
 * early is cut back, and into a pipe that is not empty goes only what the kernel
 * writes as one piece (pipe(7), PIPE_BUF).
 */
#ifndef LOADER_OUTPUT_H
#define LOADER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/event/line.h"
#include "offsets/offsets.h"

struct output; /* its own memory */

/* The longest line, with its newline. */
#define OUTPUT_LINE_MAX (EVENT_LINE_MAX + 1)

/*
 * "-": standard output. A file is appended to, made with mode 0600; a half-written
 * event at its end, left by a process that was killed, is removed, and any other
 * half line is ended. A FIFO may be without a reader: lines wait for one.
 */
int output_open(const char *path, struct output **ret, struct offsets_error *error);

/* A line of OUTPUT_LINE_MAX bytes fits. */
bool output_has_room(const struct output *out);

/*
 * Takes a line without its newline; kind: the caller's, for output_unwritten().
 * -E2BIG: longer than OUTPUT_LINE_MAX; -EAGAIN: no room. Nothing was taken then.
 */
int output_line(struct output *out, const char *text, size_t size, unsigned int kind);

/*
 * Writes what the output takes at once. 0, also if not all could be written;
 * -errno: nothing will ever be written (the reader of a pipe is gone).
 * Reports on standard error when the output stops taking lines and when it takes
 * them again.
 */
int output_flush(struct output *out, struct offsets_error *error);

/* Writes what is left until all is written, or for so long. 0 or as output_flush(). */
int output_finish(struct output *out, uint64_t timeout_ns, struct offsets_error *error);

/* Closes the file and opens its path again: after it was renamed or removed. */
void output_reopen(struct output *out);

/*
 * What to wait for with poll() while lines wait: a descriptor for POLLOUT; -1:
 * look again after *ret_ms.
 */
int output_wait(const struct output *out, int *ret_ms);

/* Lines of a kind that are still in the buffer. */
size_t output_unwritten(const struct output *out, unsigned int kind);

void output_close(struct output *out); /* without flushing */

#endif
