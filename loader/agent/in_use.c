/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/agent/in_use.h"
#include "loader/verify/covered.h"

/* Of these classes, those whose source is not a tracepoint. */
static unsigned int by_functions(const struct probes *probes, unsigned int classes)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type) &&
		    strstr(probes_class(probes, type)->method, "tracepoint"))
			classes &= ~(1U << type);
	return classes;
}

void in_use_facts(const struct probes *probes, unsigned int classes, const struct layout *layout,
                  bool ret_used[LAYOUT_MAX], bool ret_verified[LAYOUT_MAX])
{
	unsigned int type;
	size_t i;

	memset(ret_used, 0, LAYOUT_MAX * sizeof(*ret_used));
	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			probes_facts(probes, type, ret_used);
	coverage_used(classes, ret_used);
	for (i = 0; i < LAYOUT_MAX; i++)
		ret_used[i] &= layout->facts[i].offset != LAYOUT_ABSENT;
	coverage_verified(classes, by_functions(probes, classes), ret_used, ret_verified);
}
