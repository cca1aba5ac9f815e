/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/stream/fields.h"
#include "loader/verify/covered.h"

#define FACTS(...) ((const enum layout_id[]){ __VA_ARGS__, LAYOUT_MAX })
#define NO_FACTS   ((const enum layout_id[]){ LAYOUT_MAX })

/* clang-format off */

/* ---- verified: by tests/host/shift.py, which shifts each fact ---------- */

#define START LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME
#define PARENT LAYOUT_TASK_TGID, LAYOUT_TASK_COMM

#define IDS \
	LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_SUID, LAYOUT_CRED_SGID, LAYOUT_CRED_EUID, \
	LAYOUT_CRED_EGID, LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID

#define OF_EXEC \
	START, PARENT, IDS, LAYOUT_TASK_FS, LAYOUT_TASK_CRED, LAYOUT_TASK_NSPROXY, \
	LAYOUT_TASK_THREAD_PID, LAYOUT_TASK_SESSIONID, LAYOUT_MM_EXE_FILE, LAYOUT_MM_ARG_START, \
	LAYOUT_FS_PWD, LAYOUT_FILE_PATH, LAYOUT_FILE_INODE, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, \
	LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, \
	LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_MOUNTPOINT, LAYOUT_INODE_INO, LAYOUT_INODE_SB, \
	LAYOUT_INODE_MODE, LAYOUT_SB_DEV, LAYOUT_NSPROXY_UTS, LAYOUT_NSPROXY_IPC, \
	LAYOUT_NSPROXY_MNT, LAYOUT_NSPROXY_NET, LAYOUT_UTS_NS_INUM, LAYOUT_IPC_NS_INUM, \
	LAYOUT_MNT_NS_INUM, LAYOUT_PID_NS_INUM, LAYOUT_NET_NS_INUM, LAYOUT_PID_NUMBERS, \
	LAYOUT_UPID_NR, LAYOUT_UPID_NS

#define BY_DESCRIPTOR \
	LAYOUT_TASK_FILES, LAYOUT_FILES_FDT, LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH

#define OF_FILE \
	BY_DESCRIPTOR, LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_INODE_MODE, \
	LAYOUT_SB_DEV

#define OF_MEMFD BY_DESCRIPTOR, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME

#define OF_SOCKET \
	LAYOUT_NET_NS_INUM, LAYOUT_SOCK_NET, LAYOUT_SOCK_DPORT, LAYOUT_SOCK_DADDR, \
	LAYOUT_SOCK_RCV_SADDR

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
	bool tested;
	const enum layout_id *verified, *more;
} coverages[] = {
	{ EVENT_EXEC, true, FACTS(OF_EXEC),
	  FACTS(LINEAGE, CREDENTIALS, STACKED_FILES, CGROUPS, AUDIT, CGROUP_NS,
	        LAYOUT_TASK_IN_EXECVE) },
	{ EVENT_FORK, true, FACTS(START, PARENT, LAYOUT_TASK_CHILDREN, LAYOUT_TASK_SIBLING),
	  FACTS(LINEAGE, LAYOUT_TASK_EXIT_SIGNAL) },
	/* By the events of fork. */
	{ EVENT_THREAD, true, NO_FACTS,
	  FACTS(LINEAGE, LAYOUT_TASK_THREAD_NODE, LAYOUT_SIGNAL_THREAD_HEAD) },
	{ EVENT_EXIT, true, FACTS(START, PARENT, LAYOUT_SIGNAL_GROUP_EXIT_CODE), FACTS(LINEAGE) },
	{ EVENT_CREDENTIALS, true, FACTS(START, IDS),
	  FACTS(LINEAGE, CREDENTIALS, LAYOUT_TASK_IN_EXECVE) },
	{ EVENT_FILE, true, FACTS(OF_FILE),
	  FACTS(LINEAGE, STACKED_FILES, DESCRIPTORS, LAYOUT_INODE_SIZE, LAYOUT_INODE_RDEV,
	        LAYOUT_VFSMOUNT_SB, LAYOUT_MOUNT_NS) },
	{ EVENT_MEMFD, true, FACTS(OF_MEMFD), FACTS(LINEAGE, STACKED_FILES, DESCRIPTORS) },
	{ EVENT_SOCKET, true, FACTS(OF_SOCKET),
	  FACTS(LINEAGE, PACKETS, LAYOUT_SOCK_STATE, LAYOUT_SOCK_BOUND_DEV, LAYOUT_SOCK_ERR,
	        LAYOUT_SOCK_FLAGS, LAYOUT_MPTCP_FIRST) },
	/* Of these it is only tested that events come. */
	{ EVENT_NAMESPACES, true, NO_FACTS, FACTS(LINEAGE, CGROUP_NS) },
	{ EVENT_CHROOT, true, NO_FACTS, NO_FACTS },
	{ EVENT_EXEC_FAILED, true, NO_FACTS, NO_FACTS },
	{ EVENT_BPF, true, NO_FACTS, NO_FACTS },
	{ EVENT_MOUNT, false, NO_FACTS, FACTS(LINEAGE, STACKED_FILES, LAYOUT_MOUNT_DEVNAME) },
	{ EVENT_DNS, false, NO_FACTS, FACTS(LINEAGE, PACKETS) },
};
/* clang-format on */

#define COVERAGES (sizeof(coverages) / sizeof(coverages[0]))

unsigned int coverage_classes(void)
{
	unsigned int classes = 0;
	size_t i;

	for (i = 0; i < COVERAGES; i++)
		classes |= (unsigned int)coverages[i].tested << coverages[i].type;
	return classes;
}

static void facts_set(const enum layout_id *list, bool facts[LAYOUT_MAX])
{
	for (; *list != LAYOUT_MAX; list++)
		facts[*list] = true;
}

void coverage_verified(unsigned int classes, bool facts[LAYOUT_MAX])
{
	size_t i;

	for (i = 0; i < COVERAGES; i++)
		if (classes & (1U << coverages[i].type))
			facts_set(coverages[i].verified, facts);
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
