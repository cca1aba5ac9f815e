/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_join.h"

#define ROWS 4096 /* a power of two */
#define NEAR 16   /* rows in which a thread's call may be */

struct call_join {
	struct call_record *rows[ROWS]; /* of calls that have begun; NULL: free */
	struct call_record *given;      /* what was handed out last and is in no row any more */
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

static void seen_set(struct call_seen *ret, const struct call_record *begins)
{
	*ret = (struct call_seen){ .call = call_by_number(begins->abi, begins->number),
		                   .begins = begins };
}

void call_join_take(struct call_join *join, const struct call_record *record, size_t size,
                    struct call_seen *ret, struct call_seen *ret_left)
{
	struct call_record **row = row_find(join, record->process.tid);
	bool is_return = record->header.type != CALL_BEGINS;

	*ret = *ret_left = (struct call_seen){ 0 };
	ret->call = call_by_number(record->abi, record->number);
	if (is_return)
		ret->returns = record;
	else
		ret->begins = record;
	/* A return without an entry leaves the call of another thread where it is. */
	if (!is_return || (*row && (*row)->process.tid == record->process.tid)) {
		free(join->given);
		join->given = *row;
		*row = NULL;
		if (is_return && join->given->began_ns == record->began_ns &&
		    join->given->number == record->number)
			ret->begins = join->given;
		else if (join->given)
			seen_set(ret_left, join->given);
	}
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
