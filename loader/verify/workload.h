/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processes of the self-test, and what they do:
 *
 *	sensor			loader/verify/own_actions.h
 *	  parent		leads a session with a terminal; has its own mounts
 *	    other		leads a process group; works on files, waits
 *	    child		in the group of other and in a pid namespace of its
 *				own; executes this program with unusual arguments
 *
 * so that numbers that could be mixed up (pid, process group, session; the ids; the
 * capability sets) are all different. What is not permitted here is left out.
 */
#ifndef LOADER_VERIFY_WORKLOAD_H
#define LOADER_VERIFY_WORKLOAD_H

#include <stdint.h>
#include <sys/types.h>

#include "loader/verify/file_actions.h"

/* argv[0] by which main() recognises the child after its exec. */
#define CHILD_NAME "sextant-self-test"

#define CHILD_EXIT_CODE 37
#define OTHER_EXIT_CODE 53 /* by exit(2) of the only thread, not by exit_group(2) */
#define CHILD_UMASK     0127
#define CHILD_EXECUTES  "/proc/self/exe"
#define PARENT_NAME     "sextant-parent"

enum workload_step {
	STEP_STARTED,  /* by parent */
	STEP_FILES,    /* by other: done with files */
	STEP_ACTED,    /* by child, before its exec */
	STEP_EXECUTED, /* by child, after it; waits for a byte */
	STEP_CHANGED,  /* its credentials; waits for the end of its input */
	STEP_ENDS,     /* by child, right before it ends */
	STEP_ENDED,    /* by parent: child and other have ended */
	STEPS
};

/* What the processes write to their output, in one piece. */
struct workload_message {
	uint32_t step; /* enum workload_step */
	uint32_t did;  /* STEP_ACTED: 1 << enum event_type of what reports it */
	union {
		struct {
			pid_t child, other;
		} started;
		struct {
			int child, other; /* of wait() */
		} ended;
		uint64_t cpu_ns; /* STEP_ENDS: of all its threads */
		struct file_actions files;
	};
};

/*
 * The main function of parent, after fork(). in, out: its ends of two pipes. name: of
 * all files that are made. Does not return.
 */
void workload_main(int in, int out, const char *name) __attribute__((noreturn));

/* The child's main() after its exec. Returns its exit code. */
int workload_child_main(void);

#endif
