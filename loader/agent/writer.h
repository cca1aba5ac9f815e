/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as lines to the output, and the count of those that got there. */
#ifndef LOADER_AGENT_WRITER_H
#define LOADER_AGENT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/config/config.h"
#include "loader/agent/losses.h"
#include "loader/event/format.h"
#include "loader/agent/outputs.h"

struct writer {
	struct format format;
	struct names *names; /* of format; the writer's own */
	struct outputs outputs;
	struct losses *losses; /* the caller's: counts what could not be written */
	bool is_over;          /* no more events are taken: the end has come */
	int err; /* of an output, for which error says more: no more events are taken */
	struct offsets_error error;
	uint64_t refused; /* events that came when none were taken any more, or had no room */
};

/*
 * Opens the outputs, or tries to (struct sink_use, is_later). host and losses must stay as long as
 * the writer. 0 or -errno; writer_close() is to be called in both cases, and takes a zeroed struct.
 */
int writer_open(struct writer *writer, const struct config *config, const struct host *host,
                struct losses *losses, bool is_later, struct offsets_error *error);
void writer_close(struct writer *writer); /* does not flush */

/* Whether an output wants it. outputs: 1 << index of those that rules leave it to. */
bool writer_wants(const struct writer *writer, const struct event *ev, uint32_t outputs);

/* Takes an event for these outputs. What cannot be taken is counted as lost. */
void writer_event(struct writer *writer, const struct event *ev, uint32_t outputs);

/* Takes an event that says what was lost; counts it as none. */
void writer_loss(struct writer *writer, const struct loss *loss);

/* Says on standard error and by events what outputs have dropped since the last call. */
void writer_dropped(struct writer *writer);

/* Takes an event by which the sensor reports of itself, if there is room; counts it as none. */
void writer_agent(struct writer *writer, enum agent_action action,
                  const struct agent_report *report);

/* Takes an event of --cpu-budget; the same. */
void writer_budget(struct writer *writer, const struct budget_report *budget,
                   const char *executable);

/* Takes an event of a class that does not report (reason), or reports again (NULL); the same. */
void writer_class(struct writer *writer, enum event_type type, const char *reason);

/* Of these outputs those that want the event: 1 << index. */
uint32_t writer_takers(const struct writer *writer, const struct event *ev, uint32_t outputs);

/*
 * Takes the hash of an executable whose exec was written before, for these outputs; counts it as
 * none. False: there is no room for it now.
 */
bool writer_hash(struct writer *writer, const struct late_hash *late, uint32_t outputs);

/* Takes what is known of a container (format.containers); the same. */
bool writer_container(struct writer *writer, const struct container_id *id, uint32_t outputs);

/* At the end: counts what there was no room for. */
void writer_refuse(struct writer *writer, uint64_t count);

/* True: lines are not written yet. */
bool writer_waits(const struct writer *writer);

/* True: an event and a line of any length are taken. */
bool writer_has_room(const struct writer *writer);

/* False: every event is refused, since the end has come or the output has failed. */
bool writer_takes(const struct writer *writer);

/* Writes what the output takes at once; for timeout_ns at most. Errors are in writer->err. */
void writer_flush(struct writer *writer);
void writer_finish(struct writer *writer, uint64_t timeout_ns);

/* Ten times a second: what may have changed, clocks, a request to reopen. */
void writer_refresh(struct writer *writer);

/* Once a second: names of users and groups. */
void writer_second(struct writer *writer);

/*
 * Of the first output that wants the class: its events that are written, that wait, and that
 * were dropped.
 */
uint64_t writer_written(const struct writer *writer, enum event_type type);
uint64_t writer_unwritten(const struct writer *writer, enum event_type type);
uint64_t writer_dropped_of(const struct writer *writer, enum event_type type);

/*
 * At the end. 0; or the error of an output, or -EAGAIN: events were made, not written, and not
 * dropped by an output.
 */
int writer_outcome(const struct writer *writer, struct offsets_error *error);

#endif
