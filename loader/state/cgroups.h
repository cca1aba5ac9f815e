/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroups of a process, by their paths from the root of their hierarchies. */
#ifndef LOADER_STATE_CGROUPS_H
#define LOADER_STATE_CGROUPS_H

#include <stddef.h>

#include "loader/stream/decode.h"

/* A part of another text; text NULL: there is none. */
struct span {
	const char *text;
	size_t size;
};

/* Each without text: not there, or not known as a whole. */
struct cgroups {
	struct span v1; /* of the memory controller; of the CPU controller where there is no other
	                   one */
	struct span v2;
	struct span
		systemd; /* of systemd's own hierarchy of version 1; /proc has it, events do not */
};

/* By the text of /proc/PID/cgroup. Points into lines. */
struct cgroups cgroups_of_lines(const char *lines);

/* Of an exec. Points into ev. */
struct cgroups cgroups_of_exec(const struct event *ev);

/*
 * The service of systemd that a process belongs to, "NAME.service": by the hierarchy in which
 * systemd has its units. A unit of a user's own systemd is below the service of that one, and
 * is none here. Points into what cgroups points into.
 */
struct span cgroups_service(const struct cgroups *cgroups);

/*
 * The unit of the system's systemd in which a path from the root of a hierarchy lies: the first
 * name below slices. Points into path; text NULL: there is none.
 */
struct span cgroups_unit(struct span path);

#endif
