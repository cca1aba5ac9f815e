/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processes of chosen cgroups, of version 1 and 2, by the files cgroup.procs: the programs
 * cannot ask for the cgroup of a thread on RHEL 7.
 */
#ifndef LOADER_TRACE_TRACE_CGROUPS_H
#define LOADER_TRACE_TRACE_CGROUPS_H

#include <stddef.h>
#include <sys/types.h>

#include "offsets/offsets.h"

enum trace_group_kind {
	GROUP_PATH,      /* of a directory, or from the root of a hierarchy */
	GROUP_UNIT,      /* of the system's systemd: "sshd", "sshd.service", "user.slice" */
	GROUP_CONTAINER, /* an id, or its beginning */
};

struct trace_group {
	enum trace_group_kind kind;
	const char *name;
};

struct trace_cgroups;

/* Finds the directories of the groups, which then stay the same. *ret is set on failure, too. */
int trace_cgroups_open(const struct trace_group *groups, size_t count, struct trace_cgroups **ret,
                       struct offsets_error *error);
void trace_cgroups_free(struct trace_cgroups *cgroups);

/*
 * Hands out the processes that are in them and below them now. A cgroup that is not there has none.
 * -E2BIG: there are too many cgroups below them, so it ended early; or the -errno of fn.
 */
int trace_cgroups_look(struct trace_cgroups *cgroups, int (*fn)(void *arg, pid_t pid), void *arg);

#endif
