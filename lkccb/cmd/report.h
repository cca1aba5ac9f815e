/* SPDX-License-Identifier: BSD-2-Clause */
/* How commands end: exit codes, and messages on standard error. */
#ifndef LKCCB_CMD_REPORT_H
#define LKCCB_CMD_REPORT_H

#include "offsets/util/error.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* nothing was done */
	EXIT_MISUSE = 2,
	EXIT_DIFFERENT = 3, /* diff, merge and add, coverage: differences, conflicts, gaps */
	EXIT_PARTLY = 4,    /* add, sync: some inputs failed, the others are in the database */
};

/* The end of a noun after a number: "%zu kernel%s". */
#define PLURAL(number) ((number) == 1 ? "" : "s")

/* Prints the line; EXIT_FAILED. */
int report(const struct offsets_error *error);

/* Prints "lkccb: CAUSE; see 'lkccb --help'"; EXIT_MISUSE. */
int report_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
