/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/agent/shares.h"
#include "loader/util/log.h"
#include "probes/abi/maps.h"

/* So long after a ring was full there are shares. */
#define FULL_NS 10000000000ULL

/* Of a full ring no class has more than SHARE_BYTES, so that the others have the rest of it. */
static struct request_shares shares_wanted(const struct shares *s)
{
	uint32_t bytes = budget_share(&s->budget);

	if (!bytes)
		return (struct request_shares){ .bytes = s->is_full ? SHARE_BYTES : 0 };
	if (s->is_full && bytes > SHARE_BYTES / 4)
		bytes = SHARE_BYTES / 4;
	return (struct request_shares){ .bytes = bytes,
		                        .twice = budget_classes_twice(),
		                        .four = budget_classes_four(),
		                        .all = true };
}

static int shares_apply(struct shares *s, struct offsets_error *error)
{
	struct request_shares wanted = shares_wanted(s);

	if (!memcmp(&wanted, &s->in_force, sizeof(wanted)))
		return 0;
	s->in_force = wanted;
	return ask_shares(s->monitor, &wanted, error);
}

static void full_set(struct shares *s, bool is_full, enum log_level level, const char *what)
{
	if (is_full != s->is_full)
		log_line(level, "%s", what);
	s->is_full = is_full;
}

int shares_second(struct shares *s, uint64_t now_ns, bool is_lost, uint64_t cpu_ns,
                  struct offsets_error *error)
{
	if (is_lost) {
		s->full_ns = now_ns;
		full_set(s, true, LEVEL_WARNING,
		         "the rings have no room for events: each user but root has a share of the "
		         "rings until that ends");
	} else if (s->is_full && now_ns - s->full_ns >= FULL_NS) {
		full_set(s, false, LEVEL_INFO,
		         "the rings have room again: users have no shares of them any more");
	}
	budget_look(&s->budget, now_ns, cpu_ns);
	return shares_apply(s, error);
}

struct budget_report shares_report(const struct shares *s)
{
	return (struct budget_report){ .percent = s->budget.percent,
		                       .used = s->budget.used,
		                       .share_bytes = budget_share(&s->budget) };
}

int shares_pressure(struct shares *s, uint64_t now_ns, struct offsets_error *error)
{
	s->full_ns = now_ns;
	full_set(s, true, LEVEL_INFO,
	         "a ring is almost full: each user but root has a share of the rings until that "
	         "ends");
	return shares_apply(s, error);
}
