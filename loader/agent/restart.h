/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A restart without a gap, on the side of the sensor that runs: it starts a newer one
 * beside it, and leaves it the events from a moment on (loader/agent/handover.h). If that
 * does not work it goes on.
 */
#ifndef LOADER_AGENT_RESTART_H
#define LOADER_AGENT_RESTART_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/agent/records.h"
#include "loader/bpf/probes.h"
#include "loader/monitor/channel.h"

enum restart_stage {
	RESTART_NONE,
	RESTART_STARTED,  /* the newer sensor begins */
	RESTART_HELD,     /* events are held back, until the window is over */
	RESTART_COMPARED, /* it knows what was seen in the window */
	RESTART_LEFT,     /* it has the events: this sensor ends */
};

struct restart {
	struct channel *monitor;
	struct probes *probes;
	struct records *records;
	pid_t monitor_pid;
	unsigned int classes; /* 1 << enum event_type */

	enum restart_stage stage;
	int fd; /* to the newer one; -1: none */
	uint32_t pid;
	uint64_t begin_ns, end_ns; /* the window */
	uint64_t give_up_ns;
	char failed[256]; /* why the last one has failed */
};

/* Starts a newer sensor, if none was started. */
void restart_begin(struct restart *restart, uint64_t now_ns);

/* In each round while one is under way; is_read: all records that there were are held. */
void restart_work(struct restart *restart, uint64_t now_ns, bool is_read);

/* If it is not any more, restart->failed says why. */
bool restart_is_under_way(const struct restart *restart);

/* At the end of one that has the events no more: its programs are silent; all is written. */
void restart_silent(struct restart *restart);
void restart_done(struct restart *restart);

#endif
