/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a file that a killed process may have left half-written. */
#ifndef LOADER_OUT_HALFLINE_H
#define LOADER_OUT_HALFLINE_H

#include <stddef.h>

/* Bytes at the end of text that are a part of what the caller writes as one; 0: none are. */
typedef size_t (*half_fn)(const char *text, size_t size);

/*
 * fd: a file open for appending. What half finds at its end is removed; then a line that has no
 * newline is ended. half NULL: nothing is removed.
 * What was done, or could not be, is reported; name is the file's, for that.
 */
void tail_repair(int fd, const char *name, half_fn half);

#endif
