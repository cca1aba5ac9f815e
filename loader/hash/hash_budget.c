/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>

#include "loader/hash/hash_budget.h"
#include "loader/util/monotonic.h"

#define SECOND_NS 1000000000ULL

static int64_t budget, left; /* bytes a second; those that may be read now, below 0: owed */
static uint64_t filled_ns;
static uint64_t taken[HASH_USERS], halved_ns;

void hash_budget_init(uint64_t bytes_a_second)
{
	size_t i;

	budget = left = bytes_a_second;
	filled_ns = halved_ns = clock_monotonic_ns();
	for (i = 0; i < HASH_USERS; i++)
		taken[i] = 0;
}

static void halve(uint64_t now)
{
	uint64_t seconds = (now - halved_ns) / SECOND_NS;
	size_t i;

	for (i = 0; seconds && i < HASH_USERS; i++)
		taken[i] = seconds < 64 ? taken[i] >> seconds : 0;
	halved_ns += seconds * SECOND_NS;
}

/* Up to the bytes of a second are saved. */
static void fill(void)
{
	uint64_t now = clock_monotonic_ns();
	double gained = (double)budget * (now - filled_ns) / SECOND_NS;

	halve(now);
	if (gained >= budget - left) {
		left = budget;
		filled_ns = now;
	} else {
		left += (int64_t)gained;
		filled_ns +=
			(double)(int64_t)gained * SECOND_NS / budget; /* a part of a byte stays */
	}
}

size_t hash_budget_user(uint32_t uid)
{
	return uid ? 1 + uid * 0x9e3779b1U % (HASH_USERS - 1) : 0; /* uids mixed */
}

void hash_budget_take(size_t user, uint64_t bytes)
{
	left -= (int64_t)bytes;
	taken[user] += bytes;
}

uint64_t hash_budget_taken(size_t user)
{
	return taken[user];
}

int hash_budget_wait_ms(void)
{
	double ms;

	fill();
	if (left > 0)
		return 0;
	ms = (1.0 - left) * 1000 / budget + 1;
	return ms < INT_MAX ? ms : INT_MAX;
}

bool hash_budget_may_owe(void)
{
	fill();
	return left > -budget;
}
