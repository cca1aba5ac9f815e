/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From one process to two: what of the sensor stays with the monitor, what goes with the
 * engine, and what the engine asks for from then on.
 */
#ifndef LOADER_AGENT_SPLIT_H
#define LOADER_AGENT_SPLIT_H

#include "loader/agent/ask.h"
#include "loader/agent/metrics_http.h"
#include "loader/agent/records.h"
#include "loader/agent/serve.h"
#include "loader/agent/status_socket.h"
#include "loader/monitor/monitor.h"

/* All that it points to is the caller's. */
struct split {
	const struct config *config;
	struct served served; /* the monitor's, which frees it at its end */
	/* The engine's; the monitor frees its copies, but for a recording, which that would end. */
	struct records *records; /* with its writer, processes, hashes and names */
	struct losses *losses;
	struct status *status;
	struct metrics_http *http;
	int handover; /* loader/agent/handover.h; -1: none */
	struct asked_output asked[OUTPUTS_MAX];
};

/*
 * Forks the monitor, and gives up the rights of this process, which is the engine from
 * then on. What is served must not be used by it any more, but for what probes_ask() says.
 * 0 or -errno: nothing was given up.
 */
int split_begin(struct split *split, struct monitor *ret, struct offsets_error *error);

#endif
