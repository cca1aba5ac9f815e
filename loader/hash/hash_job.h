/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that is being read, and the requests that wait for its hash. */
#ifndef LOADER_HASH_HASH_JOB_H
#define LOADER_HASH_HASH_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/hash/hash_file.h"
#include "loader/hash/hash_wire.h"

struct hash_job;

/* Takes file->fd. pid: the process that has executed it. NULL: it cannot be read. */
struct hash_job *hash_job_new(const struct hash_file *file, uint32_t pid);

/* It is the same file, unchanged, and its hash is good for any process. */
bool hash_job_is_of(const struct hash_job *job, const struct stat *st);

/*
 * The request waits for it, by hash_budget_user(). False: too many wait; a user may have as many as
 * are free.
 */
bool hash_job_wait(struct hash_job *job, uint64_t id, size_t user);

/* Of the users who wait, the one who has taken the fewest bytes lately, and pays for it. */
size_t hash_job_user(const struct hash_job *job);

/* The bytes that are left. */
uint64_t hash_job_rest(const struct hash_job *job);

/* Reads a piece. True: that was the last one; all who wait are answered, and it is freed. */
bool hash_job_read(struct hash_job *job);

/* Ends it without a hash: all requests that wait are answered by the state, and it is freed. */
void hash_job_end(struct hash_job *job, enum hash_state state);

#endif
