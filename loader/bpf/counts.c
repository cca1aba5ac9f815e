/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters by CPU: rows 0 to cpus-1 of the CPUs, cpus of flows, then those of fentry. */
#include <stdlib.h>
#include <string.h>

#include "loader/bpf/counts.h"
#include "loader/bpf/flows.h"
#include "loader/bpf/sources.h"
#include "loader/host/clock.h"

/* What was reported as lost, of a row. */
struct reported {
	uint64_t lost[EVENT_TYPES], unsent[EVENT_TYPES], shed[EVENT_TYPES];
};

struct counts {
	struct reader *reader;
	const struct kernel_side *kernel;
	void *kernel_arg;
	unsigned int groups; /* enum map_group */
	struct flows flows;
	uint64_t flows_reported, connections_reported; /* as lost */
	uint64_t connections_adopted;
	unsigned int cpus, row_count;
	struct counters *counters; /* as last read; by event_header.cpu */
	struct reported *reported; /* the same */
};

static void flow_record(void *arg, const void *data, size_t size)
{
	struct counts *c = arg;

	reader_deliver(c->reader, data, size);
}

static bool flow_room(void *arg)
{
	struct counts *c = arg;

	return reader_room(c->reader);
}

struct counts *counts_new(unsigned int cpus, struct reader *reader)
{
	struct counts *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->reader = reader;
	c->cpus = cpus;
	c->row_count = 2 * cpus + 1;
	c->counters = calloc(c->row_count, sizeof(*c->counters));
	c->reported = calloc(c->row_count, sizeof(*c->reported));
	c->flows =
		(struct flows){ .cpu = cpus, .record = flow_record, .room = flow_room, .arg = c };
	if (c->counters && c->reported)
		return c;
	counts_free(c);
	return NULL;
}

void counts_free(struct counts *c)
{
	if (!c)
		return;
	free(c->counters);
	free(c->reported);
	free(c);
}

void counts_begin(struct counts *c, unsigned int groups)
{
	c->groups = groups;
	memset(c->counters, 0, c->row_count * sizeof(*c->counters));
	memset(c->reported, 0, c->row_count * sizeof(*c->reported));
}

void counts_ask(struct counts *c, const struct kernel_side *kernel, void *kernel_arg)
{
	c->kernel = c->flows.kernel = kernel;
	c->kernel_arg = c->flows.kernel_arg = kernel_arg;
}

/* ---- read ------------------------------------------------------------- */

int counts_read(struct counts *c, struct offsets_error *error)
{
	unsigned int claimed = c->cpus + 1;
	int err = c->kernel->counters(c->kernel_arg, 0, c->cpus, c->counters);

	if (!err && c->groups & MAPS_FENTRY)
		err = c->kernel->counters(c->kernel_arg, claimed, c->cpus, c->counters + claimed);
	return err ? offsets_fail(error, err, "the BPF maps of counters cannot be read: %s",
	                          strerror(-err))
	           : 0;
}

bool counts_settled(const struct counts *c)
{
	unsigned int row, type;

	for (row = 0; row < c->row_count; row++) {
		const struct counters *counters = &c->counters[row];
		uint64_t sum = 0;

		for (type = 0; type < COUNTER_SLOTS; type++)
			sum += counters->sent[type] + counters->lost[type] + counters->shed[type];
		if (sum != counters->sequence)
			return false;
	}
	return true;
}

/* ---- losses ----------------------------------------------------------- */

/*
 * Kernels before 5.1 (56201969827e) tell a program that its record is in the
 * ring although there was no room: what was sent and not read counts as well.
 */
static uint64_t row_lost(const struct counts *c, unsigned int index, enum event_type type,
                         bool all_read)
{
	const struct counters *counters = &c->counters[index];
	uint64_t lost = counters->lost[type];
	uint64_t read = reader_read_count(c->reader, index, type);

	if (all_read && counters->sent[type] > read)
		lost += counters->sent[type] - read;
	return lost;
}

/* now: how many there are; *reported of these were reported. True: there are new ones. */
static bool count_report(const struct loss *loss, uint64_t now, uint64_t *reported,
                         probes_loss_fn fn, void *arg)
{
	struct loss grown = *loss;

	if (now <= *reported)
		return false;
	grown.count = now - *reported;
	*reported = now;
	if (fn)
		fn(arg, &grown);
	return true;
}

static void row_report(struct counts *c, unsigned int index, bool all_read, probes_loss_fn fn,
                       void *arg)
{
	struct reported *reported = &c->reported[index];
	bool grew = false;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		struct loss loss = { .type = type, .cpu = index };

		grew |= count_report(&loss, row_lost(c, index, type, all_read),
		                     &reported->lost[type], fn, arg);
		loss.is_unsent = true;
		count_report(&loss, c->counters[index].unsent[type], &reported->unsent[type], fn,
		             arg);
		loss.is_unsent = false;
		loss.is_shed = true;
		count_report(&loss, c->counters[index].shed[type], &reported->shed[type], fn, arg);
	}
	reader_renew(c->reader, index, grew && all_read);
}

int counts_losses(struct counts *c, probes_loss_fn fn, void *arg, struct offsets_error *error)
{
	int err = counts_read(c, error);
	bool all = false;
	unsigned int row;

	if (err)
		return err;
	err = reader_take(c->reader, &all);
	if (err)
		return offsets_fail(error, err, "the event rings cannot be read: %s",
		                    strerror(-err));
	for (row = 0; row < c->row_count; row++)
		row_report(c, row, all, fn, arg);
	return 0;
}

/* ---- flows ------------------------------------------------------------ */

static int flows_take(struct counts *c, uint64_t idle_ns, struct offsets_error *error)
{
	int err;

	if (!(c->groups & MAPS_FLOWS))
		return 0;
	err = flows_end(&c->flows, clock_monotonic_ns(), idle_ns);
	if (err)
		return offsets_fail(error, err, "BPF map flows cannot be read: %s", strerror(-err));
	return 0;
}

/* Flows that had to make room for others. */
static void flows_report(struct counts *c, probes_loss_fn fn, void *arg)
{
	uint64_t begun = 0, gone = c->flows.sequence + c->flows.live + c->flows_reported;
	unsigned int row;

	for (row = 0; row < c->row_count; row++)
		begun += c->counters[row].flows;
	if (begun <= gone)
		return;
	if (fn)
		fn(arg,
		   &(struct loss){ .type = EVENT_SOCKET, .cpu = c->cpus, .count = begun - gone });
	c->flows_reported += begun - gone;
}

/* ---- connections ------------------------------------------------------ */

/* Of an LRU map the kernel may evict an entry while each CPU has so many free ones. */
#define FREE_PER_CPU 128 /* LOCAL_FREE_TARGET, kernel/bpf/bpf_lru_list.c */

/* Those that came into the map, or left it. */
static uint64_t connections_sum(const struct counts *c, bool came)
{
	uint64_t sum = came ? c->connections_adopted : 0;
	unsigned int row;

	for (row = 0; row < c->row_count; row++)
		sum += came ? c->counters[row].connections : c->counters[row].disconnections;
	return sum;
}

/*
 * Those that had to make room for others, each of which lacks its end. They are
 * never more than came before the count of those that live, and had not left after it.
 */
static int connections_report(struct counts *c, probes_loss_fn fn, void *arg,
                              struct offsets_error *error)
{
	uint64_t came = connections_sum(c, true), there = came - connections_sum(c, false), gone;
	uint64_t slack = (uint64_t)c->cpus * FREE_PER_CPU;
	int err;

	if (!(c->groups & MAPS_CONNECTIONS) || there <= c->connections_reported ||
	    there - c->connections_reported + slack <= CONNECTIONS)
		return 0;
	err = c->kernel->connections(c->kernel_arg, &gone);
	if (err)
		return offsets_fail(error, err, "BPF map connections cannot be read: %s",
		                    strerror(-err));
	err = counts_read(c, error);
	gone += c->connections_reported + connections_sum(c, false);
	if (err || came <= gone)
		return err;
	if (fn)
		fn(arg,
		   &(struct loss){ .type = EVENT_SOCKET, .cpu = c->cpus, .count = came - gone });
	c->connections_reported += came - gone;
	return 0;
}

void counts_adopted(struct counts *c, uint64_t connections)
{
	c->connections_adopted = connections;
}

int counts_flows(struct counts *c, uint64_t idle_ns, probes_loss_fn fn, void *arg,
                 struct offsets_error *error)
{
	int err = counts_read(c, error);

	if (!err)
		err = flows_take(c, idle_ns, error);
	if (err)
		return err;
	flows_report(c, fn, arg);
	return connections_report(c, fn, arg, error);
}

bool counts_flows_wait(const struct counts *c)
{
	return c->flows.waiting;
}
