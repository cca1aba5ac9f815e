/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of the self-test's workload against what the system says of it. */
#ifndef LOADER_VERIFY_COMPARE_H
#define LOADER_VERIFY_COMPARE_H

#include "loader/stream/decode.h"
#include "loader/verify/child.h"
#include "loader/verify/differences.h"
#include "loader/verify/own_actions.h"
#include "offsets/layout.h"

/* The events as the probes reported them, of each class the last one. */
struct sample {
	unsigned int seen; /* 1 << enum event_type of those that came */
	struct event exec, fork, exit, credentials, memfd, file, socket;
	char *argv; /* of exec; the caller's */
};

struct comparison {
	const struct sample *sample;
	const struct child *child;
	const struct own_actions *actions;
	const struct layout *layout;
	struct differences *differences;
};

/*
 * Compares these classes (1 << enum event_type). Returns the set of those of
 * which no event came, which counts as a difference.
 */
unsigned int compare_run(const struct comparison *comparison, unsigned int classes);

#endif
