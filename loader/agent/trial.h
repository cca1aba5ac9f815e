/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 'check --try': the self-test with layouts of other kernels, one after the other.
 *
 * First exec and fork alone, which all other classes read by; they tell most layouts from
 * this kernel's. Programs stay loaded for the next layout as long as the same facts exist.
 * A layout by which both are right is then tested with all classes, by programs of its own.
 */
#ifndef LOADER_AGENT_TRIAL_H
#define LOADER_AGENT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/config/config.h"
#include "loader/host/candidates.h"
#include "loader/host/host.h"
#include "offsets/layout.h"

enum trial_verdict {
	TRIAL_PASSES,
	TRIAL_FAILS,     /* values differ, or events are missing that come with another layout */
	TRIAL_UNUSABLE,  /* it lacks facts without which the test proves too little, or programs do
	                  */
	TRIAL_UNDECIDED, /* events were lost each time: what failed proves nothing */
};

/* Of one layout. Sets of event classes: 1 << enum event_type. */
struct trial {
	const struct candidate *candidate; /* NULL: of none */
	enum trial_verdict verdict;
	unsigned int works;           /* attached */
	unsigned int passed;          /* their events are right */
	unsigned int differ, missing; /* they are wrong; they do not come */
	bool is_early;  /* some are missing by a source that had not reported with any layout yet */
	char text[512]; /* facts in question where events differ; why it is unusable */
	/* Where the layout passes: facts that the classes that work read by; of these, verified. */
	bool used[LAYOUT_MAX], verified[LAYOUT_MAX];
};

struct trials {
	struct trial *list; /* by candidate */
	size_t count;
	/*
	 * Covered classes that pass with any layout by which exec and fork are right: a layout
	 * passes if they all pass, and the events of no class differ.
	 */
	unsigned int reference;
};

/*
 * Tries all of them with the classes of config, exec and fork, and reports the progress.
 * The candidates must stay. When it returns nothing is attached. 0; -EINTR: a signal asked
 * for the end; -EPERM: no rights; -errno: the test could not be done. trials_free() takes a
 * zeroed struct.
 */
int trials_run(const struct config *config, const struct host *host,
               const struct candidates *candidates, struct trials *ret,
               struct offsets_error *error);
void trials_free(struct trials *trials);

/* Tries one more layout with all classes, against the same reference. As trials_run(). */
int trials_confirm(const struct config *config, const struct host *host,
                   const struct layout *layout, unsigned int reference, struct trial *ret,
                   struct offsets_error *error);

#endif
