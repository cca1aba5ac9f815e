/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor itself does for the self-test: a file, a memfd, a connection, a BPF program. */
#ifndef LOADER_VERIFY_OWN_ACTIONS_H
#define LOADER_VERIFY_OWN_ACTIONS_H

#include <netinet/in.h>
#include <sys/stat.h>

struct own_actions {
	char name[64],
		path[96]; /* of the file that is made and removed; the memfd has the name, too */
	struct stat file;
	struct sockaddr_in local, remote; /* of the connection to itself */
};

/* Chooses the name. */
void own_actions_init(struct own_actions *actions);

/* Does those of the classes (1 << enum event_type). Returns the set of those that could be done. */
unsigned int own_actions_do(struct own_actions *actions, unsigned int classes);

#endif
