/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/site/gives.h"

#define KERNEL_VERSION(a, b, c) ((a) << 16 | (b) << 8 | (c))

/* ---- the kernel ------------------------------------------------------------ */

static unsigned int version_of(const char *text)
{
	unsigned int a = 0, b = 0, c = 0;

	if (sscanf(text, "%3u.%3u.%3u", &a, &b, &c) < 2)
		return 0;
	return KERNEL_VERSION(a, b, c > 255 ? 255 : c);
}

/* RHEL 7 has BPF from 3.10.0-940 on; the sensor is built for 957 (7.6) and later. */
static bool is_rhel7(const char *release)
{
	unsigned int build = 0;

	return strstr(release, ".el7") && sscanf(release, "3.10.0-%5u.", &build) == 1 &&
	       build >= 957;
}

static unsigned int tier_of(const char *release, unsigned int version)
{
	if (version >= KERNEL_VERSION(4, 11, 0) || is_rhel7(release))
		return 1;
	if (version >= KERNEL_VERSION(4, 7, 0))
		return 2;
	return version >= KERNEL_VERSION(4, 4, 0) ? 3 : 0;
}

struct gives_kernel gives_kernel(const char *release, const char *machine, const char *version_code)
{
	unsigned int version = version_of(version_code ? version_code : release);

	return (struct gives_kernel){
		.tier = strcmp(machine, "x86_64") ? 0 : tier_of(release, version),
		.version = version,
	};
}

/* ---- classes ------------------------------------------------------------------ */

enum layout_id gives_missing(const enum layout_id *facts, const struct layout *layout)
{
	while (*facts != LAYOUT_MAX && layout->facts[*facts].offset != LAYOUT_ABSENT)
		facts++;
	return *facts;
}

const struct class_source *gives_source(const struct event_needs *needs,
                                        const struct gives_kernel *kernel,
                                        const struct layout *layout, enum layout_id *ret_missing)
{
	const struct class_source *source;

	*ret_missing = LAYOUT_MAX;
	for (source = needs->sources; source->tiers; source++) {
		if (!(source->tiers & 1U << kernel->tier) || source->since > kernel->version)
			continue;
		*ret_missing = gives_missing(source->facts, layout);
		if (*ret_missing == LAYOUT_MAX)
			return source;
	}
	return NULL;
}

const struct class_unit *gives_unit_lacking(const struct class_unit *at,
                                            const struct layout *layout,
                                            const struct class_unit **ret_next,
                                            enum layout_id *ret_missing)
{
	const struct class_unit *last;
	bool usable;

	while (at->lacks) {
		usable = false;
		do {
			last = at++;
			*ret_missing = gives_missing(last->facts, layout);
			usable |= *ret_missing == LAYOUT_MAX;
		} while (at->lacks && at->fallback);
		*ret_next = at;
		if (!usable && *last->lacks)
			return last;
	}
	return NULL;
}

static bool fields_missing(const struct event_needs *needs, const struct layout *layout)
{
	const struct class_field *field;

	for (field = needs->fields; field->paths; field++)
		if (!*field->of && gives_missing(field->facts, layout) != LAYOUT_MAX)
			return true;
	return false;
}

enum gives_state gives_state(const struct event_needs *needs, const struct gives_kernel *kernel,
                             const struct layout *layout)
{
	const struct class_unit *next;
	enum layout_id missing;
	const struct class_source *source = gives_source(needs, kernel, layout, &missing);

	if (!source)
		return GIVES_NOTHING;
	if (gives_unit_lacking(source->units, layout, &next, &missing) ||
	    fields_missing(needs, layout))
		return GIVES_PARTS;
	return GIVES_ALL;
}
