/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef LOADER_STATE_CONTAINER_H
#define LOADER_STATE_CONTAINER_H

#include <stddef.h>

#include "loader/stream/decode.h"

#define CONTAINER_ID_BYTES 64

/*
 * The id of the innermost container: the last 64 hexadecimal digits that stand
 * alone, as Docker, containerd, CRI-O and Podman name their cgroups (".../docker/ID",
 * "docker-ID.scope", "cri-containerd-ID.scope"). NULL: none. Points into path.
 */
const char *container_id(const char *path, size_t size);

/* Of an exec: by the controllers of version 1, else by version 2. NULL: none. Points into ev. */
const char *container_of_exec(const struct event *ev);

#endif
