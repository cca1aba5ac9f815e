/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sink of --output: whole lines to a file, a pipe, a socket, a terminal or a
 * device.
 *
 * A file or a pipe never shows a part of a line: a write to a file that ends
 * early is cut back, and into a pipe that is not empty goes only what the kernel
 * writes as one piece (pipe(7), PIPE_BUF).
 *
 * A full disk, a limit of the file's size, a FIFO without a reader and a reader
 * that does not read are no failures: the lines wait. A failure, for which the
 * policy decides, are a pipe of standard output that is closed, and an error of a
 * terminal, device or socket.
 */
#ifndef LOADER_OUT_OUTPUT_H
#define LOADER_OUT_OUTPUT_H

#include "loader/out/sink.h"

/* struct sink_use, options; NULL: none of them. */
struct file_options {
	uint64_t rotate_bytes;   /* a file of that size is renamed, and a new one begun; 0: never */
	uint64_t rotate_ns;      /* the same so long after it was opened */
	unsigned int keep;       /* how many of the renamed ones: PATH.1 and so on */
	uint64_t min_free_bytes; /* of its file system; with less, nothing is written */
	bool is_program; /* the target is read by one, which the opener starts (sink_open_by()) */
};

/*
 * The target is "-" for standard output, or a path. A file is appended to, made
 * with mode 0600, and has to be trusted (offsets/util/safefile.h). Lines to a FIFO
 * wait for a reader. After sink_reopen() lines that wait go to the new file; so they do
 * a second after the file was renamed or removed.
 */
extern const struct sink_ops output_ops;

/*
 * Opens a path as this sink does, for one that cannot (sink_open_by()); the end of a file is
 * repaired (halfline.h). 0; -ENXIO: a FIFO without a reader; -errno.
 */
int output_path_open(const char *path, half_fn half, int *ret_fd, struct offsets_error *error);

/* The same of the next file: the one that is there is renamed first (rotate.h). */
int output_next_open(const char *path, half_fn half, unsigned int keep, int *ret_fd,
                     struct offsets_error *error);

#endif
