/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/health.h"
#include "loader/agent/resources.h"
#include "loader/stream/fields.h"

/* So long after a loss the sensor is not well. */
#define LOSS_NS 60000000000ULL

void health_second(struct health *h, uint64_t now_ns)
{
	uint64_t lost = losses_all(h->watch->losses);

	if (lost != h->lost)
		h->lost_ns = now_ns;
	h->lost = lost;
}

/* ---- problems ---------------------------------------------------------- */

static void problem(struct agent_report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void problem(struct agent_report *r, const char *format, ...)
{
	va_list args;

	if (r->problem_count == PROBLEMS_MAX)
		return;
	va_start(args, format);
	vsnprintf(r->problems[r->problem_count++], PROBLEM_BYTES, format, args);
	va_end(args);
}

static void problems_find(const struct health *h, uint64_t now_ns, struct agent_report *r)
{
	unsigned int type;
	size_t i;

	for (type = 0; type < EVENT_TYPES; type++)
		if (r->classes[type].is_wanted && !r->classes[type].works)
			problem(r, "%s does not work: %s", event_type_name(type),
			        r->classes[type].reason);
	for (type = 0; type < EVENT_TYPES; type++)
		if (h->canary->silent & (1U << type))
			problem(r,
			        "%s does not report: the events of the sensor's canary do not come",
			        event_type_name(type));
	if (h->config->no_self_test)
		problem(r, "the offsets were not compared with this kernel (--no-self-test)");
	if (*h->watch->second.disabled)
		problem(r, "%s", h->watch->second.disabled);
	if (h->lost_ns && now_ns - h->lost_ns < LOSS_NS)
		problem(r, "events were lost in the last minute (%" PRIu64 " in all)", h->lost);
	if (r->budget.share_bytes)
		problem(r,
		        "users have shares of the events, as the sensor took more CPU time than "
		        "--cpu-budget allows (%u %% of a CPU); 'sextant top' shows who makes them",
		        r->budget.percent);
	for (i = 0; i < r->output_count; i++)
		if (!r->outputs[i].is_up)
			problem(r, "%s does not take events", r->outputs[i].name);
}

/* ---- numbers ----------------------------------------------------------- */

static void class_report(const struct health *h, unsigned int type, struct class_report *ret)
{
	const struct class_state *state = probes_class(h->programs->probes, type);
	const struct writer *w = h->records->writer;
	bool has_failed = h->tested->failed & (1U << type);

	*ret = (struct class_report){
		.is_wanted = h->config->classes & (1U << type),
		.works = h->tested->works & (1U << type),
		.source = state->source,
		.lacks = state->lacks,
		.reason = has_failed       ? "its self-test failed"
		          : *state->reason ? state->reason
		                           : "no program was attached",
		.written = writer_written(w, type),
		.waiting = writer_unwritten(w, type),
		.lost = losses_total(h->watch->losses, type) + writer_dropped_of(w, type),
		.shed = losses_shed(h->watch->losses, type),
	};
}

_Static_assert(RULE_REPORTS_MAX >= EVENT_RULES_MAX, "each rule is reported");

static void rules_report(const struct records *records, struct agent_report *ret)
{
	size_t i;

	ret->left_out = records->left_out;
	ret->redacted = records->redacted;
	ret->rule_count = records->rules.count;
	for (i = 0; i < ret->rule_count; i++)
		ret->rules[i] = (struct rule_report){ .text = records->rules.list[i].text,
			                              .is_try = records->rules.list[i].is_try,
			                              .events = records->rule_hits[i] };
}

void health_report(const struct health *h, uint64_t now_ns, struct agent_report *ret)
{
	const struct offsets_kernel *row = h->programs->choice.row;
	const char *source = offsets_kernel_key(row, OFFSETS_KEY_SOURCE);
	unsigned int type;

	*ret = (struct agent_report){
		.uptime_ns = now_ns - h->start_ns,
		.kernel = h->programs->host.release,
		.row = offsets_kernel_key(row, OFFSETS_KEY_RELEASE),
		.source = source ? source : "unknown source",
		.how = choice_how_text(h->programs->choice.how),
		.missed = losses_total(h->watch->losses, EVENT_TYPES),
		.incomplete = probes_incomplete(h->programs->probes),
		.malformed = h->records->malformed,
		.own_events = h->canary->own_events,
		.processes = processes_known(h->processes),
		.engine = resources_read(),
		.monitor = h->watch->second.usage,
		.budget = shares_report(h->shares),
	};
	probes_levels(h->programs->probes, &ret->ring_bytes, &ret->ring_high, &ret->held_bytes);
	rules_report(h->records, ret);
	outputs_report(&h->records->writer->outputs, ret);
	for (type = 0; type < EVENT_TYPES; type++)
		class_report(h, type, &ret->classes[type]);
	problems_find(h, now_ns, ret);
}
