/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two processes of a sensor that runs. The monitor has kept the rights and does
 * nothing but answer requests of a closed list; the engine has given them up, and reads
 * what users of the host have made. If one of them ends, so does the other.
 */
#ifndef LOADER_MONITOR_MONITOR_H
#define LOADER_MONITOR_MONITOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/monitor/channel.h"
#include "offsets/offsets.h"

struct monitor {
	struct channel channel;
	pid_t pid;
};

/* What the monitor does; kinds of requests are numbers of the table. */
struct monitor_job {
	int (*begin)(void *arg);    /* 0; -errno: it cannot begin */
	int (*watched)(void *arg);  /* a descriptor for POLLPRI, or -1 */
	void (*changed)(void *arg); /* it has that event */
	void (*end)(void *arg);     /* the engine has ended */
	void *arg;
	const request_fn *requests;
	size_t count;
	void *request_arg;
};

/*
 * Forks the monitor off, which calls job->begin(), answers, and never returns from
 * here. In the engine: 0, and *ret; or -errno.
 */
int monitor_fork(const struct monitor_job *job, struct monitor *ret, struct offsets_error *error);

/* Ends it, and waits until it has ended. */
void monitor_end(struct monitor *monitor);

#endif
