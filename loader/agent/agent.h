/* SPDX-License-Identifier: BSD-2-Clause */
/* The sensor: identify, choose offsets, load, attach, arm, test, report. */
#ifndef LOADER_AGENT_AGENT_H
#define LOADER_AGENT_AGENT_H

#include "loader/config/config.h"

/* Runs until a signal or the end of config->duration_ns. Returns an enum exit_code. */
int agent_run(const struct config *config);

#endif
