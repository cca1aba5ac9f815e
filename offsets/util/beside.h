/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside offsets/util: names of new files beside those that they will replace. */
#ifndef OFFSETS_UTIL_BESIDE_H
#define OFFSETS_UTIL_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* NAME.0123456789abcdef.new, which nobody can predict. 0 or -errno. */
int beside_name(const char *name, char ret[NAME_MAX + 1]);

/* Is it one that beside_name() can have made of name? */
bool beside_is(const char *name, const char *beside);

#endif
