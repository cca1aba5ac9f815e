/* SPDX-License-Identifier: BSD-2-Clause */
/* What on this host refuses the sensor what it needs, and what helps. */
#ifndef LOADER_BPF_OBSTACLES_H
#define LOADER_BPF_OBSTACLES_H

#include <stddef.h>

#define OBSTACLES_MAX  12
#define OBSTACLE_BYTES 320

struct obstacles {
	size_t count;
	char text[OBSTACLES_MAX][OBSTACLE_BYTES]; /* "CAUSE: REMEDY", a line each */
};

/*
 * Tries what a start needs first: a BPF map, a perf event; if one is refused, looks for
 * who may have refused it. And looks for what makes programs silent: kprobes, ftrace,
 * lockdown. Changes nothing.
 */
void obstacles_find(struct obstacles *ret);

#endif
