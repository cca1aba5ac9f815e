/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/trace_ring.h"

/* Each record has its size before it, and ends where the next one is aligned. */
struct trace_ring {
	char *bytes;
	size_t room;
	size_t begin, end; /* of the oldest record; behind the newest one */
	size_t edge;       /* behind the last record of those that do not begin at 0 again */
	record_fn on_drop;
	void *drop_arg;
	bool is_round; /* the newest records begin at 0, before the oldest one; else that does */
};

struct trace_ring *trace_ring_new(size_t bytes)
{
	struct trace_ring *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->room = bytes;
	r->bytes = malloc(bytes);
	if (r->bytes)
		return r;
	free(r);
	return NULL;
}

void trace_ring_free(struct trace_ring *r)
{
	if (!r)
		return;
	free(r->bytes);
	free(r);
}

void trace_ring_empty(struct trace_ring *r)
{
	r->begin = r->end = 0;
	r->is_round = false;
}

static size_t bytes_of(size_t size)
{
	return sizeof(uint64_t) + (size + 7) / 8 * 8;
}

static uint64_t size_at(const struct trace_ring *r, size_t at)
{
	uint64_t size;

	memcpy(&size, r->bytes + at, sizeof(size));
	return size;
}

void trace_ring_on_drop(struct trace_ring *r, record_fn fn, void *arg)
{
	r->on_drop = fn;
	r->drop_arg = arg;
}

static void oldest_drop(struct trace_ring *r)
{
	uint64_t size = size_at(r, r->begin);

	if (r->on_drop)
		r->on_drop(r->drop_arg, r->bytes + r->begin + sizeof(size), size);
	r->begin += bytes_of(size);
	if (r->begin == r->edge) {
		r->begin = 0;
		r->is_round = false;
	}
}

static void room_make(struct trace_ring *r, size_t needed)
{
	for (;;) {
		if (!r->is_round && r->room - r->end >= needed)
			return;
		if (!r->is_round) {
			r->edge = r->end;
			r->end = 0;
			r->is_round = true;
		}
		if (r->begin - r->end >= needed)
			return;
		oldest_drop(r);
	}
}

void trace_ring_put(struct trace_ring *r, const void *data, size_t size)
{
	const uint64_t bytes = size;

	room_make(r, bytes_of(size));
	memcpy(r->bytes + r->end, &bytes, sizeof(bytes));
	memcpy(r->bytes + r->end + sizeof(bytes), data, size);
	r->end += bytes_of(size);
}

static void part_each(const struct trace_ring *r, size_t begin, size_t end, record_fn fn, void *arg)
{
	size_t size;

	for (; begin < end; begin += bytes_of(size)) {
		size = size_at(r, begin);
		fn(arg, r->bytes + begin + sizeof(uint64_t), size);
	}
}

void trace_ring_each(const struct trace_ring *r, record_fn fn, void *arg)
{
	part_each(r, r->begin, r->is_round ? r->edge : r->end, fn, arg);
	if (r->is_round)
		part_each(r, 0, r->end, fn, arg);
}
