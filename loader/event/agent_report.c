/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/event/agent_report.h"
#include "loader/stream/fields.h"
#include "offsets/util/version.h"

#define SECOND_NS 1000000000ULL

const char *agent_report_state(const struct agent_report *report)
{
	return report->problem_count ? "degraded" : "ok";
}

static uint64_t class_made(const struct class_report *c)
{
	return c->written + c->waiting + c->lost;
}

void agent_report_sums(const struct agent_report *report, uint64_t *ret_made, uint64_t *ret_lost)
{
	unsigned int type;

	*ret_made = *ret_lost = 0;
	for (type = 0; type < EVENT_TYPES; type++) {
		*ret_made += class_made(&report->classes[type]);
		*ret_lost += report->classes[type].lost;
	}
}

static void class_numbers(struct jsonw *json, const char *name, const struct class_report *c)
{
	jsonw_object_open(json, name);
	jsonw_bool(json, "works", c->works);
	jsonw_u64(json, "made", class_made(c));
	jsonw_u64(json, "written", c->written);
	jsonw_u64(json, "waiting", c->waiting);
	jsonw_u64(json, "lost", c->lost);
	jsonw_u64(json, "shed", c->shed);
	jsonw_object_close(json);
}

static void process_write(struct jsonw *json, const char *key, const struct process_report *p)
{
	jsonw_object_open(json, key);
	jsonw_u64(json, "pid", p->pid);
	jsonw_u64(json, "memory_bytes", p->memory_bytes);
	jsonw_u64(json, "cpu_ms", p->cpu_ns / 1000000);
	jsonw_object_close(json);
}

static void classes_write(struct jsonw *json, const struct agent_report *report)
{
	unsigned int type;

	jsonw_object_open(json, "classes");
	for (type = 0; type < EVENT_TYPES; type++)
		if (report->classes[type].is_wanted)
			class_numbers(json, event_type_name(type), &report->classes[type]);
	jsonw_object_close(json);
}

static void counts_write(struct jsonw *json, const char *name, const struct output_counts *c)
{
	jsonw_object_open(json, name);
	jsonw_u64(json, "made", c->made);
	jsonw_u64(json, "delivered", c->delivered);
	jsonw_u64(json, "queued", c->queued);
	jsonw_u64(json, "dropped_full", c->dropped_full);
	jsonw_u64(json, "dropped_too_long", c->dropped_too_long);
	jsonw_u64(json, "dropped_failed", c->dropped_failed);
	jsonw_u64(json, "dropped_expired", c->dropped_expired);
	jsonw_object_close(json);
}

static void outputs_write(struct jsonw *json, const struct agent_report *report)
{
	const struct output_report *o;
	unsigned int type;

	jsonw_array_open(json, "outputs");
	for (o = report->outputs; o < report->outputs + report->output_count; o++) {
		jsonw_object_open(json, NULL);
		jsonw_bytes(json, "name", o->name, strlen(o->name));
		jsonw_bool(json, "up", o->is_up);
		jsonw_object_open(json, "classes");
		for (type = 0; type < EVENT_TYPES; type++)
			if (o->counts[type].made)
				counts_write(json, event_type_name(type), &o->counts[type]);
		jsonw_object_close(json);
		counts_write(json, "own", &o->counts[EVENT_TYPES]);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

void agent_report_budget(struct jsonw *json, const struct budget_report *b, const char *executable)
{
	jsonw_object_open(json, "budget");
	jsonw_u64(json, "percent", b->percent);
	jsonw_u64(json, "used", b->used);
	if (b->share_bytes)
		jsonw_u64(json, "share_bytes", b->share_bytes);
	if (executable)
		jsonw_bytes(json, "executable", executable, strlen(executable));
	jsonw_object_close(json);
}

void agent_report_numbers(struct jsonw *json, const struct agent_report *report)
{
	size_t i;

	jsonw_string(json, "version", SEXTANT_VERSION);
	jsonw_u64(json, "uptime", report->uptime_ns / SECOND_NS);
	jsonw_string(json, "state", agent_report_state(report));
	jsonw_array_open(json, "problems");
	for (i = 0; i < report->problem_count; i++)
		jsonw_string(json, NULL, report->problems[i]);
	jsonw_array_close(json);
	classes_write(json, report);
	jsonw_u64(json, "missed", report->missed);
	jsonw_u64(json, "incomplete", report->incomplete);
	jsonw_u64(json, "malformed", report->malformed);
	jsonw_u64(json, "own_events", report->own_events);
	jsonw_u64(json, "left_out", report->left_out);
	jsonw_u64(json, "redacted", report->redacted);
	jsonw_u64(json, "ring_bytes", report->ring_bytes);
	jsonw_u64(json, "ring_high_bytes", report->ring_high);
	jsonw_u64(json, "queue_bytes", report->queue_bytes);
	jsonw_u64(json, "held_bytes", report->held_bytes);
	outputs_write(json, report);
	jsonw_u64(json, "processes", report->processes);
	process_write(json, "engine", &report->engine);
	process_write(json, "monitor", &report->monitor);
	agent_report_budget(json, &report->budget, NULL);
}

static void source_write(struct jsonw *json, const char *name, const struct class_report *c)
{
	jsonw_object_open(json, name);
	if (c->works) {
		jsonw_string(json, "source", c->source);
		if (*c->lacks)
			jsonw_string(json, "lacks", c->lacks);
	} else {
		jsonw_string(json, "reason", c->reason);
	}
	jsonw_object_close(json);
}

void agent_report_sources(struct jsonw *json, const struct agent_report *report)
{
	unsigned int type;

	jsonw_string(json, "kernel", report->kernel);
	jsonw_object_open(json, "offsets");
	jsonw_string(json, "release", report->row);
	jsonw_string(json, "source", report->source);
	jsonw_string(json, "found_by", report->how);
	jsonw_object_close(json);
	jsonw_object_open(json, "sources");
	for (type = 0; type < EVENT_TYPES; type++)
		if (report->classes[type].is_wanted)
			source_write(json, event_type_name(type), &report->classes[type]);
	jsonw_object_close(json);
}
