/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: waits for records and for the output, and does what is due. */
#ifndef LOADER_AGENT_LOOP_H
#define LOADER_AGENT_LOOP_H

#include <stdint.h>

#include "loader/agent/health.h"
#include "loader/agent/loss_watch.h"
#include "loader/agent/metrics_http.h"
#include "loader/agent/processes.h"
#include "loader/agent/programs.h"
#include "loader/agent/restart.h"
#include "loader/agent/shares.h"
#include "loader/agent/status_socket.h"
#include "loader/agent/writer.h"
#include "loader/monitor/monitor.h"

/* What it serves; all of it is the caller's. */
struct loop {
	struct programs *programs;
	struct writer *writer;
	struct processes *processes;
	struct records *records;
	struct monitor *monitor;
	struct loss_watch *watch;
	struct shares *shares;
	struct canary_watch *canary;
	struct hashes *hashes;
	struct container_names *names;
	struct health *health;
	struct status *status;
	struct metrics_http *http;
	struct restart *restart;
	uint64_t heartbeat_ns;        /* how often it reports of itself; 0: never */
	bool has_metrics;             /* a file of them is to be written */
	bool has_metrics_failed;      /* the last time */
	uint64_t beat_ns, metrics_ns; /* when that was done the last time */
	uint64_t tick_ns, second_ns, flows_ns, rules_ns; /* when each was done the last time */
	uint64_t record_ns;                              /* when a record came the last time */
	bool is_asked;     /* there is a client of the control socket */
	bool is_reloading; /* rules are to be read again */
	bool is_restart_wanted;
};

/*
 * Until a signal asks for the end, the output fails (writer->err), or for
 * duration_ns; 0: without a limit. 0 or -errno.
 */
int loop_run(struct loop *loop, uint64_t duration_ns, struct offsets_error *error);

/*
 * The end: silences the programs and writes what is in the rings, and the flows
 * that go on, until the output takes nothing for five seconds, or for 30 seconds
 * in all. What is left then is counted as lost. 0 or -errno.
 */
int loop_drain(struct loop *loop, struct offsets_error *error);

#endif
