/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of runtimes about containers. Those that others can change are not read. */
#ifndef LOADER_RUNTIME_STATE_FILE_H
#define LOADER_RUNTIME_STATE_FILE_H

#include <stddef.h>

#include "loader/runtime/json_pick.h"
#include "loader/state/container_facts.h"

#define STATE_ROOT_BYTES 1024
#define STATE_PATH_BYTES 4096

/* One of these is of one container. */
#define STATE_FILE_MAX (1UL << 20)
/* A list of all containers. */
#define STATE_LIST_MAX (4UL << 20)

/* Which container, and the directory that is the root of the host ("" but in tests). */
struct state_question {
	const char *root;
	const char *id; /* 64 hexadecimal digits and NUL */
};

/*
 * Reads a file of JSON whose path is root and what format makes. 0; -ENOENT: there is none; -EPERM:
 * others could change it, or a folder or link on the way (offsets/util/safefile.h); -EFBIG;
 * -EBADMSG; or another -errno.
 */
int state_file_pick(const struct json_pick *pick, size_t max, const struct state_question *question,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What a runtime knows of the container. 0; or -errno, and *ret is not to be used. */
typedef int state_find_fn(const struct state_question *question, struct container_facts *ret);

/* Each of the runtimes. The files and what is in them are described there. */
state_find_fn docker_find, containerd_find, crio_find, podman_find;

#endif
