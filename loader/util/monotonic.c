/* SPDX-License-Identifier: BSD-2-Clause */
#include <time.h>

#include "loader/util/monotonic.h"

uint64_t clock_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}
