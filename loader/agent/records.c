/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/agent/records.h"
#include "loader/stream/fields.h"
#include "loader/util/monotonic.h"

int records_init(struct records *r, const struct layout *layout, struct writer *writer,
                 struct processes *processes, struct canary_watch *canary,
                 struct offsets_error *error)
{
	r->layout = layout;
	r->writer = writer;
	r->processes = processes;
	r->canary = canary;
	r->interpreters = interpreters_new();
	r->module_files = module_files_new();
	r->talkers = talkers_new();
	return r->interpreters && r->module_files && r->talkers
	               ? 0
	               : offsets_fail(error, -ENOMEM, "out of memory");
}

void records_deinit(struct records *r)
{
	interpreters_free(r->interpreters);
	module_files_free(r->module_files);
	talkers_free(r->talkers);
}

void records_rules_set(struct records *r, const struct event_rules *rules, bool are_new)
{
	r->rules = *rules;
	if (are_new)
		memset(r->rule_hits, 0, sizeof(r->rule_hits));
}

static void place_subject(const struct cgroups *cgroups, struct container_id id,
                          struct event_subject *s)
{
	s->cgroups[0] = (struct event_cgroup){ cgroups->v2.text, cgroups->v2.size };
	s->cgroups[1] = (struct event_cgroup){ cgroups->v1.text, cgroups->v1.size };
	s->knows_container = id.is_known;
	s->container = id.text;
	s->container_size = id.text ? id.size : 0;
}

/* What an exec says of its process itself, and what is known of the process. */
static void exec_subject(struct records *r, const struct cached *process, struct event_subject *s)
{
	const struct cgroups cgroups = cgroups_of_exec(s->event);

	place_subject(&cgroups, container_of(&cgroups), s);
	s->exe_device = s->event->exec.device;
	s->exe_inode = event_unread(s->event, FIELD_EXEC_EXE_NUMBERS) ? 0 : s->event->exec.inode;
	s->marks = event_rules_marks(&r->rules, s->event) | (process ? process->marks : 0);
}

static void process_subject(const struct cached *process, struct event_subject *s)
{
	place_subject(&process->cgroups, process->container, s);
	s->exe_device = process->exe_device;
	s->exe_inode = process->exe_inode;
	s->marks = process->marks;
}

/* The outputs that get it: 1 << their index. */
static uint32_t outputs_of(struct records *r, const struct event *ev)
{
	struct event_subject subject = { .event = ev };
	const struct cached *process;

	if (!r->rules.count)
		return UINT32_MAX;
	process = processes_find(r->processes, ev);
	if (ev->header.type == EVENT_EXEC)
		exec_subject(r, process, &subject);
	else if (process)
		process_subject(process, &subject);
	return event_rules_outputs(&r->rules, &subject, r->rule_hits);
}

/* What an event says of its process is known from then on. */
static void follow(struct records *r, const struct event *ev)
{
	processes_follow(r->processes, ev);
	if (r->rules.count && ev->header.type == EVENT_EXEC)
		processes_mark(r->processes, ev, event_rules_marks(&r->rules, ev));
}

static struct container_id container_get(const struct event *ev, const struct cached *process)
{
	struct cgroups cgroups;

	if (ev->header.type != EVENT_EXEC)
		return process ? process->container : (struct container_id){ 0 };
	cgroups = cgroups_of_exec(ev);
	return container_of(&cgroups);
}

/* The container of an event that was written, and followed. */
static void container_take(struct records *r, const struct event *ev, const struct cached *process,
                           uint32_t outputs)
{
	const struct container_id id = container_get(ev, process);

	if (r->names && id.text)
		container_names_event(r->names, id, writer_takers(r->writer, ev, outputs),
		                      clock_monotonic_ns());
}

static void event_take(struct records *r, struct event *ev)
{
	const struct cached *process;
	uint32_t outputs;

	if (!writer_takes(r->writer)) {
		writer_event(r->writer, ev, UINT32_MAX); /* which counts it */
		return;
	}
	if (ev->header.type == EVENT_EXEC)
		interpreters_give(r->interpreters, ev);
	if (ev->header.type == EVENT_MODULE)
		module_files_give(r->module_files, ev);
	if (canary_watch_take(r->canary, ev)) {
		follow(r, ev);
		return;
	}
	outputs = outputs_of(r, ev);
	if (!writer_wants(r->writer, ev, outputs)) {
		r->left_out += outputs != UINT32_MAX;
		follow(r, ev);
		return;
	}
	if (ev->header.type == EVENT_EXEC && r->hashes)
		hashes_exec(r->hashes, ev, outputs);
	if (ev->header.type == EVENT_MODULE && r->hashes)
		hashes_module(r->hashes, ev, outputs);
	writer_event(r->writer, ev, outputs);
	follow(r, ev);
	process = processes_find(r->processes, ev);
	container_take(r, ev, process, outputs);
	talkers_event(r->talkers, ev, process);
}

/* What flows still have is reported by who counted it. */
static bool is_for_newer(const struct records *r, const struct event *ev)
{
	return r->end_ns && ev->header.time_ns >= r->end_ns &&
	       (ev->header.type != EVENT_SOCKET || ev->socket.operation != SOCKET_FLOW);
}

static void event_sort(struct records *r, struct event *ev)
{
	if (is_for_newer(r, ev))
		return;
	ev->redacted = redaction_apply(r->redaction, ev);
	r->redacted += ev->redacted;
	if (ev->header.time_ns < r->begin_ns)
		follow(r, ev);
	else
		event_take(r, ev);
}

static void on_record(void *arg, const void *data, size_t size)
{
	static struct event ev; /* large, and used by one thread only */
	struct records *r = arg;

	r->has_come = true;
	if (!r->is_started) {
		if (r->test)
			selftest_record(r->test, data, size);
		return;
	}
	if (interpreters_take(r->interpreters, data, size) ||
	    module_files_take(r->module_files, data, size)) {
		recording_put(r->recording, data, size, 0);
		return;
	}
	if (event_decode(data, size, &ev)) {
		r->malformed++;
		return;
	}
	if (r->layout)
		ev.header.unread |= fields_unknown(r->layout, &ev);
	recording_put(r->recording, data, size, ev.header.unread);
	event_sort(r, &ev);
}

/* Events wait in the rings while the output takes none. */
static bool on_room(void *arg)
{
	struct records *r = arg;
	struct writer *w = r->writer;

	if (!r->is_started || !writer_takes(w) || writer_has_room(w))
		return true;
	writer_flush(w);
	return w->err || writer_has_room(w);
}

struct probes_use records_use(struct records *r)
{
	return (struct probes_use){ .record = on_record, .room = on_room, .arg = r };
}
