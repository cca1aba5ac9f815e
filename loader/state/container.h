/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef LOADER_STATE_CONTAINER_H
#define LOADER_STATE_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/state/cgroups.h"

#define CONTAINER_ID_BYTES 64 /* at most */

struct container_id {
	const char *text; /* NULL: in no container, or not known */
	size_t size;
	const char *runtime; /* ECS: container.runtime; NULL: the place is that of several */
	bool is_known;       /* of which container a process is, or that it is in none */
};

/*
 * The id of the outermost container, if the path from the root of the hierarchy is one
 * that a container runtime makes: what is below a container, or below a unit that a
 * user may have, may be made by anybody. Points into path.
 */
struct container_id container_id(const char *path, size_t size);

/* By the controllers of version 1, else by version 2. Points into what cgroups points into. */
struct container_id container_of(const struct cgroups *cgroups);

#endif
