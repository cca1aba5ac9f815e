/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what the sensor says of itself: struct agent_report. */
#ifndef LOADER_AGENT_HEALTH_H
#define LOADER_AGENT_HEALTH_H

#include <stdint.h>

#include "loader/agent/loss_watch.h"
#include "loader/agent/processes.h"
#include "loader/agent/records.h"
#include "loader/agent/shares.h"
#include "loader/agent/startup_test.h"
#include "loader/config/config.h"
#include "loader/event/agent_report.h"

/* All of it is the caller's. */
struct health {
	const struct config *config;
	const struct programs *programs;
	const struct startup_result *tested;
	const struct records *records;
	const struct processes *processes;
	const struct loss_watch *watch;
	const struct shares *shares;
	const struct canary_watch *canary;
	uint64_t start_ns;      /* CLOCK_MONOTONIC */
	uint64_t lost, lost_ns; /* events in all; when the count has grown the last time */
};

/* Once a second: notes whether events were lost. */
void health_second(struct health *health, uint64_t now_ns);

/* *ret is valid as long as what the health is of. */
void health_report(const struct health *health, uint64_t now_ns, struct agent_report *ret);

#endif
