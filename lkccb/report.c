/* SPDX-License-Identifier: BSD-2-Clause */
/* What all commands do alike. */
#include <stdio.h>

#include "lkccb.h"

int report(const struct offsets_error *error)
{
	fprintf(stderr, "lkccb: %s\n", error->text);
	return EXIT_FAILED;
}

int with_db(const struct options *o, struct offsets **ret)
{
	struct offsets_error error;

	return offsets_open(o->db, OFFSETS_READ, ret, &error) ? report(&error) : EXIT_DONE;
}
