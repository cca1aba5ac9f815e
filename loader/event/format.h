/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as lines: JSON with the names of ECS or OCSF (docs/events.md), text, or records of audit.
 */
#ifndef LOADER_EVENT_FORMAT_H
#define LOADER_EVENT_FORMAT_H

#include "loader/event/agent_report.h"
#include "loader/event/notes.h"
#include "loader/host/clock.h"
#include "loader/host/host.h"
#include "loader/state/cache.h"
#include "loader/state/containers.h"
#include "loader/state/names.h"
#include "loader/stream/decode.h"
#include "loader/stream/loss.h"
#include "offsets/util/jsonw.h"

/* Members that are the same in each event, as they stand in it. */
struct constant {
	char host_name[256]; /* with which they were written */
	size_t size;         /* 0: not written yet */
	char text[4096];
};

/* Bytes of a command line, before they are escaped: of the process itself, of its parent. */
#define COMMAND_LINE_BYTES        4096
#define PARENT_COMMAND_LINE_BYTES CACHE_ARGS_BYTES

struct format {
	const struct host *host;
	uint32_t run;        /* tells this run of the sensor from others of this boot */
	uint64_t own_events; /* about the sensor itself, so far: who writes one counts it */
	/* In the form of audit, so far: from run on, they have numbers of 32 bits, of which no two
	 * events of a millisecond have the same. */
	uint32_t audit_events;
	struct constant constant, ocsf_device, ocsf_rest;
	/* Of the event at hand. */
	char command_line[COMMAND_LINE_BYTES], parent_command_line[PARENT_COMMAND_LINE_BYTES];
	struct clock_offsets clock;
	struct cache *cache; /* NULL: no process is known but by what an event itself says */
	const struct names *names;
	const struct containers *containers; /* NULL: nothing is known of them but their ids */
	uint64_t event_ns;                   /* of the event at hand, CLOCK_MONOTONIC */
	bool is_null_left_out; /* here: a member that could not be read is left out, and not null */
	const char *env;       /* "LD_PRELOAD,LD_AUDIT": the variables to show */
	struct jsonw json;     /* used again for each event */
	struct notes notes;    /* of the event at hand */
};

/* The hash of a file that was not known when the event of its exec, or of its module, was written.
 */
struct late_hash {
	struct process_ids process;
	bool is_start_unread;
	const char *exe; /* path of the executable, or of the module's file */
	size_t exe_size;
	const struct event_file *script, *module; /* whose hash it is; NULL: the executable's */
	struct event_hash hash;
};

/*
 * A form of lines. A function writes the line of one event (records of audit: several, with
 * newlines between them), without a newline at its end, to
 * format->json: text and size, until the next call. format->json.failed: out of memory.
 * time_ns: CLOCK_MONOTONIC.
 */
struct line_form {
	/* 0, -ENOMEM, or -E2BIG: longer than EVENT_LINE_MAX (line.h), which no event is; then
	 * it is not to be written. */
	int (*event)(struct format *format, const struct event *ev);
	/* Events that were lost. */
	void (*loss)(struct format *format, uint64_t time_ns, const struct loss *loss);
	/* What the sensor says of itself. */
	void (*agent)(struct format *format, uint64_t time_ns, enum agent_action action,
	              const struct agent_report *report);
	/* A class does not report (reason), or reports again (NULL). */
	void (*of_class)(struct format *format, uint64_t time_ns, enum event_type type,
	                 const char *reason);
	/* --cpu-budget: shares have begun, of events that executable makes most of; or ended. */
	void (*budget)(struct format *format, uint64_t time_ns, const struct budget_report *budget,
	               const char *executable);
	void (*hash)(struct format *format, uint64_t time_ns, const struct late_hash *late);
	/* What is known of a container now (format->containers). */
	void (*container)(struct format *format, uint64_t time_ns, const struct container_id *id);
};

extern const struct line_form form_json, form_text; /* others: loader/ocsf/, loader/audit/ */

#endif
