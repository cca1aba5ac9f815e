/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself, as an event. */
#include <inttypes.h>

#include "loader/event/ecs.h"
#include "loader/event/own.h"
#include "loader/event/writers.h"
#include "loader/stream/fields.h"

#define SECOND_NS 1000000000

/* By enum agent_action; the words of ECS. */
static const struct {
	const char *action, *kind, *type, *text;
} actions[] = {
	[AGENT_START] = { "agent_start", "state", "start", "start" },
	[AGENT_HEARTBEAT] = { "heartbeat", "metric", "info", "alive" },
	[AGENT_STOP] = { "agent_stop", "state", "end", "stop" },
};

const char *own_agent_action(enum agent_action action)
{
	return actions[action].action;
}

const char *own_class_action(const char *reason)
{
	return reason ? "class_degraded" : "class_restored";
}

const char *own_budget_action(const struct budget_report *budget)
{
	return budget->share_bytes ? "budget_exceeded" : "budget_restored";
}

void own_agent(struct jsonw *json, enum agent_action action, const struct agent_report *report)
{
	if (action == AGENT_START)
		agent_report_sources(json, report);
	agent_report_numbers(json, report);
}

void own_class(struct jsonw *json, enum event_type type, const char *reason)
{
	jsonw_object_open(json, "class");
	jsonw_string(json, "name", event_type_name(type));
	jsonw_string(json, "reason", reason);
	jsonw_object_close(json);
}

static void agent_head(struct format *f, uint64_t time_ns, const char *action, const char *kind,
                       const char *type)
{
	jsonw_reset(&f->json);
	notes_reset(&f->notes);
	jsonw_object_open(&f->json, NULL);
	ecs_own_head(f, time_ns,
	             &(struct own_event){
			     .kind = kind, .type = type, .action = action, .dataset = "agent" });
}

void format_agent_json(struct format *f, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report)
{
	struct jsonw *json = &f->json;

	agent_head(f, time_ns, actions[action].action, actions[action].kind, actions[action].type);
	jsonw_object_open(json, "sextant");
	jsonw_object_open(json, "agent");
	own_agent(json, action, report);
	jsonw_object_close(json);
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

void format_agent_text(struct format *f, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report)
{
	char time[CLOCK_TEXT_BYTES];
	uint64_t made, lost;

	agent_report_sums(report, &made, &lost);
	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s %s, %" PRIu64 " s, %" PRIu64 " events, %" PRIu64 " lost",
	             time + 11, actions[action].text, agent_report_state(report),
	             report->uptime_ns / SECOND_NS, made, lost);
}

void format_class_json(struct format *f, uint64_t time_ns, enum event_type type, const char *reason)
{
	struct jsonw *json = &f->json;

	agent_head(f, time_ns, own_class_action(reason), "state", "change");
	jsonw_object_open(json, "sextant");
	own_class(json, type, reason);
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

void format_class_text(struct format *f, uint64_t time_ns, enum event_type type, const char *reason)
{
	char time[CLOCK_TEXT_BYTES];

	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s %s", time + 11, event_type_name(type),
	             reason ? reason : "reports again");
}

void format_budget_json(struct format *f, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable)
{
	struct jsonw *json = &f->json;

	agent_head(f, time_ns, own_budget_action(budget), "state", "change");
	jsonw_object_open(json, "sextant");
	agent_report_budget(json, budget, budget->share_bytes ? executable : NULL);
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

void format_budget_text(struct format *f, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable)
{
	char time[CLOCK_TEXT_BYTES];

	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s budget %u %% of a CPU", time + 11, budget->used);
	if (!budget->share_bytes)
		return;
	jsonw_printf(&f->json, ", users have shares; most events are of ");
	jsonw_escaped(&f->json, executable);
}
