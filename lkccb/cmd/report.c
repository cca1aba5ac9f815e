/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "lkccb/cmd/report.h"
#include "offsets/util/escape.h"

int report(const struct offsets_error *error)
{
	fprintf(stderr, "lkccb: %s\n", error->text);
	return EXIT_FAILED;
}

int report_misuse(const char *format, ...)
{
	char cause[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	escape_print(stderr, "lkccb: %s; see 'lkccb --help'\n", cause);
	return EXIT_MISUSE;
}
