/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process takes of the host. */
#ifndef LOADER_AGENT_RESOURCES_H
#define LOADER_AGENT_RESOURCES_H

#include "loader/event/agent_report.h"

/* What cannot be read is 0. */
struct process_report resources_read(void);

#endif
