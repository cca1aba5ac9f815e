/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine gives up for good before it reads what users of the host have made. */
#ifndef LOADER_MONITOR_ENGINE_H
#define LOADER_MONITOR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

/* Of system calls. */
struct engine_needs {
	bool network;     /* connections to other hosts */
	bool memory_file; /* memfd_create() */
};

/*
 * The descriptors of keep (which is sorted) and 0 to 2 stay open; the user becomes one that
 * no other process has, without any capability; and the system calls that are left read
 * files and open descriptors, and write to the latter, and what is needed beyond that. Parts that
 * this kernel or container lacks are named in ret_lacks ("seccomp (Invalid argument)"; "" if none).
 */
void engine_confine(int *keep, size_t count, struct engine_needs needs, char *ret_lacks,
                    size_t size);

#endif
