/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit codes of sextant. Other programs rely on them: docs/sextant.8 and --help list them. */
#ifndef LOADER_AGENT_EXIT_H
#define LOADER_AGENT_EXIT_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,     /* at run time: output, database, system */
	EXIT_MISUSE = 2,     /* wrong usage */
	EXIT_NO_OFFSETS = 3, /* the database has no entry for this kernel, which has no BTF */
	/*
	 * The self-test of exec, fork or all classes failed, or was impossible. check --try: no
	 * layout is proven.
	 */
	EXIT_REFUSED = 4,
	EXIT_NO_PROBES = 5, /* no rights, or the kernel accepts none of the programs */
	EXIT_DEGRADED = 6,  /* check: some event classes would not work */
	EXIT_MISSING = 7,   /* run: an event class of --require does not work */
};

#endif
