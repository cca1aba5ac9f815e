/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/stream/cut.h"
#include "offsets/util/cleanup.h"

/* So many moments are tried at the beginning, and as many behind the middle. */
#define TRIED 8

/* Types have numbers below it. */
#define TYPES 32

/* A moment, and the time around it without an event. */
struct moment {
	uint64_t time_ns, gap_ns;
};

struct moments {
	struct moment list[TRIED]; /* the longest gaps, the longest one first */
	size_t count;
};

static bool counts(const struct cut_window *w, const struct stamp *s)
{
	size_t i;

	if (s->type >= TYPES || !(w->types & (1U << s->type)) || s->time_ns < w->begin_ns ||
	    s->time_ns >= w->end_ns)
		return false;
	for (i = 0; i < w->own_count; i++)
		if (s->pid && s->pid == w->own[i])
			return false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct stamp *a = left, *b = right;

	return a->time_ns < b->time_ns ? -1 : a->time_ns > b->time_ns;
}

static void prepare(const struct cut_window *w, struct stamps *s)
{
	size_t i, count = 0;

	for (i = 0; i < s->count; i++)
		if (counts(w, &s->list[i]))
			s->list[count++] = s->list[i];
	s->count = count;
	if (count)
		qsort(s->list, count, sizeof(*s->list), compare);
}

static void moment_add(struct moments *m, uint64_t begin_ns, uint64_t end_ns)
{
	const struct moment new = { begin_ns + (end_ns - begin_ns) / 2, end_ns - begin_ns };
	size_t at = m->count < TRIED ? m->count++ : TRIED;

	for (; at && m->list[at - 1].gap_ns < new.gap_ns; at--)
		if (at < TRIED)
			m->list[at] = m->list[at - 1];
	if (at < TRIED)
		m->list[at] = new;
}

/* The longest gaps of a part of the window, in what both saw; all: sorted. */
static void moments_find(const struct stamps *all, uint64_t begin_ns, uint64_t end_ns,
                         struct moments *ret)
{
	uint64_t last = begin_ns;
	size_t i;

	ret->count = 0;
	for (i = 0; i < all->count && all->list[i].time_ns < end_ns; i++) {
		if (all->list[i].time_ns < begin_ns)
			continue;
		moment_add(ret, last, all->list[i].time_ns);
		last = all->list[i].time_ns;
	}
	moment_add(ret, last, end_ns);
}

static void types_count(const struct stamps *s, uint64_t begin_ns, uint64_t end_ns,
                        unsigned int ret[TYPES])
{
	size_t i;

	memset(ret, 0, TYPES * sizeof(*ret));
	for (i = 0; i < s->count; i++)
		if (s->list[i].time_ns >= begin_ns && s->list[i].time_ns < end_ns)
			ret[s->list[i].type]++;
}

static bool are_same(const struct stamps *older, const struct stamps *newer, uint64_t begin_ns,
                     uint64_t end_ns)
{
	unsigned int a[TYPES], b[TYPES];

	types_count(older, begin_ns, end_ns, a);
	types_count(newer, begin_ns, end_ns, b);
	return !memcmp(a, b, sizeof(a));
}

/* Between a moment of the first half and one of the second both have to have seen the same. */
static struct cut choose(const struct cut_window *w, const struct stamps *older,
                         const struct stamps *newer, const struct stamps *all)
{
	uint64_t middle_ns = w->begin_ns + (w->end_ns - w->begin_ns) / 2;
	struct moments first, second;
	size_t i, k;

	moments_find(all, w->begin_ns, middle_ns, &first);
	moments_find(all, middle_ns, w->end_ns, &second);
	for (i = 0; i < second.count; i++)
		for (k = 0; k < first.count; k++)
			if (are_same(older, newer, first.list[k].time_ns, second.list[i].time_ns))
				return (struct cut){ second.list[i].time_ns, true };
	return (struct cut){ second.list[0].time_ns, false };
}

int cut_find(const struct cut_window *w, struct stamps *older, struct stamps *newer,
             struct cut *ret)
{
	struct stamps all = { .count = 0 };
	CLEANUP(cleanup_free) void *memory = NULL;

	prepare(w, older);
	prepare(w, newer);
	memory = calloc(older->count + newer->count + 1, sizeof(*all.list));
	if (!memory)
		return -ENOMEM;
	all.list = memory;
	all.count = older->count + newer->count;
	if (older->count)
		memcpy(all.list, older->list, older->count * sizeof(*all.list));
	if (newer->count)
		memcpy(all.list + older->count, newer->list, newer->count * sizeof(*all.list));
	qsort(all.list, all.count, sizeof(*all.list), compare);
	*ret = choose(w, older, newer, &all);
	return 0;
}
