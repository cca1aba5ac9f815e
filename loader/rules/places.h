/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a path lies: in which file system, and by which names from its root on. A
 * rule's place is the same however it is reached: by a bind mount, in another mount
 * namespace, or by a directory that is kept open.
 */
#ifndef LOADER_RULES_PLACES_H
#define LOADER_RULES_PLACES_H

#include <limits.h>

#include "loader/rules/filter.h"

struct place {
	unsigned int device;  /* as the kernel has it in s_dev: major << 20 | minor */
	char names[PATH_MAX]; /* "/", or "/name/name" */
	char path[PATH_MAX];  /* the same without symbolic links, as it can be looked at */
	bool is_there;        /* it exists, and may be looked at */
};

struct mount_table; /* the mounts of a namespace */

/*
 * Reads a file as /proc/PID/mountinfo is. root: stands before each path that is
 * looked at, as "/proc/1/root". 0 or -errno; mount_table_free() takes NULL too.
 */
int mount_table_read(const char *mountinfo, const char *root, struct mount_table **ret);
void mount_table_free(struct mount_table *table);

/*
 * Symbolic links are followed as far as the path exists, but not on file systems
 * that a server or a user answers for (NFS, FUSE), as the answer may never come. 0
 * or -errno.
 */
int place_find(const struct mount_table *table, const char *path, struct place *ret);

/*
 * Calls found() for each file that the rules name, or below a home directory of
 * passwd by its last names, if it has more than one name (hard links).
 */
void places_links(const struct filter *filter, const struct mount_table *table, const char *passwd,
                  void (*found)(void *arg, const struct linked_file *file), void *arg);

/* Which files rules of exe and tree name now. True: some are other ones than before. */
bool places_executables(struct event_rules *rules, const struct mount_table *table);

/*
 * *ret: the rules, and the places of their paths: by their names, whatever stands
 * there for a moment, and where symbolic links lead now. Returns how many paths have
 * less than these.
 */
unsigned int places_add(const struct filter *filter, const struct mount_table *table,
                        struct filter *ret);

#endif
