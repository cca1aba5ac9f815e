/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/stream/order.h"

struct held {
	uint64_t time_ns; /* not before that of the one before it on its CPU */
	uint64_t number;  /* of all that were added */
	uint32_t size;
	char *data;
};

struct order {
	struct held *held;
	size_t count, room;
	size_t size; /* bytes of all */
	bool sorted;
	uint64_t added;
	uint64_t *last_ns; /* by CPU */
	size_t cpus;
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
	free(o->last_ns);
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

/*
 * A ring is in the order of its events; the clock that programs may ask can go
 * back a little (ktime_get_mono_fast_ns()), also on one CPU: seen on RHEL7, 4.19.
 */
static int time_on_cpu(struct order *o, uint32_t cpu, uint64_t *time_ns)
{
	uint64_t *last;

	if (cpu >= o->cpus) {
		last = realloc(o->last_ns, (cpu + 1) * sizeof(*last));
		if (!last)
			return -ENOMEM;
		memset(last + o->cpus, 0, (cpu + 1 - o->cpus) * sizeof(*last));
		o->last_ns = last;
		o->cpus = cpu + 1;
	}
	last = &o->last_ns[cpu];
	if (*time_ns < *last)
		*time_ns = *last;
	*last = *time_ns;
	return 0;
}

int order_add(struct order *o, const void *data, size_t size)
{
	struct event_header header = { 0 }; /* of what has none: it goes first */
	uint64_t time_ns = 0;
	char *copy;

	if (room_make(o))
		return -ENOMEM;
	if (size >= sizeof(header)) {
		memcpy(&header, data, sizeof(header));
		time_ns = header.time_ns;
		if (time_on_cpu(o, header.cpu, &time_ns))
			return -ENOMEM;
	}
	copy = malloc(size ? size : 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size);
	if (size >= sizeof(header)) {
		header.time_ns = time_ns; /* so that who sorts by it has our order */
		memcpy(copy, &header, sizeof(header));
	}
	o->held[o->count++] = (struct held){ time_ns, o->added++, size, copy };
	o->size += size;
	o->sorted = false;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct held *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

size_t order_size(const struct order *o)
{
	return o->size;
}

void order_flush(struct order *o, uint64_t until_ns, order_room_fn room, record_fn record,
                 void *arg)
{
	size_t i;

	if (!o->count)
		return;
	if (!o->sorted)
		qsort(o->held, o->count, sizeof(*o->held), compare);
	o->sorted = true;
	for (i = 0; i < o->count && o->held[i].time_ns <= until_ns && (!room || room(arg)); i++) {
		record(arg, o->held[i].data, o->held[i].size);
		o->size -= o->held[i].size;
		free(o->held[i].data);
	}
	o->count -= i;
	memmove(o->held, o->held + i, o->count * sizeof(*o->held));
}
