/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the trials prove about this kernel, and the kernel entry that follows from it.
 *
 * It is proven only if all layouts that pass agree on every fact in use that they have: the
 * self-test does not notice every wrong fact, so it cannot decide between two that pass. The
 * entry has the facts on which they agree. A fact that some of them lack is kept if the
 * self-test verified it, else left out, as are those not in use in which they differ: the
 * fields that need it are null, not wrong.
 */
#ifndef LOADER_AGENT_PROOF_H
#define LOADER_AGENT_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/agent/trial.h"

enum proof_outcome {
	PROOF_FOUND,
	PROOF_NONE,         /* no layout passes */
	PROOF_CONTRADICTED, /* layouts that pass differ in a fact that is used */
	PROOF_UNDECIDED,    /* with a layout, events were lost each time */
	PROOF_UNCONFIRMED,  /* the facts on which all agree do not pass by themselves */
};

struct proof {
	enum proof_outcome outcome;
	size_t passing; /* layouts that pass */
	/* Facts in use with any of these; of them, those that the self-test verified. */
	bool used[LAYOUT_MAX], verified[LAYOUT_MAX];
	bool differing[LAYOUT_MAX]; /* facts in use in which they differ */
	bool left_out[LAYOUT_MAX];  /* facts that any of these has and the entry has not */
	unsigned int works;         /* PROOF_FOUND: classes that work: 1 << enum event_type */
	struct offsets_kernel *row; /* PROOF_FOUND: the entry; else NULL */
};

/* "proven" */
const char *proof_outcome_text(enum proof_outcome outcome);

/*
 * Judges the trials; if the entry has not the facts of a layout that was tried, tries it as
 * well. 0 or -errno, as trials_run(). proof_deinit() takes a zeroed struct.
 */
int proof_make(const struct config *config, const struct host *host, const struct trials *trials,
               struct proof *ret, struct offsets_error *error);
void proof_deinit(struct proof *proof);

#endif
