/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a database comes from: writes what a run read, and compares a database with it. */
#ifndef LKCCB_CMD_PROVENANCE_H
#define LKCCB_CMD_PROVENANCE_H

#include "lkccb/cmd/options.h"
#include "lkccb/cmd/record.h"
#include "offsets/offsets.h"

/*
 * After a run that ended with code: writes the files that were asked for, unless it failed
 * as a whole. record may be NULL. Returns code, or EXIT_FAILED.
 */
int provenance_write(struct record *record, int code);

/*
 * Compares the database o->db, which is open as db, with the statement o->provenance; with
 * o->key also its signature. Each difference is a line on standard error, and counted in
 * *faults. 0, or -errno if the statement cannot be read.
 */
int provenance_verify(const struct options *o, struct offsets *db, size_t *faults,
                      struct offsets_error *error);

#endif
