/* SPDX-License-Identifier: BSD-2-Clause */
/* exit. */
#include "loader/event/ecs.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

uint64_t exit_run_time(const struct format *f, const struct exit_event *e)
{
	uint64_t start = e->process.start_boottime_ns + f->clock.boottime_ns;
	uint64_t end = e->header.time_ns + f->clock.monotonic_ns;

	return end > start ? end - start : 0;
}

void exit_unmapped(struct format *f, const struct event *ev)
{
	const struct exit_event *e = &ev->exit;
	uint32_t signal = e->exit_code & 0x7f;

	ecs_u64(f, "cpu_time_ns", e->cpu_time_ns, event_unread(ev, FIELD_EXIT_CPU_TIME));
	if (event_unread(ev, FIELD_EXIT_CODE)) {
		ecs_unread(f, "exit_signal");
		ecs_unread(f, "core_dumped");
	} else if (signal) {
		jsonw_u64(&f->json, "exit_signal", signal);
		jsonw_bool(&f->json, "core_dumped", e->exit_code & 0x80);
	}
}

void exit_json(struct format *f, const struct event *ev)
{
	const struct exit_event *e = &ev->exit;
	const struct cached *known = ecs_known(f, e->process.pid, e->process.start_boottime_ns,
	                                       event_unread(ev, FIELD_START));
	struct jsonw *json = &f->json;
	uint32_t signal = e->exit_code & 0x7f;
	bool unread = event_unread(ev, FIELD_EXIT_CODE);

	ecs_head_open(f, ev);
	ecs_u64(f, "duration", exit_run_time(f, e), event_unread(ev, FIELD_START));
	ecs_head_close(f);
	jsonw_object_open(json, "process");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_START));
	ecs_comm(f, "name", e->comm);
	ecs_executable(f, known);
	if (unread || !signal)
		ecs_u64(f, "exit_code", (e->exit_code >> 8) & 0xff, unread);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	ecs_place_known(f, known);
	ecs_user(f, "user", e->uid);
	ecs_sextant_open(f, ev);
	exit_unmapped(f, ev);
	ecs_sextant_close(f);
}

void exit_text(struct jsonw *out, const struct event *ev)
{
	uint32_t code = ev->exit.exit_code;

	jsonw_printf(out, "%u ", ev->exit.process.pid);
	words_comm(out, ev->exit.comm);
	if (event_unread(ev, FIELD_EXIT_CODE))
		jsonw_printf(out, " code unknown");
	else if (code & 0x7f)
		jsonw_printf(out, " signal %u%s", code & 0x7f, code & 0x80 ? " (core dumped)" : "");
	else
		jsonw_printf(out, " code %u", (code >> 8) & 0xff);
}
