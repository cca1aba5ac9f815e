/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which event classes and fields a kernel entry gives, by what it has and lacks. That
 * the kernel has the hooks, only 'sextant check' on the host can say.
 */
#ifndef LKCCB_SITE_GIVES_H
#define LKCCB_SITE_GIVES_H

#include "lkccb/site/classes.h"

/* What runs on a kernel, by its name alone. */
struct gives_kernel {
	unsigned int tier;    /* 1 to 3; 0: the sensor has no programs for it */
	unsigned int version; /* KERNEL_VERSION(); 0: unknown */
};

/* version_code: "4.15.18", or NULL: the release says it. */
struct gives_kernel gives_kernel(const char *release, const char *machine,
                                 const char *version_code);

/* The source of a class that would be used; NULL: none, for *ret_missing (LAYOUT_MAX: for its
 * tier). */
const struct class_source *gives_source(const struct event_needs *needs,
                                        const struct gives_kernel *kernel,
                                        const struct layout *layout, enum layout_id *ret_missing);

/* The first fact of a list that the layout lacks; LAYOUT_MAX: none. */
enum layout_id gives_missing(const enum layout_id *facts, const struct layout *layout);

/*
 * The next unit, from at on, that cannot be used, nor a fallback of it; NULL: there is
 * none. What the class lacks and which fact is missing is that of the last one tried.
 */
const struct class_unit *gives_unit_lacking(const struct class_unit *at,
                                            const struct layout *layout,
                                            const struct class_unit **ret_next,
                                            enum layout_id *ret_missing);

enum gives_state {
	GIVES_NOTHING,
	GIVES_PARTS, /* some fields are null, or some events do not come */
	GIVES_ALL,
};

/* Fields that are null for some files alone (class_field.of) do not count. */
enum gives_state gives_state(const struct event_needs *needs, const struct gives_kernel *kernel,
                             const struct layout *layout);

#endif
