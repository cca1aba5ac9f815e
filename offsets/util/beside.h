/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside offsets/util: names of new files beside those that they will replace. */
#ifndef OFFSETS_UTIL_BESIDE_H
#define OFFSETS_UTIL_BESIDE_H

#include <limits.h>

/* NAME.0123456789abcdef.new, which nobody can predict. 0 or -errno. */
int beside_name(const char *name, char ret[NAME_MAX + 1]);

/*
 * Calls found() for each name in the directory that beside_name() can have made of name. A
 * directory that cannot be read is ignored.
 */
typedef void (*beside_fn)(int directory, const char *beside, void *arg);
void beside_each(int directory, const char *name, beside_fn found, void *arg);

#endif
