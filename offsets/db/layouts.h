/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: the table "layout". Kernels with equal facts share one entry of it. */
#ifndef OFFSETS_DB_LAYOUTS_H
#define OFFSETS_DB_LAYOUTS_H

#include "offsets/db/store.h"

/* The layout with the kernel's facts, which are sorted; it is made if there is none. */
int layouts_id(struct offsets *o, const struct offsets_kernel *kernel, sqlite3_int64 *ret,
               struct offsets_error *e);

/* Adds the facts of a layout, sorted. */
int layouts_read(struct offsets *o, sqlite3_int64 id, struct offsets_kernel *kernel,
                 struct offsets_error *e);

/* Forgets the layouts that were seen: they may be gone from the database. */
void layouts_forget(struct offsets *o);

#endif
