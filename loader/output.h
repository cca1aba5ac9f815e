/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole lines to a file or a pipe: a disk that fills up never leaves half a line. */
#ifndef LOADER_OUTPUT_H
#define LOADER_OUTPUT_H

#include "offsets.h"

struct output; /* its own memory */

/* "-": standard output. A file is appended to, made with mode 0600. */
int output_open(const char *path, struct output **ret, struct offsets_error *error);

/* Takes a line without its newline; it may stay in memory until the next flush. */
int output_line(struct output *out, const char *text, size_t size, struct offsets_error *error);
int output_flush(struct output *out, struct offsets_error *error);
void output_close(struct output *out); /* without flushing: flush first */

#endif
