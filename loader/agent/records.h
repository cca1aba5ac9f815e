/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a record: from the rings to the self-test, or by its decoding to the
 * writer and to what is known of processes.
 */
#ifndef LOADER_AGENT_RECORDS_H
#define LOADER_AGENT_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/canary_watch.h"
#include "loader/agent/container_names.h"
#include "loader/agent/hashes.h"
#include "loader/agent/processes.h"
#include "loader/agent/recording.h"
#include "loader/agent/talkers.h"
#include "loader/agent/writer.h"
#include "loader/bpf/probes.h"
#include "loader/rules/event_rules.h"
#include "loader/stream/interpreters.h"
#include "loader/stream/module_files.h"
#include "loader/stream/redact.h"
#include "loader/verify/selftest.h"
#include "offsets/layout.h"

struct records {
	const struct layout *layout; /* NULL: records say all that is not known */
	struct recording *recording; /* the caller's; NULL: none */
	struct writer *writer;
	struct processes *processes;
	struct interpreters *interpreters;
	struct module_files *module_files;
	struct canary_watch *canary;
	struct talkers *talkers;
	struct event_rules rules;            /* that events are held to here */
	struct hashes *hashes;               /* the caller's; NULL: none */
	struct container_names *names;       /* the same */
	struct redaction *redaction;         /* the caller's; NULL: none */
	uint64_t redacted;                   /* parts that were replaced */
	uint64_t rule_hits[EVENT_RULES_MAX]; /* of each, since the rules are in force */
	uint64_t left_out;                   /* events by these, since the start */
	struct selftest *test; /* takes the records before the start; NULL: they are ignored */
	bool is_started;       /* records are events from here on */
	uint64_t begin_ns,
		end_ns; /* events before and from then on are another sensor's; 0: none is */
	bool has_come;  /* one has, since who reads this has cleared it */
	uint64_t malformed;
};

/* What it points to must stay. 0 or -ENOMEM; records_deinit() takes a zeroed struct too. */
int records_init(struct records *records, const struct layout *layout, struct writer *writer,
                 struct processes *processes, struct canary_watch *canary,
                 struct offsets_error *error);
void records_deinit(struct records *records);

/* are_new: else they are those of before, whose counts go on, and their files may be others. */
void records_rules_set(struct records *records, const struct event_rules *rules, bool are_new);

/* For probes_attach(). */
struct probes_use records_use(struct records *records);

#endif
