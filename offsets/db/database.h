/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what finish.c needs of database.c to write a new database. */
#ifndef OFFSETS_DB_DATABASE_H
#define OFFSETS_DB_DATABASE_H

#include "offsets/db/store.h"

/* A handle that is not open yet; NULL: no memory. offsets_close() frees it. */
struct offsets *database_new(const char *path, bool writable);

/* Commits in memory: the file is as it was. */
int database_commit(struct offsets *o, struct offsets_error *e);

/* Writes the bytes of a database into a new file, which replaces the one of o. */
int database_replace(struct offsets *o, const struct onefile *file, struct offsets_error *e);

#endif
