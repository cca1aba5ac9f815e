/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/ask.h"
#include "loader/agent/handover.h"
#include "loader/agent/restart.h"
#include "loader/util/log.h"
#include "loader/util/notify.h"
#include "offsets/util/cleanup.h"

/*
 * The newer sensor may take so long to begin, and to each answer from then on. Some 0.3 s are
 * usual; 90 were too few in an emulated VM of 4.14 that was busy: there programs are loaded several
 * times, as the tracepoints have the older sensor's.
 */
#define BEGIN_NS  180000000000ULL
#define ANSWER_NS 20000000000ULL

/* After the window so long: a record may come late; more of them than can be held do not come. */
#define LATE_NS 25000000ULL
#define HELD_NS 1000000000ULL

static struct handover message; /* one thread, and large */

static void fail(struct restart *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All is as before: the newer one has written nothing. */
static void fail(struct restart *r, const char *format, ...)
{
	struct offsets_error error;
	va_list args;

	va_start(args, format);
	vsnprintf(r->failed, sizeof(r->failed), format, args);
	va_end(args);
	log_line(LEVEL_WARNING, "no restart: %s; this sensor goes on", r->failed);
	probes_hold(r->probes, UINT64_MAX);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (r->stage != RESTART_NONE)
		ask_restart_end(r->monitor, false, &error);
	r->stage = RESTART_NONE;
}

void restart_begin(struct restart *r, uint64_t now)
{
	struct offsets_error error;

	if (restart_is_under_way(r))
		return;
	if (ask_restart(r->monitor, &r->pid, &r->fd, &error)) {
		fail(r, "%s", error.text);
		return;
	}
	log_line(LEVEL_INFO, "restart: process %" PRIu32 " begins, and takes over when it is ready",
	         r->pid);
	r->stage = RESTART_STARTED;
	r->give_up_ns = now + BEGIN_NS;
}

bool restart_is_under_way(const struct restart *r)
{
	return r->stage != RESTART_NONE;
}

static void reply(struct restart *r, enum handover_kind kind)
{
	int err;

	message.kind = kind;
	message.types = r->classes;
	message.pids[0] = getpid();
	message.pids[1] = r->monitor_pid;
	err = handover_send(r->fd, &message);
	if (err && r->stage != RESTART_LEFT)
		fail(r, "the newer sensor does not read: %s", strerror(-err));
}

static void stamps_send(struct restart *r)
{
	CLEANUP(cleanup_free) void *memory = NULL;
	struct stamps stamps;
	size_t sent = 0;

	if (probes_stamps(r->probes, r->begin_ns, r->end_ns, &stamps)) {
		fail(r, "out of memory");
		return;
	}
	memory = stamps.list;
	r->stage = RESTART_COMPARED;
	do {
		size_t left = stamps.count - sent;

		message.count = left < STAMPS_AT_ONCE ? left : STAMPS_AT_ONCE;
		memcpy(message.stamps, stamps.list + sent, message.count * sizeof(*stamps.list));
		sent += message.count;
		message.is_last = sent == stamps.count;
		reply(r, HANDOVER_STAMPS);
	} while (sent < stamps.count && r->stage == RESTART_COMPARED);
}

static void window_take(struct restart *r, uint64_t now)
{
	r->begin_ns = message.time_ns;
	r->end_ns = message.end_ns;
	message.count = 0;
	if (now >= r->begin_ns) {
		reply(r, HANDOVER_LATE);
		return;
	}
	r->stage = RESTART_HELD;
	probes_hold(r->probes, r->begin_ns);
}

/* From here on this sensor ends, whatever happens. */
static void leave(struct restart *r)
{
	struct offsets_error error;

	r->stage = RESTART_LEFT;
	r->records->end_ns = message.time_ns;
	probes_hold(r->probes, UINT64_MAX);
	notify_main_pid(r->pid);
	if (ask_restart_end(r->monitor, true, &error))
		log_line(LEVEL_WARNING, "%s", error.text);
	log_line(LEVEL_INFO, "restart: process %" PRIu32 " takes over", r->pid);
}

static void message_take(struct restart *r, uint64_t now)
{
	r->give_up_ns = now + ANSWER_NS;
	if (message.kind == HANDOVER_WINDOW && r->stage == RESTART_STARTED)
		window_take(r, now);
	else if (message.kind == HANDOVER_CUT && r->stage == RESTART_COMPARED &&
	         message.time_ns >= r->begin_ns && message.time_ns < r->end_ns)
		leave(r);
	else
		fail(r, "the newer sensor says what was not asked for");
}

void restart_work(struct restart *r, uint64_t now, bool is_read)
{
	int err = handover_receive(r->fd, &message);

	if (!err)
		message_take(r, now);
	else if (err == -EPIPE)
		fail(r, "the newer sensor has ended; its messages say why");
	else if (err != -EAGAIN)
		fail(r, "the newer sensor is of a version that cannot take over; end this one "
		        "first");
	else if (now > r->give_up_ns)
		fail(r, "the newer sensor does not answer");
	if (r->stage == RESTART_HELD && now > r->end_ns + LATE_NS && is_read)
		stamps_send(r);
	else if (r->stage == RESTART_HELD && now > r->end_ns + HELD_NS)
		fail(r, "too many events come, or the output takes none");
}

void restart_silent(struct restart *r)
{
	if (r->stage != RESTART_LEFT)
		return;
	message.count = 0;
	reply(r, HANDOVER_SILENT);
}

void restart_done(struct restart *r)
{
	if (r->stage != RESTART_LEFT)
		return;
	message.count = 0;
	reply(r, HANDOVER_DONE);
}
