/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of the events that the self-test causes. */
#ifndef LOADER_VERIFY_SAMPLE_H
#define LOADER_VERIFY_SAMPLE_H

#include "loader/stream/decode.h"
#include "loader/verify/child.h"
#include "loader/verify/own_actions.h"

/* Of each class the last event; they are as the probes reported them. */
struct sample {
	unsigned int seen; /* 1 << enum event_type of those that came */
	struct event exec, fork, thread, exit, credentials, namespaces, memfd, chroot, mount, dns;
	struct event ptrace, process_access, signal, terminal;
	struct event other_exit;
	unsigned int exits; /* events of the end of the child; of that of other, 0 or more */
	unsigned int other_exits;
	struct event file;       /* made by the sensor itself */
	unsigned int file_opens; /* events of it; the sensor opens it once more, for reading */
	unsigned int files_seen, sockets_seen; /* 1 << enum file_action, socket_action */
	struct event files[FILE_ACTIONS_COUNT];
	struct event sockets[SOCKET_ACTIONS_COUNT];
	char *argv, *env; /* of exec */
};

/* Takes a record. */
void sample_take(struct sample *sample, const struct child *child,
                 const struct own_actions *actions, const void *data, size_t size);
void sample_deinit(struct sample *sample);

#endif
