/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/stream/fields.h"
#include "loader/agent/losses.h"

/* Classes, and hits of which the class is not known; each lost for want of room, or shed. */
#define CLASSES_LOST (EVENT_TYPES + 1)
#define KINDS        (2 * CLASSES_LOST)

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

static unsigned int kind_of(unsigned int type, bool is_shed)
{
	return 2 * type + is_shed;
}

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
	unsigned int kind = kind_of(loss->type, loss->is_shed);

	l->total[kind] += loss->count;
	l->list[cpu].total[kind] += loss->count;
	l->list[cpu].is_new[kind] += loss->count;
	l->list[cpu].is_due[kind] += loss->count;
	l->is_new = l->is_due = true;
}

static const char *what(unsigned int type)
{
	return type < EVENT_TYPES ? event_type_name(type) : "unknown";
}

bool losses_text(struct losses *l, char *ret, size_t size)
{
	unsigned int kind, cpu;
	size_t used = 0;

	if (!l->is_new)
		return false;
	l->is_new = false;
	for (kind = 0; kind < KINDS; kind++)
		for (cpu = 0; cpu < l->cpus; cpu++) {
			uint64_t count = l->list[cpu].is_new[kind];

			l->list[cpu].is_new[kind] = 0;
			if (count && used < size)
				used += snprintf(ret + used, size - used,
				                 "%s%" PRIu64 " %s events on CPU %u%s",
				                 used ? ", " : "", count, what(kind / 2), cpu,
				                 kind % 2 ? " (beyond a share)" : "");
		}
	return true;
}

bool losses_next(struct losses *l, struct loss *ret)
{
	unsigned int kind, cpu;

	for (kind = 0; l->is_due && kind < KINDS; kind++)
		for (cpu = 0; cpu < l->cpus; cpu++) {
			if (!l->list[cpu].is_due[kind])
				continue;
			*ret = (struct loss){ .type = kind / 2,
				              .cpu = cpu,
				              .count = l->list[cpu].is_due[kind],
				              .is_shed = kind % 2 };
			l->list[cpu].is_due[kind] = 0;
			return true;
		}
	l->is_due = false;
	return false;
}

uint64_t losses_total(const struct losses *l, enum event_type type)
{
	return l->total[kind_of(type, false)] + losses_shed(l, type);
}

uint64_t losses_shed(const struct losses *l, enum event_type type)
{
	return l->total[kind_of(type, true)];
}

uint64_t losses_all(const struct losses *l)
{
	uint64_t lost = 0;
	unsigned int kind;

	for (kind = 0; kind < KINDS; kind++)
		lost += l->total[kind];
	return lost;
}

uint64_t losses_of_cpu(const struct losses *l, enum event_type type, bool is_shed, unsigned int cpu)
{
	return l->list[cpu].total[kind_of(type, is_shed)];
}

unsigned int losses_cpus(const struct losses *l)
{
	return l->cpus;
}
