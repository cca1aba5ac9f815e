/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "loader/agent/writer.h"
#include "loader/event/line.h"
#include "loader/out/output.h"
#include "loader/util/signals.h"

_Static_assert(EVENT_LINE_MAX < QUEUE_LINE_MAX, "the longest event and its newline have to fit");

const char writer_event_begin[] = "{\"@timestamp\":\"";

int writer_open(struct writer *w, const struct config *config, const struct host *host,
                struct losses *losses, struct offsets_error *error)
{
	const struct sink_use use = { .begin = writer_event_begin, .policy = SINK_STOP };

	w->losses = losses;
	w->is_text = config->text;
	w->names = names_new("/etc/passwd", "/etc/group");
	w->format.host = host;
	w->format.env = config->env;
	w->format.names = w->names;
	jsonw_init(&w->format.json);
	clock_offsets_read(&w->format.clock);
	return sink_open(&output_ops, config->output, &use, &w->sink, error);
}

void writer_close(struct writer *w)
{
	sink_close(w->sink);
	names_free(w->names);
	jsonw_deinit(&w->format.json);
}

/* Gives the formatted line to the sink. err: of formatting it. 0 or -errno. */
static int line_put(struct writer *w, unsigned int tag, int err)
{
	const struct jsonw *json = &w->format.json;

	return err ? err : sink_line(w->sink, json->text, json->size, tag);
}

void writer_event(struct writer *w, const struct event *ev)
{
	enum event_type type = ev->header.type;
	int err;

	if (!writer_takes(w)) {
		w->refused++;
		losses_add(w->losses,
		           &(struct loss){ .type = type, .cpu = ev->header.cpu, .count = 1 });
		return;
	}
	err = w->is_text ? format_text(&w->format, ev) : format_json(&w->format, ev);
	if (line_put(w, type, err))
		losses_add(w->losses,
		           &(struct loss){ .type = type, .cpu = ev->header.cpu, .count = 1 });
	else
		w->taken[type]++;
}

/* What the sensor says of itself is left out where there is no room. */
static bool takes_report(const struct writer *w)
{
	return writer_takes(w) && writer_has_room(w);
}

static void report_put(struct writer *w)
{
	line_put(w, EVENT_TYPES, w->format.json.failed ? -ENOMEM : 0);
}

void writer_loss(struct writer *w, const struct loss *loss)
{
	uint64_t now = clock_monotonic_ns();

	if (w->is_text)
		format_loss_text(&w->format, now, loss);
	else
		format_loss_json(&w->format, now, loss);
	report_put(w);
}

void writer_agent(struct writer *w, enum agent_action action, const struct agent_report *report)
{
	uint64_t now = clock_monotonic_ns();

	if (!takes_report(w))
		return;
	if (w->is_text)
		format_agent_text(&w->format, now, action, report);
	else
		format_agent_json(&w->format, now, action, report);
	report_put(w);
}

void writer_class(struct writer *w, enum event_type type, const char *reason)
{
	uint64_t now = clock_monotonic_ns();

	if (!takes_report(w))
		return;
	if (w->is_text)
		format_class_text(&w->format, now, type, reason);
	else
		format_class_json(&w->format, now, type, reason);
	report_put(w);
}

void writer_budget(struct writer *w, const struct budget_report *budget, const char *executable)
{
	uint64_t now = clock_monotonic_ns();

	if (!takes_report(w))
		return;
	if (w->is_text)
		format_budget_text(&w->format, now, budget, executable);
	else
		format_budget_json(&w->format, now, budget, executable);
	report_put(w);
}

bool writer_has_room(const struct writer *w)
{
	return sink_has_room(w->sink);
}

bool writer_waits(const struct writer *w)
{
	return w->sink->queue.size;
}

bool writer_takes(const struct writer *w)
{
	return !w->err && !w->is_over;
}

void writer_flush(struct writer *w)
{
	if (!w->err)
		w->err = sink_flush(w->sink, &w->error);
}

void writer_finish(struct writer *w, uint64_t timeout_ns)
{
	if (!w->err)
		w->err = sink_finish(w->sink, timeout_ns, &w->error);
}

void writer_refresh(struct writer *w)
{
	clock_offsets_read(&w->format.clock);
	if (signals_output())
		sink_reopen(w->sink);
}

void writer_second(struct writer *w)
{
	names_refresh(w->names);
}

uint64_t writer_written(const struct writer *w, enum event_type type)
{
	return w->taken[type] - writer_unwritten(w, type);
}

uint64_t writer_unwritten(const struct writer *w, enum event_type type)
{
	return sink_unwritten(w->sink, type);
}

uint64_t writer_undelivered(const struct writer *w)
{
	uint64_t count = w->refused;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		count += writer_unwritten(w, type);
	return count;
}
