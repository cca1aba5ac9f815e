/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's clocks against the wall clock. */
#ifndef LOADER_HOST_CLOCK_H
#define LOADER_HOST_CLOCK_H

#include <stdint.h>

#include "loader/util/monotonic.h"

/* Nanoseconds to add to a clock's value to get the time since 1970. */
struct clock_offsets {
	int64_t monotonic_ns, boottime_ns;
};

/*
 * Reads both again; *ret begins as zero. They only change when the wall clock was
 * set (boottime_ns: by more than 0.1 s), so that the times of events keep their
 * order, and a process has the same start in all of its events.
 */
void clock_offsets_read(struct clock_offsets *ret);

/* "2026-11-21T03:40:12.123456789Z": 30 characters and a NUL. */
#define CLOCK_TEXT_BYTES 31
void clock_text(uint64_t wall_ns, char ret[CLOCK_TEXT_BYTES]);

#endif
