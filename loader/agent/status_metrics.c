/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself, in the text format of Prometheus (0.0.4). */
#include <inttypes.h>

#include "loader/agent/status_socket.h"
#include "loader/stream/fields.h"
#include "offsets/util/version.h"

static void head(struct jsonw *out, const char *name, const char *type, const char *help)
{
	jsonw_printf(out, "# HELP sextant_%s %s\n# TYPE sextant_%s %s\n", name, help, name, type);
}

static void one(struct jsonw *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
	head(out, name, type, help);
	jsonw_printf(out, "sextant_%s %" PRIu64 "\n", name, value);
}

/* A value in quotes; \\, \" and \n are the escapes that there are. */
static void label(struct jsonw *out, const char *before, const char *name, const char *value)
{
	jsonw_printf(out, "%s%s=\"", before, name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			jsonw_put(out, "\\", 1);
		jsonw_put(out, *value == '\n' ? "\\n" : value, *value == '\n' ? 2 : 1);
	}
	jsonw_put(out, "\"", 1);
}

enum count { WRITTEN, WAITING, LOST, SHED, WORKS };

static uint64_t count_of(const struct class_report *c, enum count count)
{
	return count == WRITTEN   ? c->written
	       : count == WAITING ? c->waiting
	       : count == LOST    ? c->lost
	       : count == SHED    ? c->shed
	                          : c->works;
}

static void by_class(struct jsonw *out, const struct agent_report *r, const char *name,
                     const char *type, const char *help, enum count count)
{
	unsigned int i;

	head(out, name, type, help);
	for (i = 0; i < EVENT_TYPES; i++)
		if (r->classes[i].is_wanted)
			jsonw_printf(out, "sextant_%s{class=\"%s\"} %" PRIu64 "\n", name,
			             event_type_name(i), count_of(&r->classes[i], count));
}

static void info(struct jsonw *out, const struct agent_report *r)
{
	head(out, "build_info", "gauge", "Version of the sensor.");
	jsonw_printf(out, "sextant_build_info{version=\"%s\"} 1\n", SEXTANT_VERSION);
	head(out, "offsets_info", "gauge", "Kernel, and where its offsets come from.");
	label(out, "sextant_offsets_info{", "kernel", r->kernel);
	label(out, ",", "release", r->row);
	label(out, ",", "source", r->source);
	label(out, ",", "found_by", r->how);
	jsonw_printf(out, "} 1\n");
}

static void usage(struct jsonw *out, const struct agent_report *r)
{
	head(out, "memory_bytes", "gauge", "Resident memory.");
	jsonw_printf(out, "sextant_memory_bytes{process=\"engine\"} %" PRIu64 "\n",
	             r->engine.memory_bytes);
	jsonw_printf(out, "sextant_memory_bytes{process=\"monitor\"} %" PRIu64 "\n",
	             r->monitor.memory_bytes);
	head(out, "cpu_seconds_total", "counter",
	     "CPU time, without that of the programs in the kernel.");
	jsonw_printf(out, "sextant_cpu_seconds_total{process=\"engine\"} %.6f\n",
	             (double)r->engine.cpu_ns / 1e9);
	jsonw_printf(out, "sextant_cpu_seconds_total{process=\"monitor\"} %.6f\n",
	             (double)r->monitor.cpu_ns / 1e9);
	one(out, "cpu_percent", "gauge",
	    "Per cent of a CPU that the sensor took, as last measured.", r->budget.used);
	one(out, "cpu_budget_percent", "gauge", "What it may take; 0: there is no limit.",
	    r->budget.percent);
	one(out, "share_bytes", "gauge",
	    "What a user has of a ring in 134 ms because of that limit; 0: all of it.",
	    r->budget.share_bytes);
}

static void rules(struct jsonw *out, const struct agent_report *r)
{
	size_t i;

	head(out, "rule_events", "gauge",
	     "Events that a rule has left out, or would (try), since it is in force.");
	for (i = 0; i < r->rule_count; i++) {
		label(out, "sextant_rule_events{", "rule", r->rules[i].text);
		jsonw_printf(out, "} %" PRIu64 "\n", r->rules[i].events);
	}
}

static void output_count(struct jsonw *out, const struct output_report *o, unsigned int tag,
                         const char *result, uint64_t count)
{
	label(out, "sextant_output_events_total{", "output", o->name);
	jsonw_printf(out, ",class=\"%s\",result=\"%s\"} %" PRIu64 "\n", event_type_name(tag),
	             result, count);
}

static void outputs(struct jsonw *out, const struct agent_report *r)
{
	const struct output_report *o;
	unsigned int type;

	head(out, "output_up", "gauge", "Whether an output takes events.");
	for (o = r->outputs; o < r->outputs + r->output_count; o++) {
		label(out, "sextant_output_up{", "output", o->name);
		jsonw_printf(out, "} %d\n", o->is_up);
	}
	head(out, "output_events_total", "counter",
	     "What became of the events given to an output.");
	for (o = r->outputs; o < r->outputs + r->output_count; o++)
		for (type = 0; type < EVENT_TYPES; type++) {
			const struct output_counts *c = &o->counts[type];

			if (!r->classes[type].is_wanted)
				continue;
			output_count(out, o, type, "delivered", c->delivered);
			output_count(out, o, type, "dropped_full", c->dropped_full);
			output_count(out, o, type, "dropped_too_long", c->dropped_too_long);
			output_count(out, o, type, "dropped_failed", c->dropped_failed);
			output_count(out, o, type, "dropped_expired", c->dropped_expired);
		}
}

void status_metrics(struct jsonw *out, const struct agent_report *r)
{
	info(out, r);
	one(out, "uptime_seconds", "gauge", "Time since the sensor was ready.",
	    r->uptime_ns / 1000000000);
	one(out, "problems", "gauge", "What 'sextant status' lists as problems.", r->problem_count);
	by_class(out, r, "class_on", "gauge", "Whether an event class works.", WORKS);
	by_class(out, r, "events_total", "counter", "Events that were written.", WRITTEN);
	by_class(out, r, "waiting_events", "gauge", "Events that wait for the output.", WAITING);
	by_class(out, r, "lost_total", "counter", "Events that were lost.", LOST);
	by_class(out, r, "shed_total", "counter",
	         "Events of those that were lost whose user had used up the share.", SHED);
	one(out, "missed_total", "counter", "Hits that the kernel's probes missed.", r->missed);
	one(out, "incomplete_total", "counter", "Events of which parts were lost.", r->incomplete);
	one(out, "malformed_total", "counter", "Records that could not be decoded.", r->malformed);
	one(out, "own_events_total", "counter", "Events of the sensor's own check.", r->own_events);
	one(out, "left_out_total", "counter", "Events that rules left out after they were read.",
	    r->left_out);
	one(out, "redacted_total", "counter", "Secrets that were replaced (--redact).",
	    r->redacted);
	rules(out, r);
	outputs(out, r);
	one(out, "ring_bytes", "gauge", "Size of the ring of a CPU.", r->ring_bytes);
	one(out, "ring_high_bytes", "gauge", "The most that was in a ring.", r->ring_high);
	one(out, "queue_bytes", "gauge", "Lines that wait for outputs.", r->queue_bytes);
	one(out, "held_bytes", "gauge", "Records that wait for room or order.", r->held_bytes);
	one(out, "processes", "gauge", "Processes that are known.", r->processes);
	usage(out, r);
}
