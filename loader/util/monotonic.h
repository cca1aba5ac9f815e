/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock of deadlines and of the events' own times: CLOCK_MONOTONIC. */
#ifndef LOADER_UTIL_MONOTONIC_H
#define LOADER_UTIL_MONOTONIC_H

#include <stdint.h>

uint64_t clock_monotonic_ns(void);

#endif
