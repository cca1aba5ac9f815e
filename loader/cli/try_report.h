/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant check --try': what it finds, and its two forms of output. */
#ifndef LOADER_CLI_TRY_REPORT_H
#define LOADER_CLI_TRY_REPORT_H

#include "loader/config/config.h"
#include "loader/agent/proof.h"
#include "loader/agent/trial.h"
#include "loader/host/candidates.h"
#include "loader/host/host.h"

struct try_report {
	const struct config *config;
	struct host host;
	struct candidates candidates;
	struct trials trials;
	struct proof proof;
	uint64_t taken_ns; /* by all trials */
	bool is_pinned;
	int code; /* enum exit_code */
};

/* Runs it and prints the report. Returns an enum exit_code. */
int command_try(const struct config *config);

/* On standard output. */
void try_text(const struct try_report *report);
int try_json(const struct try_report *report); /* 0 or -errno */

#endif
