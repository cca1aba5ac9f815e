/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/stream/order.h"

/* Bytes that are taken from the kernel at once. */
#define BLOCK_BYTES (256U << 10)

/* Of records, for which memory is kept while there are none. */
#define ROOM_KEPT 1024

/*
 * Where records lie, one after the other: an allocation for each would cost time, and after a
 * burst what stays in use between them would keep the memory of all.
 */
struct block {
	_Alignas(16) size_t size; /* bytes, with this structure */
	size_t used;
	size_t count; /* records in it */
};

struct held {
	uint64_t time_ns; /* not before that of the one before it on its CPU */
	uint64_t number;  /* of all that were added */
	uint32_t size;
	struct block *block;
	char *data;
};

struct order {
	struct held *held;
	size_t count, room;
	size_t size;          /* bytes of all */
	struct block *filled; /* the one that takes records; NULL: none */
	bool sorted;
	uint64_t added;
	uint64_t *last_ns; /* by CPU */
	size_t cpus;
};

/* ---- memory ----------------------------------------------------------- */

static struct block *block_new(size_t record)
{
	size_t need = sizeof(struct block) + record;
	size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;
	struct block *b =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED)
		return NULL;
	b->size = size;
	b->used = sizeof(*b);
	return b;
}

/* The one that is filled is used again, but for a large one: it may never be filled. */
static void record_free(struct order *o, const struct held *held)
{
	struct block *b = held->block;

	o->size -= held->size;
	if (--b->count)
		return;
	if (b == o->filled && b->size == BLOCK_BYTES) {
		b->used = sizeof(*b);
		return;
	}
	if (b == o->filled)
		o->filled = NULL;
	munmap(b, b->size);
}

/* Of size bytes; NULL: out of memory. */
static char *record_new(struct order *o, size_t size, struct block **ret)
{
	size_t need = (size + 15) & ~(size_t)15; /* aligned as malloc() does */
	struct block *b = o->filled;
	char *data;

	if (!b || b->size - b->used < need) {
		b = block_new(need);
		if (!b)
			return NULL;
		if (o->filled && !o->filled->count)
			munmap(o->filled, o->filled->size);
		o->filled = b;
	}
	data = (char *)b + b->used;
	b->used += need;
	b->count++;
	*ret = b;
	return data;
}

/* ---- records ---------------------------------------------------------- */

struct order *order_new(void)
{
	return calloc(1, sizeof(struct order));
}

void order_free(struct order *o)
{
	if (!o)
		return;
	while (o->count)
		record_free(o, &o->held[--o->count]);
	if (o->filled)
		munmap(o->filled, o->filled->size);
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
	struct block *block;
	char *copy;

	if (room_make(o))
		return -ENOMEM;
	if (size >= sizeof(header)) {
		memcpy(&header, data, sizeof(header));
		time_ns = header.time_ns;
		if (time_on_cpu(o, header.cpu, &time_ns))
			return -ENOMEM;
	}
	copy = record_new(o, size, &block);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size);
	if (size >= sizeof(header)) {
		header.time_ns = time_ns; /* so that who sorts by it has our order */
		memcpy(copy, &header, sizeof(header));
	}
	o->held[o->count++] = (struct held){ time_ns, o->added++, size, block, copy };
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
		record_free(o, &o->held[i]);
	}
	o->count -= i;
	memmove(o->held, o->held + i, o->count * sizeof(*o->held));
	if (!o->count && o->room > ROOM_KEPT) {
		free(o->held);
		o->held = NULL;
		o->room = 0;
	}
}

/* What is shorter than what each event begins with has no process. */
static struct stamp stamp_of(const struct held *held)
{
	struct event_head head = { .process.pid = 0 };

	memcpy(&head, held->data, held->size < sizeof(head) ? held->size : sizeof(head));
	return (struct stamp){ held->time_ns, head.header.type, head.process.pid };
}

int order_stamps(const struct order *o, uint64_t begin_ns, uint64_t end_ns, struct stamps *ret)
{
	size_t i;

	*ret = (struct stamps){ malloc((o->count + 1) * sizeof(*ret->list)), 0 };
	if (!ret->list)
		return -ENOMEM;
	for (i = 0; i < o->count; i++)
		if (o->held[i].time_ns >= begin_ns && o->held[i].time_ns < end_ns)
			ret->list[ret->count++] = stamp_of(&o->held[i]);
	return 0;
}
