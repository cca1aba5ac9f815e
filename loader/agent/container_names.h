/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names, images and pods of containers, which a helper finds in the files of runtimes
 * (loader/runtime/). No event waits for them: the first one of a container asks, the answer is an
 * event of its own, and later events have it.
 */
#ifndef LOADER_AGENT_CONTAINER_NAMES_H
#define LOADER_AGENT_CONTAINER_NAMES_H

#include "loader/agent/helper_link.h"
#include "loader/agent/writer.h"
#include "loader/state/containers.h"

struct container_names {
	struct helper_link reader;
	struct writer *writer;         /* the caller's */
	struct containers *containers; /* NULL: none are asked for */
	uint64_t last_id;              /* of a question */
	uint64_t swept_ns;             /* when those were dropped that nobody uses */
};

/* What is pointed to has to stay. monitor NULL: nothing is asked. 0 or -ENOMEM. */
int container_names_init(struct container_names *names, struct writer *writer,
                         struct channel *monitor, struct offsets_error *error);
void container_names_deinit(struct container_names *names); /* takes a zeroed one */

/*
 * An event of a process in that container was written to these outputs (1 << index), which then
 * get what is known of it.
 */
void container_names_event(struct container_names *names, struct container_id id, uint32_t outputs,
                           uint64_t now_ns);

/* Ten times a second: takes answers, and asks again for what was not found. */
void container_names_look(struct container_names *names, uint64_t now_ns);

/* At the end: takes the answers that are there. */
void container_names_end(struct container_names *names, uint64_t now_ns);

#endif
