/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks once a second for events that were lost, and for what the administrator
 * has disabled so that programs see nothing; reports both, as a message and as an
 * event. While events are lost each user has a share of the rings (struct share).
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
	uint64_t shares_ns;          /* when events were lost the last time */
	bool shares;                 /* users have shares of the rings */
	struct answer_second second; /* the last one */
	bool was_disabled; /* what probes need was disabled by the administrator, and it was said */
};

/* What was lost before does not count. 0 or -errno. */
int loss_watch_begin(struct loss_watch *watch, struct offsets_error *error);

/* For probes_losses() and probes_flows(); arg: the struct loss_watch. */
void loss_watch_note(void *arg, enum event_type type, unsigned int cpu, uint64_t count);

/* Reports what was lost since the last call; *ret_lost: something was. 0 or -errno. */
int loss_watch_look(struct loss_watch *watch, bool *ret_lost, struct offsets_error *error);

/*
 * A ring was more than three quarters full: gives shares at once, so that who fills it does not
 * take the room of others. 0 or -errno.
 */
int loss_watch_pressure(struct loss_watch *watch, struct offsets_error *error);

/* Once a second: looks, and gives shares or takes them back. 0 or -errno. */
int loss_watch_second(struct loss_watch *watch, struct offsets_error *error);

#endif
