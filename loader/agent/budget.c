/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/agent/budget.h"
#include "probes/abi/maps.h"

/* How long a measurement takes. */
#define MEASURE_NS 3000000000ULL

/* After so many that were below three quarters of the budget a level is taken back, or two. */
#define CALM 2

_Static_assert(SHARE_BYTES >> BUDGET_LEVELS == SHARE_BYTES_MIN, "the last level is the least");

static void level_raise(struct budget *b)
{
	b->level += b->used > 2 * b->percent ? 2 : 1;
	if (b->level > BUDGET_LEVELS)
		b->level = BUDGET_LEVELS;
}

static void level_lower(struct budget *b)
{
	unsigned int levels = b->used * 4 < b->percent ? 2 : 1;

	b->level -= levels < b->level ? levels : b->level;
}

static void level_change(struct budget *b)
{
	b->calm = b->used * 4 < b->percent * 3 ? b->calm + 1 : 0;
	if (b->used > b->percent)
		level_raise(b);
	if (b->calm < CALM)
		return;
	b->calm = 0;
	level_lower(b);
}

void budget_look(struct budget *b, uint64_t now_ns, uint64_t cpu_ns)
{
	uint64_t passed = now_ns - b->begin_ns;

	if (b->begin_ns && passed < MEASURE_NS)
		return;
	if (b->begin_ns && cpu_ns >= b->begin_cpu_ns) {
		b->used = (cpu_ns - b->begin_cpu_ns) * 100 / passed;
		if (b->percent)
			level_change(b);
	}
	b->begin_ns = now_ns;
	b->begin_cpu_ns = cpu_ns;
}

uint32_t budget_share(const struct budget *b)
{
	return b->level ? SHARE_BYTES >> b->level : 0;
}

unsigned int budget_classes_twice(void)
{
	return 1U << EVENT_FILE | 1U << EVENT_EXEC_FAILED | 1U << EVENT_MEMFD |
	       1U << EVENT_PROCESS_ACCESS;
}

unsigned int budget_classes_four(void)
{
	return 1U << EVENT_EXEC | 1U << EVENT_CREDENTIALS | 1U << EVENT_NAMESPACES |
	       1U << EVENT_PTRACE | 1U << EVENT_BPF | 1U << EVENT_MODULE | 1U << EVENT_MOUNT |
	       1U << EVENT_CHROOT;
}
