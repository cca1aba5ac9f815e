/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor itself does in the self-test, and the canary while the sensor runs. */
#ifndef LOADER_VERIFY_OWN_ACTIONS_H
#define LOADER_VERIFY_OWN_ACTIONS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "loader/verify/socket_actions.h"

struct own_actions {
	char name[64],
		path[96]; /* of the file that is made and removed; the memfd has the name, too */
	struct stat file;
	char tty[16]; /* to which the name was written: "pts3" */
	struct socket_actions sockets;
};

/* Chooses the name. */
void own_actions_init(struct own_actions *actions);

/*
 * Does those of the classes (1 << enum event_type); other: the process that gets a
 * signal, is traced and written to. Returns the set of those that could be done.
 */
unsigned int own_actions_do(struct own_actions *actions, unsigned int classes, pid_t other);

#endif
