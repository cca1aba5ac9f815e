/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings one behind the other, each ended by NUL, which the last may lack: argv, an environment.
 */
#ifndef LOADER_STREAM_STRINGS_H
#define LOADER_STREAM_STRINGS_H

#include <stddef.h>
#include <string.h>

/* The first byte behind the string that begins at text: behind its NUL, if it has one. */
static inline size_t strings_next(const char *text, size_t size, size_t *ret_length)
{
	*ret_length = strnlen(text, size);
	return *ret_length + (*ret_length < size);
}

#endif
