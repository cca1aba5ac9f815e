/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor says of itself: in the events agent_start, heartbeat and agent_stop,
 * to 'sextant status', and as metrics. Strings are those of who made the report.
 */
#ifndef LOADER_EVENT_AGENT_REPORT_H
#define LOADER_EVENT_AGENT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets/util/jsonw.h"
#include "probes/abi/schema.h"

enum agent_action { AGENT_START, AGENT_HEARTBEAT, AGENT_STOP };

/* Of events: made = written + waiting + lost, at any moment. */
struct class_report {
	bool is_wanted, works;
	const char *source, *lacks; /* of one that works; lacks may be "" */
	const char *reason;         /* why it does not work */
	uint64_t written, waiting, lost;
	uint64_t shed; /* of those that were lost: their user had used up the share of the ring */
};

/* Of --cpu-budget. */
struct budget_report {
	unsigned int percent, used; /* of one CPU; percent 0: no limit */
	uint32_t share_bytes;       /* what a user has of a ring in 134 ms; 0: all of it */
};

struct process_report {
	int pid;
	uint64_t memory_bytes; /* resident */
	uint64_t cpu_ns;
};

/* A rule that events are held to after they were read. */
struct rule_report {
	const char *text;
	bool is_try;
	uint64_t events; /* that it has left out, or would have */
};

#define RULE_REPORTS_MAX 64

/* Of the lines of a class: made = delivered + queued + dropped, at any moment. */
struct output_counts {
	uint64_t made, delivered, queued;
	uint64_t dropped_full, dropped_too_long, dropped_failed, dropped_expired;
};

#define OUTPUT_REPORTS_MAX 8

struct output_report {
	const char *name;
	bool is_up;
	struct output_counts counts[EVENT_TYPES + 1]; /* the last ones: events about the sensor */
};

#define PROBLEMS_MAX  24
#define PROBLEM_BYTES 256

struct agent_report {
	uint64_t uptime_ns;
	const char *kernel; /* release of this host */
	const char *row, *source,
		*how; /* release of the kernel entry, its source, how it was found */
	struct class_report classes[EVENT_TYPES];
	uint64_t missed; /* hits that no program saw, of which class is not known */
	uint64_t incomplete, malformed;
	uint64_t own_events;            /* of the canary, which have numbers and are not written */
	uint64_t ring_bytes, ring_high; /* of each ring, and the most that was in one */
	uint64_t queue_bytes, held_bytes; /* lines that wait for outputs, records for room */
	struct output_report outputs[OUTPUT_REPORTS_MAX];
	size_t output_count;
	uint64_t processes; /* that are known */
	struct process_report engine, monitor;
	struct budget_report budget;
	uint64_t left_out; /* events, by rules of that kind */
	uint64_t redacted; /* parts of command lines and environments */
	struct rule_report rules[RULE_REPORTS_MAX];
	size_t rule_count;
	char problems[PROBLEMS_MAX][PROBLEM_BYTES]; /* what a person should look at */
	size_t problem_count;
};

/* Members of an object that is open: what all uses have, numbers; and what is known at the start.
 */
void agent_report_numbers(struct jsonw *json, const struct agent_report *report);
void agent_report_sources(struct jsonw *json, const struct agent_report *report);

/* The object "budget". executable: that makes most events; NULL: none is named. */
void agent_report_budget(struct jsonw *json, const struct budget_report *budget,
                         const char *executable);

/* Events of all classes. */
void agent_report_sums(const struct agent_report *report, uint64_t *ret_made, uint64_t *ret_lost);

/* "ok" or "degraded" */
const char *agent_report_state(const struct agent_report *report);

#endif
