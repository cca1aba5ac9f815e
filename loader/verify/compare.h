/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of the self-test's workload against what the system says of it. */
#ifndef LOADER_VERIFY_COMPARE_H
#define LOADER_VERIFY_COMPARE_H

#include "loader/verify/comparison.h"

/*
 * Compares these classes (1 << enum event_type). Returns the set of those of
 * which no event came, which counts as a difference.
 */
unsigned int compare_run(const struct comparison *comparison, unsigned int classes);

#endif
