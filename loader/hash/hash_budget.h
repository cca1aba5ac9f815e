/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many bytes of files may be read: so many a second for all, of which those of each user are
 * counted, so that nobody who executes ever new files holds up the hashes of others. Users are told
 * apart by a part of their ids, as those of the rings' shares are.
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

/*
 * A small file may be read at once, also beyond the budget: of a user who has not taken a second's
 * bytes lately, while all together do not owe that.
 */
bool hash_budget_is_at_once(size_t user);

#endif
