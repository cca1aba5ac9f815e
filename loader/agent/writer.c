/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "loader/agent/writer.h"
#include "loader/audit/audit_form.h"
#include "loader/event/line.h"
#include "loader/ocsf/ocsf_form.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "offsets/util/random.h"

_Static_assert(EVENT_LINE_MAX < QUEUE_LINE_MAX, "the longest event and its newline have to fit");

int writer_open(struct writer *w, const struct config *config, const struct host *host,
                struct losses *losses, bool is_later, struct offsets_error *error)
{

	int err = random_fill(&w->format.run, sizeof(w->format.run));

	if (err)
		return offsets_fail(error, err, "no random number: %s", strerror(-err));
	w->losses = losses;
	w->names = names_new("/etc/passwd", "/etc/group");
	w->format.host = host;
	w->format.env = config->env;
	w->format.names = w->names;
	jsonw_init(&w->format.json);
	clock_offsets_read(&w->format.clock);
	return outputs_open(&w->outputs, config, host, is_later, error);
}

void writer_close(struct writer *w)
{
	outputs_close(&w->outputs);
	names_free(w->names);
	jsonw_deinit(&w->format.json);
}

static void lost(struct writer *w, const struct event *ev)
{
	losses_add(w->losses,
	           &(struct loss){ .type = ev->header.type, .cpu = ev->header.cpu, .count = 1 });
}

static const struct line_form *const forms[OUTPUT_FORMATS] = {
	[FORMAT_JSON] = &form_json,
	[FORMAT_TEXT] = &form_text,
	[FORMAT_OCSF] = &form_ocsf,
	[FORMAT_AUDIT] = &form_audit,
};

/* Formats for the outputs that want that form. 0 or -errno. */
static int event_put(struct writer *w, const struct event *ev, const struct outputs_choice *choice)
{
	const struct jsonw *json = &w->format.json;
	int err;

	if (!outputs_want(&w->outputs, choice))
		return 0;
	err = forms[choice->format]->event(&w->format, ev);
	return err ? err : outputs_line(&w->outputs, choice, json->text, json->size);
}

bool writer_wants(const struct writer *w, const struct event *ev, uint32_t outputs)
{
	struct outputs_choice choice = { .tag = ev->header.type, .outputs = outputs };

	for (; choice.format < OUTPUT_FORMATS; choice.format++)
		if (outputs_want(&w->outputs, &choice))
			return true;
	return false;
}

uint32_t writer_takers(const struct writer *w, const struct event *ev, uint32_t outputs)
{
	return outputs_of_those(&w->outputs, ev->header.type, outputs);
}

void writer_event(struct writer *w, const struct event *ev, uint32_t outputs)
{
	struct outputs_choice choice = { .tag = ev->header.type, .outputs = outputs };
	int err = 0;

	if (!writer_takes(w)) {
		w->refused++;
		lost(w, ev);
		return;
	}
	for (; choice.format < OUTPUT_FORMATS; choice.format++)
		err |= event_put(w, ev, &choice);
	if (err)
		lost(w, ev);
}

/* ---- what the sensor says of itself -------------------------------------- */

/* One of them. */
struct own_line {
	enum { OWN_LOSS, OWN_AGENT, OWN_CLASS, OWN_BUDGET, OWN_HASH, OWN_CONTAINER } kind;
	union {
		const struct loss *loss;
		struct {
			enum agent_action action;
			const struct agent_report *report;
		} agent;
		struct {
			enum event_type type;
			const char *reason;
		} of_class;
		struct {
			const struct budget_report *report;
			const char *executable;
		} budget;
		const struct late_hash *hash;
		const struct container_id *container;
	};
};

static void own_write(const struct line_form *form, struct format *f, uint64_t now,
                      const struct own_line *l)
{
	if (l->kind == OWN_LOSS)
		form->loss(f, now, l->loss);
	else if (l->kind == OWN_AGENT)
		form->agent(f, now, l->agent.action, l->agent.report);
	else if (l->kind == OWN_CLASS)
		form->of_class(f, now, l->of_class.type, l->of_class.reason);
	else if (l->kind == OWN_HASH)
		form->hash(f, now, l->hash);
	else if (l->kind == OWN_CONTAINER)
		form->container(f, now, l->container);
	else
		form->budget(f, now, l->budget.report, l->budget.executable);
}

static void own_put_to(struct writer *w, const struct own_line *l, uint32_t outputs)
{
	struct outputs_choice choice = { .tag = OUTPUT_OWN_TAG, .outputs = outputs };
	const struct jsonw *json = &w->format.json;
	uint64_t now = clock_monotonic_ns();

	for (; choice.format < OUTPUT_FORMATS; choice.format++) {
		if (!outputs_want(&w->outputs, &choice))
			continue;
		own_write(forms[choice.format], &w->format, now, l);
		if (!json->failed)
			outputs_line(&w->outputs, &choice, json->text, json->size);
	}
	w->format.own_events++;
}

static void own_put(struct writer *w, const struct own_line *l)
{
	own_put_to(w, l, UINT32_MAX);
}

/* It is left out where it would take the room of an event that has been read. */
static bool takes_report(const struct writer *w)
{
	return writer_takes(w) && outputs_have_spare(&w->outputs);
}

void writer_loss(struct writer *w, const struct loss *loss)
{
	own_put(w, &(struct own_line){ .kind = OWN_LOSS, .loss = loss });
}

void writer_agent(struct writer *w, enum agent_action action, const struct agent_report *report)
{
	if (takes_report(w))
		own_put(w, &(struct own_line){ .kind = OWN_AGENT, .agent = { action, report } });
}

void writer_class(struct writer *w, enum event_type type, const char *reason)
{
	if (takes_report(w))
		own_put(w, &(struct own_line){ .kind = OWN_CLASS, .of_class = { type, reason } });
}

void writer_budget(struct writer *w, const struct budget_report *budget, const char *executable)
{
	if (takes_report(w))
		own_put(w,
		        &(struct own_line){ .kind = OWN_BUDGET, .budget = { budget, executable } });
}

bool writer_hash(struct writer *w, const struct late_hash *late, uint32_t outputs)
{
	if (!takes_report(w))
		return false;
	own_put_to(w, &(struct own_line){ .kind = OWN_HASH, .hash = late }, outputs);
	return true;
}

bool writer_container(struct writer *w, const struct container_id *id, uint32_t outputs)
{
	if (!takes_report(w))
		return false;
	own_put_to(w, &(struct own_line){ .kind = OWN_CONTAINER, .container = id }, outputs);
	return true;
}

void writer_refuse(struct writer *w, uint64_t count)
{
	w->refused += count;
}

static void dropped_say(void *arg, const struct loss *loss, const char *output)
{
	struct writer *w = arg;

	log_line(LEVEL_WARNING, "%s: %" PRIu64 " %s events were dropped", output, loss->count,
	         event_type_name(loss->type));
	if (takes_report(w))
		writer_loss(w, loss);
}

void writer_dropped(struct writer *w)
{
	outputs_dropped(&w->outputs, dropped_say, w);
}

/* ---- the outputs --------------------------------------------------------- */

bool writer_has_room(const struct writer *w)
{
	return outputs_have_room(&w->outputs);
}

bool writer_waits(const struct writer *w)
{
	return outputs_wait(&w->outputs);
}

bool writer_takes(const struct writer *w)
{
	return !w->err && !w->is_over;
}

void writer_flush(struct writer *w)
{
	if (!w->err)
		w->err = outputs_flush(&w->outputs, &w->error);
}

void writer_finish(struct writer *w, uint64_t timeout_ns)
{
	uint64_t end = clock_monotonic_ns() + timeout_ns;
	struct pollfd fds[OUTPUTS_MAX];
	size_t count;
	int ms;

	for (writer_flush(w); !w->err && writer_waits(w) && clock_monotonic_ns() < end;
	     writer_flush(w)) {
		ms = SINK_AGAIN_MS;
		count = outputs_poll(&w->outputs, fds, &ms);
		poll(fds, count, ms);
	}
}

void writer_refresh(struct writer *w)
{
	clock_offsets_read(&w->format.clock);
	if (signals_output())
		outputs_reopen(&w->outputs);
}

void writer_second(struct writer *w)
{
	names_refresh(w->names);
	outputs_second(&w->outputs);
	writer_dropped(w);
}

static const struct sink *sink_of(const struct writer *w, enum event_type type)
{
	const struct output_use *u = outputs_of_class(&w->outputs, type);

	return u ? u->sink : NULL;
}

uint64_t writer_written(const struct writer *w, enum event_type type)
{
	const struct sink *sink = sink_of(w, type);

	return sink ? sink->ledger.delivered[type] : 0;
}

uint64_t writer_unwritten(const struct writer *w, enum event_type type)
{
	const struct sink *sink = sink_of(w, type);

	return sink ? sink_queued(sink, type) : 0;
}

uint64_t writer_dropped_of(const struct writer *w, enum event_type type)
{
	const struct sink *sink = sink_of(w, type);

	return sink ? ledger_dropped(&sink->ledger, type) : 0;
}

int writer_outcome(const struct writer *w, struct offsets_error *error)
{
	const char *name;
	uint64_t count = outputs_unwritten(&w->outputs, &name);

	if (w->err) {
		*error = w->error;
		return w->err;
	}
	count += w->refused;
	if (!count)
		return 0;
	return offsets_fail(error, -EAGAIN,
	                    "%s: %" PRIu64 " events were not written, as it did not take them in "
	                    "time; free space, or read faster",
	                    name ? name : w->outputs.list[0].sink->name, count);
}
