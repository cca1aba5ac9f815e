/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the self-test covers. Of a class that it covers it does not verify all facts: one
 * counts as verified if the test fails where the fact is wrong by one member.
 */
#ifndef LOADER_VERIFY_COVERED_H
#define LOADER_VERIFY_COVERED_H

#include <stdbool.h>

#include "offsets/layout.h"

/* The event classes that it covers: 1 << enum event_type. */
unsigned int coverage_classes(void);

/*
 * Of the facts that these classes use, those that it verifies. by_functions: of these
 * classes, the ones that are reported by kprobes or fentry, which see more than
 * tracepoints.
 */
void coverage_verified(unsigned int classes, unsigned int by_functions, const bool used[LAYOUT_MAX],
                       bool ret[LAYOUT_MAX]);

/* Why it does not verify a fact, or only in some classes: a phrase; NULL: it does. */
const char *coverage_limit(enum layout_id fact);

/* Sets the facts that events of these classes are read by; the others stay. */
void coverage_used(unsigned int classes, bool facts[LAYOUT_MAX]);

#endif
