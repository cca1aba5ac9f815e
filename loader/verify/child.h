/* SPDX-License-Identifier: BSD-2-Clause */
/* The child of the self-test, and what /proc and wait() say of it. */
#ifndef LOADER_VERIFY_CHILD_H
#define LOADER_VERIFY_CHILD_H

#include "loader/host/proc.h"
#include "offsets/offsets.h"

/* argv[0] by which main() recognises the child. */
#define CHILD_NAME "sextant-self-test"

struct child {
	pid_t pid;         /* 0: not started yet */
	struct proc truth; /* of the child after its exec */
	struct proc own;   /* of this process, its parent */
	int status;        /* of wait() */
	unsigned int did;  /* before its exec: 1 << enum event_type of what reports it */
};

/*
 * Starts the child with unusual arguments and ids, reads /proc while it runs, and
 * waits for its end. 0; -errno: it could not be done, and *error says why.
 */
int child_observe(struct child *child, struct offsets_error *error);

/* The child's main(): writes a byte, waits for the end of its input. Returns its exit code. */
int child_main(void);

#endif
