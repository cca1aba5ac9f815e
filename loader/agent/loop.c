/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>

#include "loader/agent/loop.h"
#include "loader/bpf/flows.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"

/* How often what may change is looked at; what costs more; flows that have ended. */
#define TICK_NS   100000000ULL
#define SECOND_NS 1000000000ULL
#define FLOWS_NS  5000000000ULL

/* Reading /proc: so long at a time, and so long a pause. */
#define WORK_NS  10000000ULL
#define PAUSE_MS 10

/* At the end the output has so long to take what is left. */
#define FINISH_NS 2000000000ULL

static int second(struct loop *l, uint64_t now, struct offsets_error *error)
{
	int err = loss_watch_second(l->watch, error);

	host_name_read(&l->programs->host);
	if (err || now - l->flows_ns <= FLOWS_NS)
		return err;
	l->flows_ns = now;
	return probes_flows(l->programs->probes, FLOW_IDLE_NS, loss_watch_note, l->watch, error);
}

static int tick(struct loop *l, uint64_t now, struct offsets_error *error)
{
	bool is_new;
	int err;

	writer_refresh(l->writer);
	err = rules_look(l->rules, l->programs, now, &is_new, error);
	if (err)
		return err;
	if (is_new)
		l->writer->format.cache = processes_begin(l->processes, &l->programs->settings);
	processes_look(l->processes, now);
	if (now - l->second_ns < SECOND_NS)
		return 0;
	l->second_ns = now;
	return second(l, now, error);
}

/* Until there are events, the output takes some, or something is to be done. */
static void wait(const struct loop *l, uint64_t end, bool is_busy)
{
	uint64_t now = clock_monotonic_ns();
	int ms, output_ms, fd = sink_wait(l->writer->sink, &output_ms);
	bool has_room = writer_has_room(l->writer);
	struct pollfd fds[] = { { has_room ? probes_fd(l->programs->probes) : -1, POLLIN, 0 },
		                { fd, POLLOUT, 0 } };

	ms = is_busy ? PAUSE_MS : TICK_NS / 1000000;
	if (output_ms >= 0 && output_ms < ms)
		ms = output_ms;
	if (end && end - now < (uint64_t)ms * 1000000)
		ms = end > now ? (end - now) / 1000000 + 1 : 0;
	poll(fds, 2, ms);
}

static int rings_read_some(const struct loop *l, bool to_the_end, struct offsets_error *error)
{
	int err = probes_read(l->programs->probes, to_the_end);

	return err ? offsets_fail(error, -EIO, "the event rings cannot be read") : 0;
}

/* One round; *ret_busy: /proc is still being read. */
static int round_do(struct loop *l, bool *ret_busy, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	int err = 0;

	if (now - l->tick_ns >= TICK_NS) {
		l->tick_ns = now;
		err = tick(l, now, error);
	}
	*ret_busy = processes_work(l->processes, WORK_NS);
	if (!err)
		err = rings_read_some(l, false, error);
	writer_flush(l->writer);
	return err;
}

int loop_run(struct loop *l, uint64_t duration_ns, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t end = duration_ns ? now + duration_ns : 0;
	bool is_busy = true;
	int err = 0;

	for (; !err && !l->writer->err && !signals_end() && (!end || now < end);
	     now = clock_monotonic_ns()) {
		wait(l, end, is_busy);
		err = round_do(l, &is_busy, error);
	}
	return err;
}

/* Writes what is in the rings as long as the output takes it. */
static int rings_write(struct loop *l, struct offsets_error *error)
{
	uint64_t end = clock_monotonic_ns() + FINISH_NS;
	int err = 0;

	while (!err && !l->writer->err && probes_wait(l->programs->probes) &&
	       clock_monotonic_ns() < end) {
		writer_finish(l->writer, TICK_NS);
		err = rings_read_some(l, true, error);
	}
	return err;
}

/* What is left in the rings is counted as lost. */
static int rings_discard(struct loop *l, struct offsets_error *error)
{
	int err;

	l->writer->is_over = true;
	do
		err = rings_read_some(l, true, error);
	while (!err && probes_wait(l->programs->probes));
	return err;
}

int loop_drain(struct loop *l, struct offsets_error *error)
{
	struct probes *probes = l->programs->probes;
	int err = probes_silence(probes, error);
	bool is_lost;

	if (!err)
		err = probes_flows(probes, 0, loss_watch_note, l->watch, error);
	if (!err)
		err = rings_write(l, error);
	if (!err)
		err = loss_watch_look(l->watch, &is_lost, error);
	writer_finish(l->writer, FINISH_NS);
	return err ? err : rings_discard(l, error);
}
