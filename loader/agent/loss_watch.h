/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks once a second for events that were lost, and for what the administrator
 * has disabled so that programs see nothing; reports both, as a message and as an
 * event.
 */
#ifndef LOADER_AGENT_LOSS_WATCH_H
#define LOADER_AGENT_LOSS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/ask.h"
#include "loader/agent/losses.h"
#include "loader/agent/programs.h"
#include "loader/agent/writer.h"

struct loss_watch {
	struct programs *programs;
	struct writer *writer;
	struct losses *losses;
	struct channel *monitor;
	uint64_t missed;             /* by the kernel's probes, reported */
	bool has_no_room;            /* events were lost in this second, and not shed */
	struct answer_second second; /* the last one */
	bool was_disabled; /* what probes need was disabled by the administrator, and it was said */
};

/* What was lost before does not count. 0 or -errno. */
int loss_watch_begin(struct loss_watch *watch, struct offsets_error *error);

/* For probes_flows(); arg: the struct loss_watch. */
void loss_watch_note(void *arg, const struct loss *loss);

/* Reports what was lost since the last call. 0 or -errno. */
int loss_watch_look(struct loss_watch *watch, struct offsets_error *error);

/* Once a second: looks. *ret_no_room: rings had no room for events. 0 or -errno. */
int loss_watch_second(struct loss_watch *watch, bool *ret_no_room, struct offsets_error *error);

#endif
