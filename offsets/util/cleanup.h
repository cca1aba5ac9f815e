/* SPDX-License-Identifier: BSD-2-Clause */
/* Closes what a function opened on every path: CLEANUP(cleanup_file) FILE *f. */
#ifndef OFFSETS_UTIL_CLEANUP_H
#define OFFSETS_UTIL_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#endif
