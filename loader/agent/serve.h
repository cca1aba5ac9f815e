/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's side: what it does for each kind of request (loader/agent/request.h). */
#ifndef LOADER_AGENT_SERVE_H
#define LOADER_AGENT_SERVE_H

#include "loader/config/config.h"
#include "loader/agent/compressors.h"
#include "loader/agent/helpers.h"
#include "loader/agent/programs.h"
#include "loader/agent/rules.h"
#include "loader/agent/successor.h"
#include "loader/monitor/channel.h"
#include "loader/verify/canary.h"

/* What requests are about; all of it is the caller's. */
struct served {
	struct programs *programs;
	struct rules *rules;
	struct canary *canary;
	const struct config *config; /* for outputs_target_open() */
	const char *metrics_file;    /* NULL: none */
	const char *control;         /* the control socket of --control; NULL: none */
	char *own_control; /* the path at which this sensor's is now; empty: it has none */
	struct successor *successor;
	struct helpers *helpers;
	struct compressors *compressors;
	struct feed *feeds; /* by the index of the output */
};

/* By enum request; arg: the struct served. */
extern const request_fn serve_requests[];

#endif
