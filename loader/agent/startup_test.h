/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test at the start, repeated until each class works or is disabled. */
#ifndef LOADER_AGENT_STARTUP_TEST_H
#define LOADER_AGENT_STARTUP_TEST_H

#include "loader/agent/programs.h"
#include "loader/agent/records.h"
#include "loader/verify/selftest.h"

/* What all other classes read by: each event names its process and the parent of that. */
#define ENTRY_PROVERS (1U << EVENT_EXEC | 1U << EVENT_FORK)

/* Sets of event classes: 1 << enum event_type. */
struct startup_result {
	unsigned int works;  /* attached, and not disabled by the test */
	unsigned int passed; /* of these, the ones that the test covers */
	unsigned int failed; /* disabled by the test */
	bool lost; /* events were lost in its last run: what did not come may be among them */
};

/*
 * A class of which no event came takes its next source, and the test is repeated;
 * so it is where events were lost meanwhile. What differs in the end is reported,
 * and its class is disabled. Where exec or fork have wrong values, the kernel entry
 * is another kernel's, and EXIT_REFUSED is returned: other classes read by the same
 * facts, and most are not tested. An exec or fork that did not come proves nothing
 * about the facts, nor does what stat() alone says of a file system.
 *
 * Returns EXIT_DONE; EXIT_FAILED: the test could not be done, or another enum
 * exit_code, and *error says why.
 */
int startup_test(struct programs *programs, struct records *records, struct startup_result *ret,
                 struct offsets_error *error);

/* What the test says of a layout that may be another kernel's. */
struct startup_trial {
	struct selftest_result result;
	bool lost;       /* also in the last run: what failed there proves nothing */
	char facts[256]; /* in question where values differ: selftest_facts() */
};

/*
 * The same test for 'check --try': it reports nothing, and a value that differs ends it.
 * reached: classes of which events came by the source in use with another layout
 * (1 << enum event_type); of one of these a missing event is asked for once more, and no
 * other source. 0 or -errno: the test could not be done.
 */
int startup_try(struct programs *programs, struct records *records, unsigned int reached,
                struct startup_trial *ret, struct offsets_error *error);

#endif
