/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside liboffsets: an SQLite journal beside the file. We make none, but earlier
 * versions and other programs do; with one, the file alone is incomplete. SQLite
 * must not read a foreign journal: it can make SQLite remove any file.
 */
#ifndef OFFSETS_DB_JOURNAL_H
#define OFFSETS_DB_JOURNAL_H

#include "offsets/db/store.h"

/* -EBUSY: there is a journal. */
int journal_check(struct offsets *o, struct offsets_error *e);

/* Lets SQLite roll it back, if trusted users wrote both files. */
int journal_play(struct offsets *o, struct offsets_error *e);

#endif
