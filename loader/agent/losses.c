/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/stream/fields.h"
#include "loader/agent/losses.h"

#define KINDS (EVENT_TYPES + 1)

struct losses {
	unsigned int cpus;
	bool is_new, is_due; /* some count is not 0 */
	uint64_t total[KINDS];
	struct {
		uint64_t is_new[KINDS]; /* not on standard error yet */
		uint64_t is_due[KINDS]; /* no event yet */
		uint64_t total[KINDS];
	} list[];
};

struct losses *losses_new(unsigned int cpus)
{
	struct losses *l = calloc(1, sizeof(*l) + cpus * sizeof(l->list[0]));

	if (l)
		l->cpus = cpus;
	return l;
}

void losses_free(struct losses *l)
{
	free(l);
}

void losses_add(struct losses *l, const struct loss *loss)
{
	unsigned int cpu = loss->cpu < l->cpus ? loss->cpu : l->cpus - 1;

	l->total[loss->type] += loss->count;
	l->list[cpu].total[loss->type] += loss->count;
	l->list[cpu].is_new[loss->type] += loss->count;
	l->list[cpu].is_due[loss->type] += loss->count;
	l->is_new = l->is_due = true;
}

static const char *what(enum event_type type)
{
	return type < EVENT_TYPES ? event_type_name(type) : "unknown";
}

bool losses_text(struct losses *l, char *ret, size_t size)
{
	unsigned int type, cpu;
	size_t used = 0;

	if (!l->is_new)
		return false;
	l->is_new = false;
	for (type = 0; type < KINDS; type++)
		for (cpu = 0; cpu < l->cpus; cpu++) {
			uint64_t count = l->list[cpu].is_new[type];

			l->list[cpu].is_new[type] = 0;
			if (count && used < size)
				used += snprintf(ret + used, size - used,
				                 "%s%" PRIu64 " %s events on CPU %u",
				                 used ? ", " : "", count, what(type), cpu);
		}
	return true;
}

bool losses_next(struct losses *l, struct loss *ret)
{
	unsigned int type, cpu;

	for (type = 0; l->is_due && type < KINDS; type++)
		for (cpu = 0; cpu < l->cpus; cpu++) {
			if (!l->list[cpu].is_due[type])
				continue;
			*ret = (struct loss){ type, cpu, l->list[cpu].is_due[type], NULL };
			l->list[cpu].is_due[type] = 0;
			return true;
		}
	l->is_due = false;
	return false;
}

uint64_t losses_total(const struct losses *l, enum event_type type)
{
	return l->total[type];
}

uint64_t losses_of_cpu(const struct losses *l, enum event_type type, unsigned int cpu)
{
	return l->list[cpu].total[type];
}

unsigned int losses_cpus(const struct losses *l)
{
	return l->cpus;
}
