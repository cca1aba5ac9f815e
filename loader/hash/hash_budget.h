/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many bytes of files may be read: so many a second for all, of which those of each user are
 * counted, so that nobody who executes ever new files holds up the hashes of others. Root is one
 * user. Others are distinguished by a hash of their ids, so that some of them are counted as one.
 */
#ifndef LOADER_HASH_HASH_BUDGET_H
#define LOADER_HASH_HASH_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_USERS 64

void hash_budget_init(uint64_t bytes_a_second);

/* Which of HASH_USERS the user is. */
size_t hash_budget_user(uint32_t uid);

void hash_budget_take(size_t user, uint64_t bytes);

/* What the user has taken lately: the bytes of a second ago count half, and so on. */
uint64_t hash_budget_taken(size_t user);

/* Until more may be read, in ms; 0: now. */
int hash_budget_wait_ms(void);

/* False: a second's bytes are owed, and nothing may be read beyond the budget. */
bool hash_budget_may_owe(void);

#endif
