/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A restart without a gap, on the side of the sensor that begins: it takes the events over
 * from the one that has started it, from a moment on (loader/agent/handover.h).
 */
#ifndef LOADER_AGENT_TAKEOVER_H
#define LOADER_AGENT_TAKEOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/agent/loss_watch.h"
#include "loader/agent/programs.h"
#include "loader/agent/records.h"
#include "loader/bpf/probes.h"
#include "loader/monitor/monitor.h"

/* All that it points to is the caller's. */
struct takeover {
	int fd; /* to the older sensor; -1: there is none */
	struct monitor *monitor;
	struct probes *probes;
	struct records *records;
	struct loss_watch *watch;
	unsigned int classes; /* 1 << enum event_type */

	uint64_t begin_ns, end_ns; /* the window */
	bool is_watched;           /* losses count from now on */
	uint32_t older_types, older_pids[2];
	struct stamps older; /* what the older one saw in the window */
};

/*
 * While this process still has rights, and its programs run: what the older one knows of what
 * is open. 0 or -errno.
 */
int takeover_adopt(int fd, struct programs *programs, struct offsets_error *error);

/*
 * When it returns 0, all that is delivered from now on is this sensor's alone, and the output
 * can be opened. -ECANCELED: the older one goes on, or the end was asked for; -errno.
 */
int takeover_run(struct takeover *takeover, struct offsets_error *error);

#endif
