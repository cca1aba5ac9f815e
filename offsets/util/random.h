/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes that nobody can guess. Internal: not installed. */
#ifndef OFFSETS_RANDOM_H
#define OFFSETS_RANDOM_H

#include <stddef.h>

/* 0 or -errno. Never waits for entropy: a host that boots may have little. */
int random_fill(void *ret, size_t size);

#endif
