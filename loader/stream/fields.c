/* SPDX-License-Identifier: BSD-2-Clause */
#include <netinet/in.h>
#include <string.h>

#include "loader/stream/fields.h"

#define FACTS(...) \
	{ __VA_ARGS__ }, sizeof((enum layout_id[]){ __VA_ARGS__ }) / sizeof(enum layout_id)

#define WALK_FACTS                                                                             \
	LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME,         \
		LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, \
		LAYOUT_MOUNT_MOUNTPOINT

static const struct field fields[FIELDS] = {
	[FIELD_START] = { "process.start",
	                  FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME) },
	[FIELD_PARENT] = { "process.parent",
	                   FACTS(LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_TGID, LAYOUT_TASK_COMM) },
	[FIELD_CRED] = { "process.user",
	                 FACTS(LAYOUT_TASK_CRED, LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_EUID,
	                       LAYOUT_CRED_EGID, LAYOUT_CRED_SUID, LAYOUT_CRED_SGID,
	                       LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID, LAYOUT_CRED_CAP_PERMITTED,
	                       LAYOUT_CRED_CAP_EFFECTIVE, LAYOUT_CRED_CAP_INHERITABLE,
	                       LAYOUT_CRED_CAP_BSET) },
	/* Or by way of audit_task_info: present or not, never both. */
	[FIELD_LOGINUID] = { "user.audit", FACTS(LAYOUT_TASK_LOGINUID, LAYOUT_TASK_SESSIONID) },
	[FIELD_NAMESPACES] = { "sextant.namespace.mnt",
	                       FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_MNT, LAYOUT_MNT_NS_INUM,
	                             LAYOUT_NSPROXY_NET, LAYOUT_NET_NS_INUM, LAYOUT_NSPROXY_UTS,
	                             LAYOUT_UTS_NS_INUM, LAYOUT_NSPROXY_IPC, LAYOUT_IPC_NS_INUM) },
	[FIELD_NS_PID] = { "process.vpid",
	                   FACTS(LAYOUT_TASK_THREAD_PID, LAYOUT_PID_LEVEL, LAYOUT_PID_NUMBERS,
	                         LAYOUT_UPID_SIZE, LAYOUT_UPID_NR, LAYOUT_UPID_NS,
	                         LAYOUT_PID_NS_INUM) },
	[FIELD_FILENAME] = { "sextant.filename", FACTS(LAYOUT_BINPRM_FILENAME) },
	[FIELD_INTERP] = { "sextant.interpreter", FACTS(LAYOUT_BINPRM_INTERP) },
	[FIELD_INTERPRETERS] = { "sextant.interpreters", FACTS(LAYOUT_BINPRM_INTERP) },
	[FIELD_PREVIOUS] = { "process.previous", FACTS(LAYOUT_BINPRM_FILENAME) },
	[FIELD_ROOT] = { "sextant.root", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, WALK_FACTS) },
	/* Of file systems whose inode has others than stat() shows. */
	[FIELD_NUMBERS] = { "sextant.executable.inode",
	                    FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER),
	                    "btrfs or overlayfs" },
	/* Or by way of struct cgroup's own name: present or not, never both. */
	[FIELD_CGROUP] = { "sextant.cgroup.path",
	                   FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_DFL_CGRP, LAYOUT_CGROUP_KN,
	                         LAYOUT_KERNFS_NAME, LAYOUT_KERNFS_PARENT) },
	[FIELD_CGROUP_V1] = { "sextant.cgroup.v1_path",
	                      FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_SUBSYS,
	                            LAYOUT_CGROUP_ID_CPU, LAYOUT_CSS_CGROUP) },
	[FIELD_TTY] = { "sextant.tty",
	                FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_TTY, LAYOUT_TTY_NAME) },
	[FIELD_EXE] = { "process.executable",
	                FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_PATH, WALK_FACTS) },
	[FIELD_EXE_INODE] = { "sextant.executable",
	                      FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_INODE,
	                            LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV,
	                            LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID,
	                            LAYOUT_INODE_NLINK) },
	[FIELD_CWD] = { "process.working_directory",
	                FACTS(LAYOUT_TASK_FS, LAYOUT_FS_PWD, WALK_FACTS) },
	[FIELD_ARGV] = { "process.args",
	                 FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END) },
	[FIELD_EXIT_CODE] = { "process.exit_code",
	                      FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE, LAYOUT_SIGNAL_FLAGS,
	                            LAYOUT_SIGNAL_GROUP_EXIT_CODE, LAYOUT_TASK_GROUP_LEADER,
	                            LAYOUT_TASK_EXIT_CODE) },
	[FIELD_CHILD_START] = { "process.start",
	                        FACTS(LAYOUT_TASK_CHILDREN, LAYOUT_TASK_SIBLING, LAYOUT_TASK_PID,
	                              LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME) },
	/* Or by way of the leader's pids[]: present or not, never both. */
	[FIELD_GROUPS] = { "process.group_leader", FACTS(LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID,
	                                                 LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR) },
	[FIELD_ENV] = { "process.env_vars",
	                FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END,
	                      LAYOUT_MM_ENV_START, LAYOUT_MM_ENV_END) },
	[FIELD_CPU_TIME] = { "sextant.cpu_time_ns",
	                     FACTS(LAYOUT_TASK_SUM_EXEC_RUNTIME, LAYOUT_SIGNAL_SUM_SCHED_RUNTIME) },
	/* Of what changes the class has facts of its own. */
	[FIELD_BEFORE] = { "sextant.before", FACTS(LAYOUT_TASK_REAL_CRED, LAYOUT_TASK_NSPROXY) },
	[FIELD_AFTER] = { "sextant.after", FACTS(LAYOUT_CRED_UID, LAYOUT_NSPROXY_MNT) },
	[FIELD_TARGET] = { "sextant.target", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_GROUP_LEADER,
	                                           LAYOUT_TASK_START_BOOTTIME, LAYOUT_TASK_COMM) },
	/* Arguments alone: no fact of a struct. */
	[FIELD_OBJECT] = { "sextant.program", FACTS(LAYOUT_TASK_TGID) },
	[FIELD_OUTCOME] = { "event.outcome", FACTS(LAYOUT_TASK_TGID) },
	[FIELD_QUESTION] = { "dns.question", FACTS(LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN,
	                                           LAYOUT_SKB_TRANSPORT_HEADER) },
	[FIELD_ADDRESSES] = { "source",
	                      FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DADDR, LAYOUT_SOCK_RCV_SADDR,
	                            LAYOUT_SOCK_V6_DADDR, LAYOUT_SOCK_V6_RCV_SADDR) },
	[FIELD_CALLER] = { "sextant.caller.start",
	                   FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME) },
};

static const char *const type_names[EVENT_TYPES] = {
	[EVENT_EXEC] = "exec",
	[EVENT_FORK] = "fork",
	[EVENT_THREAD] = "thread",
	[EVENT_EXIT] = "exit",
	[EVENT_CREDENTIALS] = "credentials",
	[EVENT_NAMESPACES] = "namespaces",
	[EVENT_PTRACE] = "ptrace",
	[EVENT_PROCESS_ACCESS] = "process_access",
	[EVENT_SIGNAL] = "signal",
	[EVENT_MEMFD] = "memfd",
	[EVENT_BPF] = "bpf",
	[EVENT_MODULE] = "module",
	[EVENT_EXEC_FAILED] = "exec_failed",
	[EVENT_FILE] = "file",
	[EVENT_MOUNT] = "mount",
	[EVENT_SOCKET] = "socket",
	[EVENT_DNS] = "dns",
};

const struct field *field_get(enum event_field field)
{
	return &fields[field];
}

const char *field_also(enum event_field field)
{
	static const char *const also[FIELDS] = {
		[FIELD_START] = "process.entity_id event.duration",
		[FIELD_CRED] = "process.real_user process.saved_user process.group "
			       "process.real_group process.saved_group user.id user.effective "
			       "sextant.capabilities sextant.fs_uid sextant.fs_gid",
		[FIELD_LOGINUID] = "sextant.audit_session",
		[FIELD_NAMESPACES] =
			"sextant.namespace.net sextant.namespace.uts sextant.namespace.ipc",
		[FIELD_NS_PID] = "sextant.namespace.pid",
		[FIELD_ARGV] = "process.args_count sextant.args_bytes",
		[FIELD_EXIT_CODE] = "sextant.exit_signal sextant.core_dumped",
		[FIELD_CHILD_START] = "process.entity_id",
		[FIELD_CALLER] = "sextant.caller.entity_id",
		[FIELD_GROUPS] = "process.session_leader",
		[FIELD_BEFORE] = "user.id",
		[FIELD_PREVIOUS] = "process.thread",
		[FIELD_OBJECT] = "sextant.request sextant.access_mode sextant.signal "
				 "sextant.memfd sextant.module sextant.filename",
		[FIELD_QUESTION] = "dns.id",
		[FIELD_ADDRESSES] = "destination network.type",
		[FIELD_NUMBERS] = "sextant.executable.device file.inode file.device",
	};

	return also[field] ? also[field] : "";
}

#define ABSENT(layout, id) ((layout)->facts[LAYOUT_##id].offset == LAYOUT_ABSENT)

__u32 fields_unknown(const struct layout *layout, const struct event *ev)
{
	if (ev->header.type == EVENT_SOCKET && ev->socket.operation == SOCKET_CLOSE &&
	    ev->socket.ends.protocol == IPPROTO_TCP &&
	    (ABSENT(layout, TCP_BYTES_RECEIVED) || ABSENT(layout, TCP_BYTES_ACKED)))
		return 1U << FIELD_NUMBERS;
	return 0;
}

const char *event_type_name(enum event_type type)
{
	return type_names[type];
}

static unsigned int type_bit(const char *name, size_t len)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (strlen(type_names[type]) == len && !strncmp(type_names[type], name, len))
			return 1U << type;
	return 0;
}

unsigned int event_types_parse(const char *list)
{
	unsigned int types = 0, bit;

	for (;;) {
		size_t len = strcspn(list, ",");

		bit = type_bit(list, len);
		if (!bit)
			return 0;
		types |= bit;
		list += len;
		if (!*list++)
			return types;
	}
}
