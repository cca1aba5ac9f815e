/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "loader/agent/processes.h"
#include "loader/util/monotonic.h"

/* After a loss: so long without another one, until /proc is read again. */
#define CALM_NS 1000000000ULL

int processes_init(struct processes *p, unsigned int cpus, struct offsets_error *error)
{
	p->cpus = cpus;
	p->cache = cache_new();
	p->next_sequence = calloc(cpus, sizeof(*p->next_sequence));
	if (p->cache && p->next_sequence)
		return 0;
	return offsets_fail(error, -ENOMEM, "out of memory");
}

void processes_deinit(struct processes *p)
{
	cache_free(p->cache);
	free(p->next_sequence);
}

struct cache *processes_begin(struct processes *p, const struct settings *settings)
{
	const unsigned int needed = 1U << EVENT_EXEC | 1U << EVENT_FORK;

	p->lost_ns = 0;
	p->follows = !settings->filters && !(~settings->classes & needed);
	if (!p->follows)
		return NULL;
	cache_forget(p->cache);
	cache_seed(p->cache);
	return p->cache;
}

/* A gap in the numbers of a CPU is a loss: what the cache knows may be old. */
static void gap_look(struct processes *p, const struct event_header *header)
{
	uint64_t *next;

	if (header->cpu >= p->cpus)
		return;
	next = &p->next_sequence[header->cpu];
	if (*next && header->sequence != *next) {
		cache_forget(p->cache);
		p->lost_ns = clock_monotonic_ns();
	}
	*next = header->sequence + 1;
}

void processes_follow(struct processes *p, const struct event *ev)
{
	if (!p->follows)
		return;
	gap_look(p, &ev->header);
	cache_event(p->cache, ev);
}

bool processes_work(struct processes *p, uint64_t for_ns)
{
	return cache_work(p->cache, for_ns);
}

void processes_look(struct processes *p, uint64_t now_ns)
{
	if (!p->lost_ns || !p->follows || now_ns - p->lost_ns <= CALM_NS)
		return;
	cache_seed(p->cache);
	p->lost_ns = 0;
}

uint64_t processes_known(const struct processes *p)
{
	return cache_size(p->cache);
}

const struct cached *processes_find(struct processes *p, const struct event *ev)
{
	const struct process_ids *ids = &ev->head.process;

	return p->follows ? cache_find(p->cache, ids->pid, ids->start_boottime_ns) : NULL;
}

void processes_mark(struct processes *p, const struct event *exec, uint64_t marks)
{
	if (p->follows)
		cache_mark(p->cache, &exec->exec, marks);
}
