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

/* Sets the facts that it verifies where these classes are attached; the others stay. */
void coverage_verified(unsigned int classes, bool facts[LAYOUT_MAX]);

/* Sets the facts that events of these classes are read by; the others stay. */
void coverage_used(unsigned int classes, bool facts[LAYOUT_MAX]);

#endif
