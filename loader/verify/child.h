/* SPDX-License-Identifier: BSD-2-Clause */
/* The sensor's side of the workload, and what /proc and wait() say of its processes. */
#ifndef LOADER_VERIFY_CHILD_H
#define LOADER_VERIFY_CHILD_H

#include "loader/host/proc.h"
#include "loader/verify/workload.h"
#include "offsets/offsets.h"

struct child {
	pid_t parent, pid, other;   /* 0: not started yet */
	pid_t thread;               /* the child's second thread; 0: none */
	struct proc truth, changed; /* of the child after its exec, and as it is then */
	struct proc above, beside;  /* of parent, of other */
	struct proc own;            /* of this process */
	unsigned int did;           /* before its exec: 1 << enum event_type */
	int status, other_status;   /* of wait() */
	bool root_is_initial;       /* proc_root_is_initial() */
	uint64_t cpu_min_ns;        /* of the child, at least */
	uint64_t started_ns;        /* CLOCK_MONOTONIC, before its start */
	uint64_t lived_ns;          /* from then to after its end */
	struct file_actions files;
	int in, out; /* our ends of the pipes */
};

/*
 * Starts the processes and reads /proc until the child has changed its credentials;
 * name: of the files that are made. child_finish() lets them end and waits for that;
 * it is to be called in every case. 0; -errno: it could not be done, and *error says
 * why.
 */
int child_start(struct child *child, const char *name, struct offsets_error *error);
int child_finish(struct child *child, int err, struct offsets_error *error);

#endif
