/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_join.h"

#define ROWS CALLS_PENDING /* more threads in calls the kernel side does not keep, either */
#define NEAR 16            /* rows in which a thread's call may be */

struct call_join {
	struct call_record *rows[ROWS]; /* of calls that have begun; NULL: free */
	/* What was handed out last and is in no row any more. */
	struct call_record *given, *given_exec;
};

struct call_join *call_join_new(void)
{
	return calloc(1, sizeof(struct call_join));
}

void call_join_free(struct call_join *join)
{
	size_t i;

	if (!join)
		return;
	for (i = 0; i < ROWS; i++)
		free(join->rows[i]);
	free(join->given);
	free(join->given_exec);
	free(join);
}

/* The row of a thread; else a free one, or that of the call that began first: it may never return.
 */
static struct call_record **row_find(struct call_join *join, uint32_t tid)
{
	struct call_record **best = NULL, **row;
	unsigned int i;

	for (i = 0; i < NEAR; i++) {
		row = &join->rows[(tid + i) & (ROWS - 1)];
		if (*row && (*row)->process.tid == tid)
			return row;
		if (!best || (*best && (!*row || (*row)->began_ns < (*best)->began_ns)))
			best = row;
	}
	return best;
}

static bool is_of(const struct call_record *begins, const struct call_record *returns)
{
	return begins && begins->process.pid == returns->process.pid &&
	       begins->began_ns == returns->began_ns && begins->number == returns->number;
}

/*
 * A thread that executes a program takes the id of the first one: its call is in the row of the
 * id that it had. NULL: there is none.
 */
static struct call_record **exec_find(struct call_join *join, const struct call *call,
                                      const struct call_record *returns)
{
	size_t i;

	if (returns->result || returns->process.tid != returns->process.pid || !call_is_exec(call))
		return NULL;
	for (i = 0; i < ROWS; i++)
		if (is_of(join->rows[i], returns))
			return &join->rows[i];
	return NULL;
}

/* Takes the call out of its row; it is valid until the next one of the kind is given. */
static const struct call_record *give(struct call_record **given, struct call_record **row)
{
	free(*given);
	*given = *row;
	*row = NULL;
	return *given;
}

static void seen_set(struct call_seen *ret, const struct call_record *begins)
{
	*ret = (struct call_seen){ .call = call_by_number(begins->abi, begins->number),
		                   .begins = begins };
}

void call_join_take(struct call_join *join, const struct call_record *record, size_t size,
                    struct call_seen *ret, struct call_seen *ret_left)
{
	struct call_record **row = row_find(join, record->process.tid), **exec;
	bool is_return = record->header.type != CALL_BEGINS;
	const struct call_record *own;

	*ret = *ret_left = (struct call_seen){ 0 };
	ret->call = call_by_number(record->abi, record->number);
	if (is_return)
		ret->returns = record;
	else
		ret->begins = record;
	/* A return without an entry leaves the call of another thread where it is. */
	if (!is_return || (*row && (*row)->process.tid == record->process.tid)) {
		own = give(&join->given, row);
		if (is_return && is_of(own, record))
			ret->begins = own;
		else if (own)
			seen_set(ret_left, own);
	}
	exec = is_return && !ret->begins ? exec_find(join, ret->call, record) : NULL;
	if (exec)
		ret->begins = give(&join->given_exec, exec);
	if (is_return || call_never_returns(ret->call))
		return;
	*row = malloc(size);
	if (*row)
		memcpy(*row, record, size);
}

void call_join_left(struct call_join *join, void (*fn)(void *arg, const struct call_seen *seen),
                    void *arg)
{
	struct call_seen seen;
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (!join->rows[i])
			continue;
		seen_set(&seen, join->rows[i]);
		fn(arg, &seen);
	}
}
