/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "loader/out/sink.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

/* A destination that has taken nothing for so long is reported. */
#define STALL_NS 1000000000ULL

int sink_open(const struct sink_ops *ops, const char *target, const struct sink_use *use,
              struct sink **ret, struct offsets_error *error)
{
	struct sink *sink = calloc(1, ops->bytes);
	int err;

	*ret = NULL;
	if (!sink)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", target);
	sink->ops = ops;
	sink->target = sink->name = target;
	sink->use = *use;
	if (queue_init(&sink->queue,
	               use->queue_bytes > QUEUE_LINE_MAX ? use->queue_bytes : QUEUE_LINE_MAX)) {
		free(sink);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", target);
	}
	err = ops->open(sink, error);
	if (err) {
		sink_close(sink);
		return err;
	}
	*ret = sink;
	return 0;
}

void sink_close(struct sink *sink)
{
	if (!sink)
		return;
	sink->ops->close(sink);
	queue_deinit(&sink->queue);
	free(sink);
}

/* ---- lines -------------------------------------------------------------- */

static void line_drop(struct sink *sink, unsigned int tag, enum drop_reason reason)
{
	sink->ledger.dropped[tag][reason]++;
	if (sink->use.dropped)
		sink->use.dropped(sink->use.arg, tag);
}

void sink_drop_first(struct sink *sink, enum drop_reason reason)
{
	unsigned int tag;

	if (queue_drop(&sink->queue, &tag))
		line_drop(sink, tag, reason);
}

static void line_delivered(void *arg, unsigned int tag)
{
	struct sink *sink = arg;

	sink->ledger.delivered[tag]++;
}

void sink_written(struct sink *sink, size_t size)
{
	queue_written(&sink->queue, size, line_delivered, sink);
}

bool sink_has_room(const struct sink *sink)
{
	return sink->use.full != SINK_FULL_WAIT || queue_has_room(&sink->queue);
}

bool sink_has_spare(const struct sink *sink)
{
	return sink->use.full != SINK_FULL_WAIT || queue_has_spare(&sink->queue);
}

/*
 * False: the line is to be dropped. First the destination may take some: lines of a burst come
 * without a flush between them. If that fails, the next flush says so.
 */
static bool room_make(struct sink *sink)
{
	struct offsets_error ignored;
	bool is_begun;

	if (queue_has_room(&sink->queue))
		return true;
	sink->ops->write(sink, &ignored);
	is_begun = sink->queue.begun || sink->holds_first;
	while (sink->use.full == SINK_FULL_DROP_OLDEST && !is_begun &&
	       !queue_has_room(&sink->queue))
		sink_drop_first(sink, DROP_FULL);
	if (queue_has_room(&sink->queue))
		return true;
	sink->has_overflowed |= sink->use.full == SINK_FULL_STOP;
	return false;
}

int sink_line(struct sink *sink, const char *text, size_t size, unsigned int tag)
{
	int err;

	if (size >= QUEUE_LINE_MAX)
		return -E2BIG;
	if (sink->use.full != SINK_FULL_WAIT && !room_make(sink)) {
		sink->ledger.made[tag]++;
		line_drop(sink, tag, DROP_FULL);
		return 0;
	}
	err = queue_add(&sink->queue, text, size, tag);
	if (!err)
		sink->ledger.made[tag]++;
	return err;
}

/* ---- the destination ---------------------------------------------------- */

static void drop_all(struct sink *sink, const char *why)
{
	if (!sink->failing)
		log_line(LEVEL_WARNING, "%s; events are dropped and counted until it works again",
		         why);
	sink->failing = true;
	while (sink->queue.count)
		sink_drop_first(sink, DROP_FAILED);
}

int sink_flush(struct sink *sink, struct offsets_error *error)
{
	struct offsets_error cause;
	int err;

	if (sink->has_overflowed)
		return offsets_fail(error, -ENOBUFS,
		                    "%s: its queue is full, and on-full=stop is set", sink->name);
	err = sink->queue.size ? sink->ops->write(sink, &cause) : 0;
	if (!err)
		return 0;
	if (sink->use.policy == SINK_STOP)
		return offsets_fail(error, err,
		                    "%s; events from here on are not written; name another "
		                    "destination with --output",
		                    cause.text);
	drop_all(sink, cause.text);
	return 0;
}

size_t sink_abandon(struct sink *sink)
{
	size_t count = sink->queue.count;

	while (sink->queue.count)
		sink_drop_first(sink, DROP_FAILED);
	return count;
}

void sink_reopen(struct sink *sink)
{
	if (sink->ops->reopen)
		sink->ops->reopen(sink);
}

void sink_second(struct sink *sink)
{
	if (sink->ops->second)
		sink->ops->second(sink);
}

void sink_open_by(struct sink *sink, sink_opener opener, void *arg)
{
	sink->opener = opener;
	sink->opener_arg = arg;
}

int sink_descriptor(const struct sink *sink)
{
	return sink->ops->descriptor(sink);
}

int sink_wait(const struct sink *sink, int *ret_ms)
{
	*ret_ms = -1;
	return sink->queue.size ? sink->ops->wait(sink, ret_ms) : -1;
}

size_t sink_queued(const struct sink *sink, unsigned int tag)
{
	return queue_count(&sink->queue, tag);
}

struct ledger_counts sink_counts(const struct sink *sink, unsigned int tag)
{
	const struct ledger *l = &sink->ledger;
	struct ledger_counts counts = { .made = l->made[tag],
		                        .delivered = l->delivered[tag],
		                        .queued = sink_queued(sink, tag) };

	memcpy(counts.dropped, l->dropped[tag], sizeof(counts.dropped));
	if (sink->ops->counts)
		sink->ops->counts(sink, tag, &counts);
	return counts;
}

void sink_works(struct sink *sink)
{
	if (sink->failing)
		log_line(LEVEL_INFO, "%s: takes events again", sink->name);
	sink->failing = false;
	sink->stalled_ns = 0;
	sink->taken_ns = clock_monotonic_ns();
}

void sink_fails(struct sink *sink, const char *why)
{
	if (!sink->failing)
		log_line(LEVEL_WARNING,
		         "%s: %s; events wait, and those that do not fit are counted as lost",
		         sink->name, why);
	sink->failing = true;
}

void sink_stalls(struct sink *sink)
{
	uint64_t now = clock_monotonic_ns();

	if (!sink->stalled_ns)
		sink->stalled_ns = now;
	else if (now - sink->stalled_ns > STALL_NS)
		sink_fails(sink, "its reader does not read");
}
