/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself, for people. */
#include <inttypes.h>
#include <string.h>

#include "loader/agent/status_socket.h"
#include "loader/stream/fields.h"
#include "offsets/util/version.h"

#define SECOND_NS 1000000000ULL

/* "3 d 4 h", "12 min", "5 s" */
static void duration_put(struct jsonw *out, uint64_t seconds)
{
	if (seconds >= 86400)
		jsonw_printf(out, "%" PRIu64 " d %" PRIu64 " h", seconds / 86400,
		             seconds % 86400 / 3600);
	else if (seconds >= 3600)
		jsonw_printf(out, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
		             seconds % 3600 / 60);
	else if (seconds >= 60)
		jsonw_printf(out, "%" PRIu64 " min", seconds / 60);
	else
		jsonw_printf(out, "%" PRIu64 " s", seconds);
}

static void head_put(struct jsonw *out, const struct agent_report *r)
{
	size_t i;

	jsonw_printf(out, "sextant %s on %s: %s, up ", SEXTANT_VERSION, r->kernel,
	             agent_report_state(r));
	duration_put(out, r->uptime_ns / SECOND_NS);
	jsonw_printf(out, " (engine %d, monitor %d)\noffsets of %s (%s, by %s)\n", r->engine.pid,
	             r->monitor.pid, r->row, r->source, r->how);
	for (i = 0; i < r->problem_count; i++) {
		jsonw_printf(out, "problem: ");
		jsonw_escaped(out, r->problems[i]);
		jsonw_put(out, "\n", 1);
	}
}

static void class_put(struct jsonw *out, const char *name, const struct class_report *c)
{
	jsonw_printf(
		out, "%-14s %12" PRIu64 " %12" PRIu64 " %8" PRIu64 " %10" PRIu64 " %10" PRIu64 "  ",
		name, c->written + c->waiting + c->lost, c->written, c->waiting, c->lost, c->shed);
	jsonw_escaped(out, c->works ? c->source : "off");
	jsonw_put(out, "\n", 1);
}

/* In MiB, with a digit. */
static void process_put(struct jsonw *out, const char *name, const struct process_report *p)
{
	jsonw_printf(out, "%s: %.1f MiB, %.1f s of CPU\n", name,
	             (double)p->memory_bytes / (1024 * 1024), (double)p->cpu_ns / SECOND_NS);
}

static void rules_put(struct jsonw *out, const struct agent_report *r)
{
	size_t i;

	for (i = 0; i < r->rule_count; i++) {
		jsonw_printf(out, "%s %" PRIu64 " events: ",
		             r->rules[i].is_try ? "would leave out" : "left out",
		             r->rules[i].events);
		jsonw_escaped(out, r->rules[i].text);
		jsonw_put(out, "\n", 1);
	}
}

static void budget_put(struct jsonw *out, const struct budget_report *b)
{
	jsonw_printf(out, "both: %u %% of a CPU", b->used);
	if (b->percent)
		jsonw_printf(out, ", budget %u %%", b->percent);
	if (b->share_bytes)
		jsonw_printf(out, ", so each user has %u bytes of each ring in 134 ms",
		             (unsigned int)b->share_bytes);
	jsonw_put(out, "\n", 1);
}

static void outputs_put(struct jsonw *out, const struct agent_report *r)
{
	const struct output_report *o;
	struct output_counts sum;
	unsigned int tag;

	for (o = r->outputs; o < r->outputs + r->output_count; o++) {
		sum = (struct output_counts){ 0 };
		for (tag = 0; tag <= EVENT_TYPES; tag++) {
			sum.made += o->counts[tag].made;
			sum.delivered += o->counts[tag].delivered;
			sum.queued += o->counts[tag].queued;
		}
		jsonw_printf(out, "output ");
		jsonw_escaped(out, o->name);
		jsonw_printf(out,
		             ": %s, %" PRIu64 " lines made, %" PRIu64 " delivered, %" PRIu64
		             " waiting, %" PRIu64 " dropped\n",
		             o->is_up ? "up" : "takes no events", sum.made, sum.delivered,
		             sum.queued, sum.made - sum.delivered - sum.queued);
	}
}

void status_text(struct jsonw *out, const struct agent_report *r)
{
	unsigned int type;

	head_put(out, r);
	jsonw_printf(out, "\n%-14s %12s %12s %8s %10s %10s  %s\n", "class", "made", "written",
	             "waiting", "lost", "of it shed", "source");
	for (type = 0; type < EVENT_TYPES; type++)
		if (r->classes[type].is_wanted)
			class_put(out, event_type_name(type), &r->classes[type]);
	jsonw_printf(out,
	             "missed by the kernel's probes %" PRIu64 ", incomplete %" PRIu64
	             ", malformed %" PRIu64 "\n",
	             r->missed, r->incomplete, r->malformed);
	jsonw_printf(out, "events of the sensor's own check, not written: %" PRIu64 "\n",
	             r->own_events);
	rules_put(out, r);
	jsonw_put(out, "\n", 1);
	jsonw_printf(out, "rings: %" PRIu64 " KiB a CPU, at most %" PRIu64 " KiB used\n",
	             r->ring_bytes / 1024, r->ring_high / 1024);
	jsonw_printf(out, "waiting: %" PRIu64 " bytes for outputs, %" PRIu64 " bytes of records\n",
	             r->queue_bytes, r->held_bytes);
	outputs_put(out, r);
	jsonw_printf(out, "processes known: %" PRIu64 "\n", r->processes);
	process_put(out, "engine", &r->engine);
	process_put(out, "monitor", &r->monitor);
	budget_put(out, &r->budget);
}
