/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file that is to be read again, but not before it has stayed as it is for a
 * while: it may be half-written at the moment.
 */
#ifndef LOADER_RULES_SETTLED_H
#define LOADER_RULES_SETTLED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct settled {
	uint64_t since_ns; /* it is as it is since then; 0: it is not to be read */
	struct stat seen;
};

/* The file is to be read again. now_ns: CLOCK_MONOTONIC. */
void settled_await(const char *path, uint64_t now_ns, struct settled *file);

/* True, once: the file may be read now. */
bool settled_now(const char *path, uint64_t now_ns, struct settled *file);

/* The same file with the same contents, as far as stat() tells. */
bool settled_same_file(const struct stat *a, const struct stat *b);

#endif
