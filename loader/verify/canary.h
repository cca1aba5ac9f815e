/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canary: a process that does a known thing of many event classes while the sensor
 * runs. A class whose event does not come has a probe that is dead.
 */
#ifndef LOADER_VERIFY_CANARY_H
#define LOADER_VERIFY_CANARY_H

#include <stdbool.h>
#include <sys/types.h>

#include "loader/verify/own_actions.h"

#define CANARY_NAME "sextant-canary"

struct canary {
	struct own_actions actions; /* its name is that of the file that is made, each time */
	pid_t pid;                  /* 0: none */
	int go, result;             /* our ends of the pipes */
};

void canary_init(struct canary *canary); /* chooses the name */

/* Forks it; it waits for canary_go(). classes: 1 << enum event_type. 0 or -errno. */
int canary_start(struct canary *canary, unsigned int classes);
void canary_go(struct canary *canary);

/*
 * Ends it. *ret_done: the classes of which it has done something, whose events have to have
 * come. False: it was not able to end by itself, which proves nothing.
 */
bool canary_end(struct canary *canary, unsigned int *ret_done);

/* What the program is that it executes: ends at once. */
int canary_main(void);

#endif
