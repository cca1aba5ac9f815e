/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/trace/trace_losses.h"
#include "loader/util/log.h"

static const struct {
	size_t offset; /* in struct call_counts */
	const char *what;
} losses[] = {
	{ offsetof(struct call_counts, lost), "records lost: a ring or the memory was full" },
	{ offsetof(struct call_counts, unkept),
	  "calls lost: another thread took their row of a map" },
	{ offsetof(struct call_counts, unpaired),
	  "calls lost: they returned in a thread that was in another call" },
	{ offsetof(struct call_counts, unfollowed), "processes are not followed: too many are" },
	{ offsetof(struct call_counts, beyond), "calls left out: more than --rate allows" },
	{ offsetof(struct call_counts, uncounted),
	  "calls are in no row of the summary: it has too many" },
};

#define LOSSES (sizeof(losses) / sizeof(losses[0]))

static __u64 *count_of(struct call_counts *counts, size_t i)
{
	return (__u64 *)((char *)counts + losses[i].offset);
}

struct call_counts trace_losses_since(const struct call_counts *before,
                                      const struct call_counts *now)
{
	struct call_counts since = { 0 }, was = *before, is = *now;
	size_t i;

	for (i = 0; i < LOSSES; i++)
		*count_of(&since, i) = *count_of(&is, i) - *count_of(&was, i);
	return since;
}

bool trace_losses_say(const struct call_counts *since)
{
	struct call_counts counts = *since;
	bool any = false;
	size_t i;

	for (i = 0; i < LOSSES; i++) {
		if (!*count_of(&counts, i))
			continue;
		log_line(LEVEL_WARNING, "%llu %s", *count_of(&counts, i), losses[i].what);
		any = true;
	}
	return any;
}
