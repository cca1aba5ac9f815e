/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/agent/in_use.h"
#include "loader/verify/covered.h"

void in_use_facts(const struct probes *probes, unsigned int classes, const struct layout *layout,
                  bool ret_used[LAYOUT_MAX], bool ret_verified[LAYOUT_MAX])
{
	unsigned int type;
	size_t i;

	memset(ret_used, 0, LAYOUT_MAX * sizeof(*ret_used));
	memset(ret_verified, 0, LAYOUT_MAX * sizeof(*ret_verified));
	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			probes_facts(probes, type, ret_used);
	coverage_used(classes, ret_used);
	coverage_verified(classes, ret_verified);
	for (i = 0; i < LAYOUT_MAX; i++) {
		ret_used[i] &= layout->facts[i].offset != LAYOUT_ABSENT;
		ret_verified[i] &= ret_used[i];
	}
}
