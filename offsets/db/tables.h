/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: the tables and indices of a kernels.db, and whether a file has exactly these.
 */
#ifndef OFFSETS_DB_TABLES_H
#define OFFSETS_DB_TABLES_H

#include "offsets/db/store.h"

#define SCHEMA_HEADER_BYTES 512 /* the smallest page */

/* Before SQLite reads it: so few objects in the schema, in one page, cannot take long. */
int schema_header_check(struct offsets *o, const unsigned char *header, size_t size,
                        struct offsets_error *e);

/* Exactly our tables and indices: no view, no trigger, no foreign expression. */
int schema_check(struct offsets *o, struct offsets_error *e);

int schema_make(struct offsets *o, struct offsets_error *e);

#endif
