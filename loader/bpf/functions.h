/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the functions that the sources name this kernel has. */
#ifndef LOADER_BPF_FUNCTIONS_H
#define LOADER_BPF_FUNCTIONS_H

#include <stdbool.h>

/*
 * Reads a list of symbols in the form of /proc/kallsyms. 0 or -errno; without it
 * there is no function.
 */
int functions_read(const char *path);

/* Reads /proc/kallsyms at the first call: once for all, as it has more than 100,000 lines. */
bool function_exists(const char *name);

#endif
