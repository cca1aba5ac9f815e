/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor's event classes need of a kernel entry. classes.c is generated from
 * the sensor's tables of sources and fields (make docs; tests/cli/site.py compares them):
 * lkccb and the loader do not know each other.
 */
#ifndef LKCCB_SITE_CLASSES_H
#define LKCCB_SITE_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

#include "offsets/layout.h"

/* Lists of facts end with LAYOUT_MAX. */

/* Programs that report a part of the class. */
struct class_unit {
	bool fallback;               /* used where the unit before it cannot be */
	const enum layout_id *facts; /* that it needs */
	const char *lacks;           /* what the class lacks without it; NULL ends a list */
};

struct class_source {
	unsigned int tiers;          /* 1 << tier of the kernels that may use it; 0 ends a list */
	unsigned int since;          /* KERNEL_VERSION() of its attach method; 0: any */
	const enum layout_id *facts; /* without which it reports nothing */
	const char *lacks;           /* what the class always lacks by it; NULL: nothing */
	const struct class_unit *units;
};

struct class_field {
	const char *paths;           /* members of the event, with commas; NULL ends a list */
	const char *of;              /* the facts are needed for these alone; "": for all */
	const enum layout_id *facts; /* without one of which they are null */
};

struct event_needs {
	const char *name;                   /* of the class */
	const struct class_source *sources; /* in the order of preference */
	const struct class_field *fields;
};

extern const struct event_needs event_needs[];
extern const size_t event_needs_count;

#endif
