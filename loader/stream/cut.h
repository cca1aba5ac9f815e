/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The moment at which one sensor hands over to another that runs beside it. Both saw the
 * same events, at times that differ by what a program takes. So the moment has to lie where
 * neither saw one for a while, and before it both have to have seen equally many.
 */
#ifndef LOADER_STREAM_CUT_H
#define LOADER_STREAM_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A record that a sensor holds. */
struct stamp {
	uint64_t time_ns; /* event_header.time_ns */
	uint32_t type;    /* event_header.type */
	uint32_t pid;     /* process_ids.pid; 0: it has none */
};

/* Those of a sensor, in any order. */
struct stamps {
	struct stamp *list;
	size_t count;
};

/* What both have seen within a time (CLOCK_MONOTONIC, ns). */
struct cut_window {
	uint64_t begin_ns, end_ns;
	uint32_t types;      /* 1 << type: the ones that both report; others do not count */
	const uint32_t *own; /* processes that do not count: the sensors' */
	size_t own_count;
};

struct cut {
	uint64_t
		time_ns; /* the older one has the events before, the newer one those from here on */
	bool is_exact;   /* false: no moment was found before which both saw the same ones */
};

/* Sorts both, and drops what does not count. 0 or -ENOMEM. */
int cut_find(const struct cut_window *window, struct stamps *older, struct stamps *newer,
             struct cut *ret);

#endif
