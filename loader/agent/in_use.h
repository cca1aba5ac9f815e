/* SPDX-License-Identifier: BSD-2-Clause */
/* The facts that event classes read by, and those of them that the self-test verifies. */
#ifndef LOADER_AGENT_IN_USE_H
#define LOADER_AGENT_IN_USE_H

#include <stdbool.h>

#include "loader/bpf/probes.h"
#include "offsets/layout.h"

/*
 * Of the facts that the layout has: those that the classes (1 << enum event_type, with a
 * source each) read by, and of these the ones that the self-test verifies.
 */
void in_use_facts(const struct probes *probes, unsigned int classes, const struct layout *layout,
                  bool ret_used[LAYOUT_MAX], bool ret_verified[LAYOUT_MAX]);

#endif
