/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings -> parts -> order -> who takes the records. */
#include <stdlib.h>
#include <string.h>

#include "loader/bpf/reader.h"
#include "loader/bpf/rings.h"
#include "loader/host/clock.h"
#include "loader/stream/order.h"
#include "loader/stream/parts.h"

/* Records that are kept until somebody takes them; beyond that they stay in the rings. */
#define HELD_BYTES (4 << 20)

/* The parts of an exec are sent within one run of a program. */
#define PARTS_DEADLINE_NS 1000000000ULL

/* A program puts its record into the ring within this time after it read the clock. */
#define RUN_NS 5000000ULL

/* What was read, by event_header.cpu. */
struct read_row {
	uint64_t read[EVENT_TYPES];
	uint64_t taken, taken_before; /* records of its ring: now, at the last reader_renew() */
};

struct reader {
	struct probes_use use;
	struct parts *parts;
	struct order *order;
	struct rings *rings; /* NULL: not open */
	bool all_read;       /* nothing was left in the rings */
	uint64_t hold_ns;    /* reader_hold() */
	unsigned int cpus, row_count;
	struct read_row rows[];
};

struct reader *reader_new(unsigned int cpus)
{
	/* CPUs, flows, and programs by fentry, which have numbers of their own. */
	unsigned int rows = 2 * cpus + 1;
	struct reader *r = calloc(1, sizeof(*r) + rows * sizeof(r->rows[0]));

	if (!r)
		return NULL;
	r->hold_ns = UINT64_MAX;
	r->cpus = cpus;
	r->row_count = rows;
	r->parts = parts_new(cpus);
	r->order = order_new();
	if (r->parts && r->order)
		return r;
	reader_free(r);
	return NULL;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	reader_close(r);
	parts_free(r->parts);
	order_free(r->order);
	free(r);
}

/* ---- records ---------------------------------------------------------- */

void reader_deliver(struct reader *r, const void *data, size_t size)
{
	r->use.record(r->use.arg, data, size);
}

bool reader_room(const struct reader *r)
{
	return !r->use.room || r->use.room(r->use.arg);
}

/* Without memory the order is given up, not the record. */
static void record_keep(void *arg, const void *data, size_t size)
{
	struct reader *r = arg;

	if (order_add(r->order, data, size))
		reader_deliver(r, data, size);
}

/* Events that came in parts count with their first one. */
static void record_count(struct reader *r, const void *data, size_t size)
{
	struct event_header header;
	unsigned int type;

	if (size < sizeof(header))
		return;
	memcpy(&header, data, sizeof(header));
	type = header.type == PART_EXEC    ? EVENT_EXEC
	       : header.type == PART_MOUNT ? EVENT_MOUNT
	                                   : header.type;
	if (type < EVENT_TYPES && header.cpu < r->row_count)
		r->rows[header.cpu].read[type]++;
}

static void ring_record(void *arg, unsigned int cpu, const void *data, size_t size)
{
	struct reader *r = arg;

	if (cpu < r->cpus)
		r->rows[cpu].taken++;
	record_count(r, data, size);
	parts_take(r->parts, cpu, data, size, record_keep, r);
}

/* Nobody takes the events: the rest stays in the rings, where what is too much is counted. */
static bool rings_held(void *arg)
{
	const struct reader *r = arg;

	return order_size(r->order) > HELD_BYTES;
}

/* ---- rings ------------------------------------------------------------ */

int reader_open(struct reader *r, const struct kernel_side *kernel, void *kernel_arg,
                const struct probes_use *use, struct offsets_error *error)
{
	const struct rings_use rings_use = { .open = kernel->ring,
		                             .open_arg = kernel_arg,
		                             .record = ring_record,
		                             .full = rings_held,
		                             .arg = r };

	r->use = *use;
	memset(r->rows, 0, r->row_count * sizeof(r->rows[0]));
	return rings_open(r->cpus, &rings_use, &r->rings, error);
}

void reader_open_by(struct reader *r, const struct kernel_side *kernel, void *kernel_arg)
{
	rings_open_by(r->rings, kernel->ring, kernel_arg);
}

void reader_fds(const struct reader *r, void (*fn)(void *arg, int fd), void *arg)
{
	rings_fds(r->rings, fn, arg);
}

void reader_close(struct reader *r)
{
	rings_close(r->rings);
	r->rings = NULL;
}

int reader_fd(const struct reader *r)
{
	return rings_fd(r->rings);
}

bool reader_unread(const struct reader *r)
{
	return !r->all_read;
}

void reader_hold(struct reader *r, uint64_t from_ns)
{
	r->hold_ns = from_ns;
}

int reader_stamps(const struct reader *r, uint64_t begin_ns, uint64_t end_ns, struct stamps *ret)
{
	return order_stamps(r->order, begin_ns, end_ns, ret);
}

/* What is delivered now: up to that time. */
static uint64_t until(const struct reader *r, uint64_t now, bool to_the_end)
{
	uint64_t until_ns = to_the_end ? UINT64_MAX : now - RUN_NS;

	return until_ns < r->hold_ns ? until_ns : r->hold_ns - 1;
}

int reader_read(struct reader *r, bool to_the_end)
{
	uint64_t now = clock_monotonic_ns();
	bool all;
	int err;

	rings_follow(r->rings);
	err = rings_read(r->rings, &all);
	r->all_read = all;
	parts_expire(r->parts, now - PARTS_DEADLINE_NS, record_keep, r);
	order_flush(r->order, until(r, now, to_the_end), r->use.room, r->use.record, r->use.arg);
	return err;
}

bool reader_wait(const struct reader *r)
{
	return !r->all_read || order_size(r->order);
}

int reader_take(struct reader *r, bool *ret_all)
{
	return rings_read(r->rings, ret_all);
}

uint64_t reader_high(const struct reader *r)
{
	return rings_high(r->rings);
}

uint64_t reader_fill_take(struct reader *r)
{
	return rings_fill_take(r->rings);
}

size_t reader_held(const struct reader *r)
{
	return order_size(r->order);
}

uint64_t reader_incomplete(const struct reader *r)
{
	return parts_incomplete(r->parts);
}

uint64_t reader_read_count(const struct reader *r, unsigned int cpu, enum event_type type)
{
	return r->rows[cpu].read[type];
}

void reader_renew(struct reader *r, unsigned int cpu, bool should_have)
{
	struct read_row *row = &r->rows[cpu];

	if (should_have && row->taken == row->taken_before)
		rings_renew(r->rings, cpu);
	row->taken_before = row->taken;
}
