/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit codes of sextant. Other programs rely on them: docs/sextant.8 and --help list them. */
#ifndef LOADER_UTIL_EXIT_H
#define LOADER_UTIL_EXIT_H

#include <errno.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* at run time: output, database, system, events lost in the self-test */
	EXIT_MISUSE = 2, /* wrong usage */
	EXIT_NO_OFFSETS = 3, /* the database has no entry for this kernel, which has no BTF */
	/*
	 * The self-test of exec, fork or all classes failed; or the database is not one that
	 * --db-key allows. check --try: no layout is proven.
	 */
	EXIT_REFUSED = 4,
	EXIT_NO_PROBES = 5, /* no rights, or the kernel accepts none of the programs */
	EXIT_DEGRADED = 6,  /* check: some event classes would not work */
	EXIT_MISSING = 7,   /* run: an event class of --require does not work */
};

/* What choice_make() returned, if not 0. */
static inline enum exit_code exit_of_choice(int err)
{
	return err == -ENOENT ? EXIT_NO_OFFSETS : err == -EKEYREJECTED ? EXIT_REFUSED : EXIT_FAILED;
}

#endif
