/* SPDX-License-Identifier: BSD-2-Clause */
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

int reading_open(const struct options *o, struct offsets **ret)
{
	struct offsets_error error;

	return offsets_open(o->db, OFFSETS_READ, ret, &error) ? report(&error) : EXIT_DONE;
}
