/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that are being read, piece by piece between requests, and which is next. */
#ifndef LOADER_HASH_HASH_JOBS_H
#define LOADER_HASH_HASH_JOBS_H

#include "loader/hash/hash_file.h"
#include "loader/hash/hash_wire.h"

/* The request is answered: by the hash, or HASH_SOON, or why there is none. Takes file->fd. */
void hash_jobs_add(const struct hash_request *request, const struct hash_file *file);

/* Until hash_jobs_work() has something to do, in ms; 0: now, -1: for ever. */
int hash_jobs_wait_ms(void);

/*
 * If the budget allows, reads a piece of a file of the user who has had the fewest bytes lately; of
 * that user's the one with the fewest bytes left.
 */
void hash_jobs_work(void);

#endif
