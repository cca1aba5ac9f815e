/* SPDX-License-Identifier: BSD-2-Clause */
/* When an event happened, by its line. */
#ifndef LOADER_OUT_LINE_TIME_H
#define LOADER_OUT_LINE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds since 1970. False: the line is no JSON of this program's (loader/event/format.h). */
bool line_time(const char *line, size_t size, uint64_t *ret_ns);

#endif
