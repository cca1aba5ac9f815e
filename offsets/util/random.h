/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpredictable random bytes. Internal: not installed. */
#ifndef OFFSETS_UTIL_RANDOM_H
#define OFFSETS_UTIL_RANDOM_H

#include <stddef.h>

/* 0 or -errno. Never waits for entropy, which a booting host may lack. */
int random_fill(void *ret, size_t size);

#endif
