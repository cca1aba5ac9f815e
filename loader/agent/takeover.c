/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/ask.h"
#include "loader/agent/handover.h"
#include "loader/agent/takeover.h"
#include "loader/bpf/flows.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"

/* The window: so long after it was named, and so long. */
#define LEAD_NS   50000000ULL
#define WINDOW_NS 100000000ULL

/* A busy one may be late so often. */
#define TRIES 100

/* The older one may take so long for an answer; and to write all that it has. */
#define ANSWER_NS 20000000000ULL
#define DONE_NS   90000000000ULL

/* More of them are no window's. */
#define STAMPS_MAX (1U << 20)

#define POLL_MS 5

static struct handover message; /* one thread, and large */

static int older_ended(struct offsets_error *error)
{
	return offsets_fail(error, -ECANCELED, "the sensor that is to be taken over has ended");
}

/* What was lost before the second half of the window is the older one's. */
static int losses_watch(struct takeover *t, struct offsets_error *error)
{
	if (t->is_watched || !t->end_ns ||
	    clock_monotonic_ns() < t->begin_ns + (t->end_ns - t->begin_ns) / 2)
		return 0;
	t->is_watched = true;
	return loss_watch_begin(t->watch, error);
}

/* Reads the rings until there is a message. 0 or -errno. */
static int message_wait(struct takeover *t, uint64_t for_ns, struct offsets_error *error)
{
	uint64_t end = clock_monotonic_ns() + for_ns;
	int err = 0;

	for (;;) {
		struct pollfd fds[] = { { t->fd, POLLIN, 0 },
			                { t->monitor->channel.fd, POLLIN, 0 } };
		int got;

		poll(fds, 2, POLL_MS);
		err = losses_watch(t, error);
		if (!err && probes_read(t->probes, false))
			err = offsets_fail(error, -EIO, "the event rings cannot be read");
		if (!err && fds[1].revents)
			err = offsets_fail(error, -EPIPE, "the monitor process has ended");
		if (!err && signals_end())
			err = offsets_fail(error, -ECANCELED, "the end was asked for");
		if (err)
			return err;
		got = handover_receive(t->fd, &message);
		if (got == -EPIPE)
			return older_ended(error);
		if (got && got != -EAGAIN)
			return offsets_fail(error, got,
			                    "the sensor that is to be taken over is of a version "
			                    "that cannot hand over; end it first");
		if (!got)
			return 0;
		if (clock_monotonic_ns() > end)
			return offsets_fail(error, -ETIMEDOUT,
			                    "the sensor that is to be taken over does not answer");
	}
}

static int say(struct takeover *t, enum handover_kind kind, uint64_t time_ns, uint64_t end_ns,
               struct offsets_error *error)
{
	int err;

	message.kind = kind;
	message.time_ns = time_ns;
	message.end_ns = end_ns;
	message.count = 0;
	err = handover_send(t->fd, &message);
	return err ? offsets_fail(error, err, "the sensor that is to be taken over: %s",
	                          strerror(-err))
	           : 0;
}

/* Until the older one has heard of a window before it begins. */
static int window_agree(struct takeover *t, struct offsets_error *error)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < TRIES && !err; i++) {
		t->begin_ns = clock_monotonic_ns() + LEAD_NS;
		t->end_ns = t->begin_ns + WINDOW_NS;
		t->is_watched = false;
		probes_hold(t->probes, t->begin_ns);
		err = say(t, HANDOVER_WINDOW, t->begin_ns, t->end_ns, error);
		if (!err)
			err = message_wait(t, ANSWER_NS, error);
		if (!err && message.kind != HANDOVER_LATE)
			return 0;
	}
	return err ? err
	           : offsets_fail(error, -ETIMEDOUT,
	                          "the sensor that is to be taken over is too busy");
}

static int stamps_add(struct takeover *t)
{
	size_t count = t->older.count + message.count;
	struct stamp *list;

	if (message.kind != HANDOVER_STAMPS || count > STAMPS_MAX)
		return -EPROTO;
	list = realloc(t->older.list, (count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	memcpy(list + t->older.count, message.stamps, message.count * sizeof(*list));
	t->older = (struct stamps){ list, count };
	t->older_types = message.types;
	memcpy(t->older_pids, message.pids, sizeof(t->older_pids));
	return 0;
}

/* What the older one saw; its first message is there. */
static int stamps_take(struct takeover *t, struct offsets_error *error)
{
	int err = stamps_add(t);

	while (!err && !message.is_last) {
		err = message_wait(t, ANSWER_NS, error);
		if (err)
			return err;
		err = stamps_add(t);
	}
	return err ? offsets_fail(error, err, "what the other sensor saw: %s", strerror(-err)) : 0;
}

static int cut_choose(struct takeover *t, struct cut *ret, struct offsets_error *error)
{
	const uint32_t own[] = { t->older_pids[0], t->older_pids[1], getpid(), t->monitor->pid };
	const struct cut_window window = { t->begin_ns, t->end_ns, t->classes & t->older_types, own,
		                           sizeof(own) / sizeof(own[0]) };
	struct stamps mine = { .count = 0 };
	int err = probes_stamps(t->probes, t->begin_ns, t->end_ns, &mine);

	if (!err)
		err = cut_find(&window, &t->older, &mine, ret);
	free(mine.list);
	return err ? offsets_fail(error, err, "out of memory") : 0;
}

/* Those until now are the older one's, which has just reported them. */
static int flows_forget(struct takeover *t, struct offsets_error *error)
{
	int err;

	t->records->is_started = false;
	do
		err = probes_flows(t->probes, 0, NULL, NULL, error);
	while (!err && probes_flows_wait(t->probes));
	t->records->is_started = true;
	return err;
}

/*
 * The older one writes what it has. It has left the events to this one: that it ends before it
 * says so, or takes too long, changes nothing any more, nor that the end is asked for.
 */
static int end_wait(struct takeover *t, struct offsets_error *error)
{
	int err;

	for (;;) {
		err = message_wait(t, DONE_NS, error);
		if (err == -ECANCELED || err == -ETIMEDOUT)
			return 0;
		if (err || message.kind == HANDOVER_DONE)
			return err;
		if (message.kind == HANDOVER_SILENT)
			err = flows_forget(t, error);
		if (err)
			return err;
	}
}

static int take_over(struct takeover *t, struct offsets_error *error)
{
	struct cut cut = { .time_ns = 0 };
	int err = window_agree(t, error);

	if (!err)
		err = stamps_take(t, error);
	if (!err)
		err = cut_choose(t, &cut, error);
	if (!err)
		err = say(t, HANDOVER_CUT, cut.time_ns, 0, error);
	if (!err)
		err = end_wait(t, error);
	if (err)
		return err;
	t->records->begin_ns = cut.time_ns;
	if (cut.is_exact)
		log_line(LEVEL_INFO,
		         "took over from process %" PRIu32
		         ": no event is missing, and none is there twice",
		         t->older_pids[0]);
	else
		log_line(LEVEL_WARNING,
		         "took over from process %" PRIu32 ", while events were lost or there was "
		         "no pause: at that moment some may be missing or there twice",
		         t->older_pids[0]);
	if (ask_take_over(&t->monitor->channel, error))
		log_line(LEVEL_WARNING, "the control socket: %s; 'sextant status' does not find it",
		         error->text);
	return t->monitor->channel.err;
}

int takeover_adopt(int fd, struct programs *programs, struct offsets_error *error)
{
	int maps[ADOPT_MAPS], err = handover_maps_receive(fd, maps), i;
	bool has_files = false;

	if (err)
		return offsets_fail(error, err,
		                    "the sensor that is to be taken over is of a version that "
		                    "cannot hand over; end it first");
	programs->settings.adopted = true; /* so that none is missed meanwhile */
	err = programs_set(programs, error);
	if (!err)
		err = probes_adopt(programs->probes, maps, &has_files, error);
	programs->settings.adopted = has_files;
	if (!err)
		err = programs_set(programs, error);
	for (i = 0; i < ADOPT_MAPS; i++)
		if (maps[i] >= 0)
			close(maps[i]);
	return err;
}

int takeover_run(struct takeover *t, struct offsets_error *error)
{
	int err;

	t->records->begin_ns = UINT64_MAX;
	err = take_over(t, error);
	probes_hold(t->probes, UINT64_MAX);
	free(t->older.list);
	t->older.list = NULL;
	close(t->fd);
	t->fd = -1;
	return err;
}
