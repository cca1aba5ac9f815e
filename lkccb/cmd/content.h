/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a database says, without how SQLite stores it: digests of its text form, which
 * are equal where the entries are, whatever version of SQLite wrote the file.
 */
#ifndef LKCCB_CMD_CONTENT_H
#define LKCCB_CMD_CONTENT_H

#include "lkccb/io/digest.h"
#include "offsets/offsets.h"

/* SHA-256 of what 'lkccb export' prints. 0 or -errno. */
int content_digest(struct offsets *db, char ret[SHA256_HEX + 1], struct offsets_error *error);

/* SHA-256 of one entry, as text. 0 or -errno. */
int content_entry(const struct offsets_kernel *kernel, char ret[SHA256_HEX + 1]);

/* The same of what says which kernel it is: only one entry of a database has it. 0 or -errno. */
int content_identity(const struct offsets_kernel *kernel, char ret[SHA256_HEX + 1]);

#endif
