/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that only read the database. */
#ifndef LKCCB_CMD_READING_H
#define LKCCB_CMD_READING_H

#include "lkccb/cmd/options.h"
#include "offsets/offsets.h"

/* Opens --db, or reports why not. An exit code. */
int reading_open(const struct options *o, struct offsets **ret);

#endif
