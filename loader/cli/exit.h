/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit codes of sextant, for fleet tools; documented in docs/sextant.8. */
#ifndef LOADER_EXIT_H
#define LOADER_EXIT_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,     /* at run time: output, database, system */
	EXIT_MISUSE = 2,     /* wrong usage */
	EXIT_NO_OFFSETS = 3, /* no row and no BTF for this kernel */
	EXIT_REFUSED = 4,    /* the self-check: the offsets are not this kernel's */
	EXIT_NO_PROBES = 5,  /* no rights, or the kernel takes none of the programs */
	EXIT_DEGRADED = 6,   /* check: some of the event classes would not work */
};

#endif
