/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/stream/fields.h"
#include "loader/verify/covered.h"

#define FACTS(...) ((const enum layout_id[]){ __VA_ARGS__, LAYOUT_MAX })

/* clang-format off */

/* ---- not verified ------------------------------------------------------ */

/*
 * A fact is verified in each class that is read by it, but for these. FACT(id, where,
 * why): where is the set of classes in which it is verified all the same; BY_FUNCTIONS:
 * if they are reported by kprobes or fentry. tests/host/shift.py shifts each fact.
 */
#define ONLY(class)  (1U << EVENT_##class)
#define NOWHERE      0
#define BY_FUNCTIONS (1U << 31)

#define IN_ROOT_CGROUP(FACT, id) \
	FACT(id, NOWHERE, "noticed where the sensor is not in the root cgroup")
/* Of files and sockets the test waits for one event of each; the others may not come. */
#define NOT_REPORTED(FACT, id) \
	FACT(id, NOWHERE, "an operation that is not reported because of it is not noticed")

#define LIMITS(FACT) \
	FACT(TASK_MM, NOWHERE, "active_mm, which follows, is the same of a process") \
	FACT(TASK_REAL_PARENT, NOWHERE, "parent, which follows, is the same but for a process that is traced") \
	FACT(TASK_EXIT_SIGNAL, NOWHERE, "pdeath_signal, which follows, is 0, as a signal that is not known") \
	FACT(TASK_REAL_CRED, NOWHERE, "cred, which follows, is the same but for moments") \
	FACT(TASK_IN_EXECVE, NOWHERE, "a bit that is set for a moment") \
	FACT(TASK_LOGINUID, NOWHERE, "before a login it and the audit session have the same value") \
	FACT(TASK_EXIT_CODE, NOWHERE, "read of an exit(2) of the last thread; where signal_struct has quick_threads, the process has that code then") \
	FACT(TASK_SUM_EXEC_RUNTIME, NOWHERE, "the count at the last switch, which may follow, is almost the same") \
	FACT(CRED_CAP_PERMITTED, ONLY(CREDENTIALS), "an exec makes cap_effective the same; verified with credentials") \
	FACT(CRED_CAP_EFFECTIVE, ONLY(CREDENTIALS), "an exec makes cap_permitted the same; verified with credentials") \
	FACT(CRED_CAP_AMBIENT, ONLY(CREDENTIALS), "an exec that changes the user clears it; verified with credentials") \
	FACT(BINPRM_FILENAME, NOWHERE, "interp, which follows, is the same but of scripts") \
	FACT(BINPRM_INTERP, NOWHERE, "read of scripts") \
	FACT(BINPRM_FILE, NOWHERE, "read of scripts") \
	FACT(MM_ARG_END, NOWHERE, "env_start, which follows, is the same") \
	FACT(FILE_MODE, NOWHERE, "decides which files opened by tracepoints and fentry are reported") \
	FACT(TASK_FILES, NOWHERE, "not read by a kprobe of shmem_file_setup()") \
	FACT(FILES_FDT, NOWHERE, "not read by a kprobe of shmem_file_setup()") \
	FACT(FDTABLE_MAX, NOWHERE, "a limit that no event reaches") \
	FACT(MOUNT_DEVNAME, NOWHERE, "read of what is unmounted") \
	FACT(BTRFS_INODE_VFS_INODE, NOWHERE, "read on btrfs") \
	FACT(BTRFS_INODE_ROOT, NOWHERE, "read on btrfs") \
	FACT(BTRFS_ROOT_ANON_DEV, NOWHERE, "read on btrfs") \
	FACT(OVL_INODE_VFS_INODE, NOWHERE, "read on overlayfs") \
	FACT(OVL_INODE_UPPER, NOWHERE, "read on overlayfs") \
	FACT(CGROUP_ID_CPU, NOWHERE, "read where the kernel has no memory controller") \
	FACT(SOCK_NUM, NOWHERE, "read of a socket whose source port is not set yet") \
	FACT(SOCK_FLAGS, NOWHERE, "one bit of it is read") \
	FACT(MPTCP_FIRST, NOWHERE, "read of MPTCP connections") \
	FACT(MODULE_NAME, NOWHERE, "the test loads no module") \
	FACT(INODE_UID, ONLY(FILE) | ONLY(CHROOT), "of an executable it is mostly that of its group; verified with file") \
	FACT(INODE_GID, ONLY(FILE) | ONLY(CHROOT), "of an executable it is not compared; verified with file") \
	FACT(INODE_RDEV, ONLY(FILE) | BY_FUNCTIONS, "read of devices; verified with file by kprobes or fentry") \
	FACT(SIGNAL_TTY, NOWHERE, "noticed where the sensor can make a terminal (devpts)") \
	FACT(TTY_NAME, NOWHERE, "noticed where the sensor can make a terminal (devpts); without it no event of the class terminal comes") \
	IN_ROOT_CGROUP(FACT, TASK_CGROUPS) \
	IN_ROOT_CGROUP(FACT, CSS_SET_SUBSYS) \
	IN_ROOT_CGROUP(FACT, CSS_SET_DFL_CGRP) \
	IN_ROOT_CGROUP(FACT, CSS_CGROUP) \
	IN_ROOT_CGROUP(FACT, CGROUP_KN) \
	IN_ROOT_CGROUP(FACT, CGROUP_NAME) \
	IN_ROOT_CGROUP(FACT, CGROUP_PARENT) \
	IN_ROOT_CGROUP(FACT, KERNFS_NAME) \
	IN_ROOT_CGROUP(FACT, KERNFS_PARENT) \
	IN_ROOT_CGROUP(FACT, CGROUP_ID_MEMORY) \
	NOT_REPORTED(FACT, SB_MOUNTS) \
	NOT_REPORTED(FACT, MOUNT_INSTANCE) \
	NOT_REPORTED(FACT, MOUNT_NS) \
	NOT_REPORTED(FACT, VFS_SETXATTR_DENTRY) \
	NOT_REPORTED(FACT, VFS_SETXATTR_NAME) \
	NOT_REPORTED(FACT, NOTIFY_CHANGE_DENTRY) \
	NOT_REPORTED(FACT, SOCK_TYPE) \
	FACT(INET_SPORT, NOWHERE, "where it is 0, skc_num is read, which is the same") \
	FACT(SKB_LEN, NOWHERE, "counts the bytes of flows, which end later") \
	FACT(SKB_DATA_LEN, NOWHERE, "0, as what follows") \
	FACT(SKB_NETWORK_HEADER, ONLY(SOCKET) | ONLY(DNS) | BY_FUNCTIONS, "read of datagrams; verified by kprobes") \
	FACT(VFSMOUNT_SB, NOWHERE, "read of files that are reached by handles and bind mounts")

/* ---- read beside those that fields and sources name -------------------- */

#define STACKED_FILES \
	LAYOUT_SB_TYPE, LAYOUT_FILE_SYSTEM_TYPE_NAME, LAYOUT_BTRFS_INODE_VFS_INODE, \
	LAYOUT_BTRFS_INODE_ROOT, LAYOUT_OVL_INODE_VFS_INODE
#define DESCRIPTORS LAYOUT_TASK_FILES, LAYOUT_FILES_FDT, LAYOUT_FDTABLE_MAX
#define CREDENTIALS LAYOUT_CRED_CAP_AMBIENT, LAYOUT_CRED_USER_NS, LAYOUT_USER_NS_INUM
#define LINEAGE     LAYOUT_SIGNAL_PIDS, LAYOUT_PID_LINK_SIZE
#define CGROUPS     LAYOUT_CGROUP_NAME, LAYOUT_CGROUP_PARENT, LAYOUT_CGROUP_ID_MEMORY
#define AUDIT       LAYOUT_TASK_AUDIT, LAYOUT_AUDIT_LOGINUID, LAYOUT_AUDIT_SESSIONID
#define CGROUP_NS   LAYOUT_NSPROXY_CGROUP, LAYOUT_CGROUP_NS_INUM
#define PACKETS     LAYOUT_SKB_NETWORK_HEADER, LAYOUT_INET_SPORT, LAYOUT_SOCK_NUM

static const struct coverage {
	enum event_type type;
	const enum layout_id *more;
} coverages[] = {
	{ EVENT_EXEC,
	  FACTS(LINEAGE, CREDENTIALS, STACKED_FILES, CGROUPS, AUDIT, CGROUP_NS, LAYOUT_TASK_IN_EXECVE) },
	{ EVENT_FORK, FACTS(LINEAGE, LAYOUT_TASK_EXIT_SIGNAL) },
	{ EVENT_THREAD, FACTS(LINEAGE, LAYOUT_TASK_THREAD_NODE, LAYOUT_SIGNAL_THREAD_HEAD) },
	{ EVENT_EXIT, FACTS(LINEAGE) },
	{ EVENT_CREDENTIALS, FACTS(LINEAGE, CREDENTIALS, LAYOUT_TASK_IN_EXECVE) },
	{ EVENT_FILE,
	  FACTS(LINEAGE, STACKED_FILES, DESCRIPTORS, LAYOUT_INODE_SIZE, LAYOUT_INODE_RDEV,
	        LAYOUT_VFSMOUNT_SB, LAYOUT_MOUNT_NS) },
	{ EVENT_MEMFD, FACTS(LINEAGE, STACKED_FILES, DESCRIPTORS) },
	{ EVENT_SOCKET,
	  FACTS(LINEAGE, PACKETS, LAYOUT_SOCK_STATE, LAYOUT_SOCK_BOUND_DEV, LAYOUT_SOCK_ERR,
	        LAYOUT_SOCK_FLAGS, LAYOUT_MPTCP_FIRST) },
	{ EVENT_NAMESPACES, FACTS(LINEAGE, CGROUP_NS) },
	{ EVENT_MOUNT, FACTS(LINEAGE, STACKED_FILES, LAYOUT_MOUNT_DEVNAME) },
	{ EVENT_DNS, FACTS(LINEAGE, PACKETS) },
	{ EVENT_TERMINAL, FACTS(LINEAGE) },
};
/* clang-format on */

#define COVERAGES (sizeof(coverages) / sizeof(coverages[0]))

#define LIMIT_LINE(id, where, why) [LAYOUT_##id] = { where, why },

static const struct {
	unsigned int where;
	const char *why; /* NULL: there is no limit */
} limits[LAYOUT_MAX] = { LIMITS(LIMIT_LINE) };

/* All but modules: the test loads none. */
unsigned int coverage_classes(void)
{
	return ((1U << EVENT_TYPES) - 1) & ~ONLY(MODULE);
}

const char *coverage_limit(enum layout_id fact)
{
	return limits[fact].why;
}

static void facts_set(const enum layout_id *list, bool facts[LAYOUT_MAX])
{
	for (; *list != LAYOUT_MAX; list++)
		facts[*list] = true;
}

void coverage_used(unsigned int classes, bool facts[LAYOUT_MAX])
{
	unsigned int type, field;
	size_t i;

	for (type = 0; type < EVENT_TYPES; type++)
		for (field = 0; classes & (1U << type) && field < fields_count(type); field++)
			facts_set(field_get(type, field)->facts, facts);
	for (i = 0; i < COVERAGES; i++)
		if (classes & (1U << coverages[i].type))
			facts_set(coverages[i].more, facts);
}

void coverage_verified(unsigned int classes, unsigned int by_functions, const bool used[LAYOUT_MAX],
                       bool ret[LAYOUT_MAX])
{
	size_t i;

	for (i = 0; i < LAYOUT_MAX; i++) {
		unsigned int where = limits[i].where & BY_FUNCTIONS ? by_functions : classes;

		ret[i] = used[i] && classes & coverage_classes() &&
		         (!limits[i].why || limits[i].where & where);
	}
}
