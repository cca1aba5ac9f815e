/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

struct held {
	uint64_t time_ns, sequence;
	uint32_t cpu, size;
	char *data;
};

struct order {
	struct held *held;
	size_t count, room;
};

struct order *order_new(void)
{
	return calloc(1, sizeof(struct order));
}

void order_free(struct order *o)
{
	if (!o)
		return;
	while (o->count)
		free(o->held[--o->count].data);
	free(o->held);
	free(o);
}

static int room_make(struct order *o)
{
	size_t room = o->room ? 2 * o->room : 64;
	struct held *held;

	if (o->count < o->room)
		return 0;
	held = realloc(o->held, room * sizeof(*held));
	if (!held)
		return -ENOMEM;
	o->held = held;
	o->room = room;
	return 0;
}

int order_add(struct order *o, const void *data, size_t size)
{
	struct event_header header = { 0 }; /* of what has none: it goes first */
	char *copy;

	if (size >= sizeof(header))
		memcpy(&header, data, sizeof(header));
	if (room_make(o))
		return -ENOMEM;
	copy = malloc(size ? size : 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size);
	o->held[o->count++] =
		(struct held){ header.time_ns, header.sequence, header.cpu, size, copy };
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct held *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

void order_flush(struct order *o, uint64_t until_ns, record_fn record, void *arg)
{
	size_t i;

	if (!o->count)
		return;
	qsort(o->held, o->count, sizeof(*o->held), compare);
	for (i = 0; i < o->count && o->held[i].time_ns <= until_ns; i++) {
		record(arg, o->held[i].data, o->held[i].size);
		free(o->held[i].data);
	}
	o->count -= i;
	memmove(o->held, o->held + i, o->count * sizeof(*o->held));
}
