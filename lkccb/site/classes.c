/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated: make docs. From loader/bpf/source_*.c and probes/abi; do not edit. */
#include "lkccb/site/classes.h"

/* clang-format off */
#define FACTS(...)   (const enum layout_id[]){ __VA_ARGS__ LAYOUT_MAX }
#define UNITS(...)   (const struct class_unit[]){ __VA_ARGS__ { false, NULL, NULL } }
#define SOURCES(...) (const struct class_source[]){ __VA_ARGS__ { .tiers = 0 } }
#define FIELDS(...)  (const struct class_field[]){ __VA_ARGS__ { .paths = NULL } }

const struct event_needs event_needs[] = {
	{ "exec", SOURCES(
		{ 2, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreter, sextant.interpreters, sextant.script, process.previous and process.thread.id" },) },
		{ 2, 0, FACTS(), "execs by a file name of more than some 2,000 bytes before Linux 5.16: there the first one makes the kernel print a warning (and panic, with kernel.panic_on_warn)", UNITS(
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreters and sextant.script (before Linux 6.10 sextant.interpreter too)" },
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreter" },
			{ false, FACTS(), "process.previous" },) },
		{ 4, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreter, sextant.interpreters, sextant.script, process.previous and process.thread.id" },) },
		{ 4, 0, FACTS(), "execs by a file name of more than some 2,000 bytes before Linux 5.16: there the first one makes the kernel print a warning (and panic, with kernel.panic_on_warn)", UNITS(
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreters and sextant.script (before Linux 6.10 sextant.interpreter too)" },
			{ false, FACTS(), "process.previous" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP, ), "sextant.interpreter, sextant.interpreters, sextant.script, process.previous and process.thread.id" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader, process.session_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.filename", "", FACTS(LAYOUT_BINPRM_FILENAME, ) },
		{ "sextant.interpreter", "", FACTS(LAYOUT_BINPRM_INTERP, ) },
		{ "sextant.root", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "sextant.cgroup.path", "", FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_DFL_CGRP, LAYOUT_CGROUP_KN, LAYOUT_KERNFS_NAME, LAYOUT_KERNFS_PARENT, ) },
		{ "sextant.cgroup.v1_path", "", FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_SUBSYS, LAYOUT_CSS_CGROUP, LAYOUT_CGROUP_ID_CPU, ) },
		{ "process.executable", "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_PATH, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "process.working_directory", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_PWD, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "process.user, process.real_user, process.saved_user, process.group, process.real_group, process.saved_group, user.id, user.effective, sextant.capabilities, sextant.fs_uid, sextant.fs_gid", "", FACTS(LAYOUT_TASK_CRED, LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_SUID, LAYOUT_CRED_SGID, LAYOUT_CRED_EUID, LAYOUT_CRED_EGID, LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID, LAYOUT_CRED_CAP_INHERITABLE, LAYOUT_CRED_CAP_PERMITTED, LAYOUT_CRED_CAP_EFFECTIVE, LAYOUT_CRED_CAP_BSET, ) },
		{ "sextant.audit_user, sextant.audit_session", "", FACTS(LAYOUT_TASK_LOGINUID, LAYOUT_TASK_SESSIONID, ) },
		{ "sextant.namespace.mnt, sextant.namespace.net, sextant.namespace.uts, sextant.namespace.ipc", "", FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_UTS, LAYOUT_NSPROXY_IPC, LAYOUT_NSPROXY_MNT, LAYOUT_NSPROXY_NET, LAYOUT_UTS_NS_INUM, LAYOUT_IPC_NS_INUM, LAYOUT_MNT_NS_INUM, LAYOUT_NET_NS_INUM, ) },
		{ "sextant.namespace.pid, process.vpid", "", FACTS(LAYOUT_TASK_THREAD_PID, LAYOUT_PID_NS_INUM, LAYOUT_PID_LEVEL, LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_UPID_NS, LAYOUT_UPID_SIZE, ) },
		{ "sextant.executable", "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK, LAYOUT_SB_DEV, ) },
		{ "sextant.executable.inode, sextant.executable.device", "files on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },
		{ "process.args, process.args_count, process.command_line, sextant.args_bytes", "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END, ) },
		{ "process.env_vars", "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END, LAYOUT_MM_ENV_START, LAYOUT_MM_ENV_END, ) },
		{ "sextant.tty, process.tty", "", FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_TTY, LAYOUT_TTY_NAME, ) },
		{ "sextant.umask", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_UMASK, ) },
		{ "sextant.previous_name, process.thread", "", FACTS(LAYOUT_BINPRM_FILENAME, ) },
		{ "sextant.interpreters", "", FACTS(LAYOUT_BINPRM_INTERP, ) },
		{ "sextant.script", "scripts", FACTS(LAYOUT_BINPRM_FILE, LAYOUT_FILE_PATH, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV, ) },
		{ "sextant.script.inode, sextant.script.device", "scripts on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },) },
	{ "fork", SOURCES(
		{ 2, 0, FACTS(), NULL, UNITS() },
		{ 2, 0, FACTS(), NULL, UNITS() },
		{ 4, 0, FACTS(), NULL, UNITS() },
		{ 4, 0, FACTS(), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_PID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_CHILDREN, LAYOUT_TASK_SIBLING, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.caller.entity_id, sextant.caller.start", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },) },
	{ "thread", SOURCES(
		{ 2, 0, FACTS(), NULL, UNITS() },
		{ 2, 0, FACTS(), NULL, UNITS() },
		{ 4, 0, FACTS(), NULL, UNITS() },
		{ 4, 0, FACTS(), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_PID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_CHILDREN, LAYOUT_TASK_SIBLING, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.caller.entity_id, sextant.caller.start", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },) },
	{ "exit", SOURCES(
		{ 2, 0, FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE, ), NULL, UNITS() },
		{ 2, 0, FACTS(LAYOUT_TASK_SIGNAL, ), NULL, UNITS() },
		{ 4, 0, FACTS(LAYOUT_TASK_SIGNAL, ), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id, event.duration", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "process.exit_code, sextant.exit_signal, sextant.core_dumped", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_SIGNAL, LAYOUT_TASK_EXIT_CODE, LAYOUT_SIGNAL_LIVE, LAYOUT_SIGNAL_FLAGS, LAYOUT_SIGNAL_GROUP_EXIT_CODE, ) },
		{ "sextant.cpu_time_ns", "", FACTS(LAYOUT_TASK_SUM_EXEC_RUNTIME, LAYOUT_SIGNAL_SUM_SCHED_RUNTIME, ) },) },
	{ "credentials", SOURCES(
		{ 6, 0, FACTS(), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },
		{ 2, 0, FACTS(), "changes by keyctl(2), calls of 32-bit programs", UNITS(
			{ false, FACTS(), "changes by setreuid(2)" },
			{ false, FACTS(), "changes by setresuid(2)" },
			{ false, FACTS(), "changes by setfsuid(2)" },
			{ false, FACTS(), "changes by setgid(2)" },
			{ false, FACTS(), "changes by setregid(2)" },
			{ false, FACTS(), "changes by setresgid(2)" },
			{ false, FACTS(), "changes by setfsgid(2)" },
			{ false, FACTS(), "changes by capset(2)" },
			{ false, FACTS(), "changes by prctl(2)" },
			{ false, FACTS(), "changes of the user namespace by setns(2)" },
			{ false, FACTS(), "changes of the user namespace by unshare(2)" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "user.id, sextant.before", "", FACTS(LAYOUT_TASK_REAL_CRED, LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_SUID, LAYOUT_CRED_SGID, LAYOUT_CRED_EUID, LAYOUT_CRED_EGID, LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID, LAYOUT_CRED_CAP_INHERITABLE, LAYOUT_CRED_CAP_PERMITTED, LAYOUT_CRED_CAP_EFFECTIVE, LAYOUT_CRED_CAP_BSET, ) },
		{ "sextant.after", "", FACTS(LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_SUID, LAYOUT_CRED_SGID, LAYOUT_CRED_EUID, LAYOUT_CRED_EGID, LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID, LAYOUT_CRED_CAP_INHERITABLE, LAYOUT_CRED_CAP_PERMITTED, LAYOUT_CRED_CAP_EFFECTIVE, LAYOUT_CRED_CAP_BSET, ) },) },
	{ "namespaces", SOURCES(
		{ 14, 0, FACTS(), NULL, UNITS() },
		{ 2, 0, FACTS(), "calls of 32-bit programs", UNITS(
			{ false, FACTS(), "changes by unshare(2)" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.before", "", FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_UTS, LAYOUT_NSPROXY_IPC, LAYOUT_NSPROXY_MNT, LAYOUT_NSPROXY_PID_FOR_CHILDREN, LAYOUT_NSPROXY_NET, LAYOUT_UTS_NS_INUM, LAYOUT_IPC_NS_INUM, LAYOUT_MNT_NS_INUM, LAYOUT_PID_NS_INUM, LAYOUT_NET_NS_INUM, ) },
		{ "sextant.after", "", FACTS(LAYOUT_NSPROXY_UTS, LAYOUT_NSPROXY_IPC, LAYOUT_NSPROXY_MNT, LAYOUT_NSPROXY_PID_FOR_CHILDREN, LAYOUT_NSPROXY_NET, LAYOUT_UTS_NS_INUM, LAYOUT_IPC_NS_INUM, LAYOUT_MNT_NS_INUM, LAYOUT_PID_NS_INUM, LAYOUT_NET_NS_INUM, ) },) },
	{ "ptrace", SOURCES(
		{ 6, 0, FACTS(), "PTRACE_TRACEME", UNITS(
			{ false, FACTS(), "poke_memory, poke_user and set_registers" },
			{ false, FACTS(), "poke_memory, poke_user and set_registers by 32-bit tracers" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), "PTRACE_TRACEME", UNITS(
			{ false, FACTS(), "poke_memory, poke_user and set_registers" },
			{ false, FACTS(), "poke_memory, poke_user and set_registers by 32-bit tracers" },) },
		{ 6, 0, FACTS(), "PTRACE_TRACEME", UNITS(
			{ false, FACTS(), "poke_memory, poke_user and set_registers" },
			{ false, FACTS(), "poke_memory, poke_user and set_registers by 32-bit tracers" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), "PTRACE_TRACEME", UNITS(
			{ false, FACTS(), "poke_memory, poke_user and set_registers" },
			{ false, FACTS(), "poke_memory, poke_user and set_registers by 32-bit tracers" },) },
		{ 2, 0, FACTS(), "PTRACE_TRACEME, start and name of the target, its identity where the caller is in a pid namespace, calls of 32-bit programs", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.target", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_COMM, LAYOUT_TASK_START_BOOTTIME, ) },) },
	{ "process_access", SOURCES(
		{ 6, 0, FACTS(), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },
		{ 2, 0, FACTS(), "access by /proc/PID/mem, start and name of the target, its identity where the caller is in a pid namespace, calls of 32-bit programs", UNITS(
			{ false, FACTS(), "process_vm_readv(2)" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.target", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_COMM, LAYOUT_TASK_START_BOOTTIME, ) },) },
	{ "signal", SOURCES(
		{ 6, 0, FACTS(), NULL, UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS() },
		{ 6, 0, FACTS(), "event.outcome, and signals that are refused", UNITS() },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), "event.outcome, and signals that are refused", UNITS() },
		{ 2, 4 << 16 | 17 << 8, FACTS(), "signals that are refused, signal 0, signals with a forged si_code", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.target", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_COMM, LAYOUT_TASK_START_BOOTTIME, ) },) },
	{ "memfd", SOURCES(
		{ 6, 0, FACTS(LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, ), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, ), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 6, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 6, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(), "memfds of huge pages" },) },
		{ 2, 0, FACTS(LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, ), "calls of 32-bit programs", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },) },
	{ "bpf", SOURCES(
		{ 6, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(), "names of programs" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(), "names of programs" },) },
		{ 2, 0, FACTS(), "sextant.program, calls of 32-bit programs", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },) },
	{ "module", SOURCES(
		{ 2, 0, FACTS(LAYOUT_FILE_PATH, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "modules that are removed" },
			{ false, FACTS(), "a right image after a call that failed" },) },
		{ 2, 0, FACTS(LAYOUT_FILE_PATH, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "modules that are removed" },
			{ false, FACTS(), "a right image after a call that failed" },) },
		{ 2, 0, FACTS(LAYOUT_FILE_PATH, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "modules that are removed" },
			{ false, FACTS(), "a right image after a call that failed" },) },
		{ 2, 0, FACTS(LAYOUT_FILE_PATH, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "modules that are removed" },
			{ false, FACTS(), "a right image after a call that failed" },) },
		{ 6, 0, FACTS(), "sextant.module.image, file and its hash", UNITS(
			{ false, FACTS(), "modules that are removed" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, LAYOUT_MODULE_NAME, ), "sextant.module.image, file and its hash", UNITS(
			{ false, FACTS(), "modules that are removed" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "file.inode, file.device", "files", FACTS(LAYOUT_FILE_PATH, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV, ) },
		{ "file.inode, file.device", "files on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },
		{ "file.path", "files", FACTS(LAYOUT_FILE_PATH, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },) },
	{ "exec_failed", SOURCES(
		{ 6, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(), "a right count of missed returns" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(), "a right count of missed returns" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },) },
		{ 6, 0, FACTS(), NULL, UNITS(
			{ false, FACTS(), "a right count of missed returns" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, ), NULL, UNITS(
			{ false, FACTS(), "a right count of missed returns" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "execveat(2)" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },
			{ false, FACTS(), "calls of 32-bit programs" },) },
		{ 2, 0, FACTS(), "calls of 32-bit programs", UNITS(
			{ false, FACTS(), "execveat(2)" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },) },
	{ "file", SOURCES(
		{ 2, 5 << 16 | 17 << 8, FACTS(LAYOUT_FILE_PATH, LAYOUT_FILE_MODE, LAYOUT_FILE_FLAGS, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ), NULL, UNITS(
			{ false, FACTS(), "create and mknod" },
			{ false, FACTS(), "mkdir" },
			{ false, FACTS(), "unlink" },
			{ false, FACTS(), "rmdir" },
			{ false, FACTS(), "symlink" },
			{ false, FACTS(), "link" },
			{ false, FACTS(), "rename and exchange" },
			{ false, FACTS(), "truncate by path" },
			{ false, FACTS(), "chmod" },
			{ false, FACTS(), "chown" },
			{ false, FACTS(), "truncate by descriptor" },
			{ false, FACTS(), "unlink and rmdir" },
			{ false, FACTS(), "rename" },
			{ false, FACTS(), "exchange" },
			{ false, FACTS(), "create" },
			{ false, FACTS(), "mknod" },
			{ false, FACTS(), "mkdir" },
			{ false, FACTS(), "symlink" },
			{ false, FACTS(), "link" },
			{ false, FACTS(), "truncate, chmod and chown" },
			{ false, FACTS(LAYOUT_MOUNT_INSTANCE, LAYOUT_SB_MOUNTS, ), "setxattr" },
			{ false, FACTS(LAYOUT_MOUNT_INSTANCE, LAYOUT_SB_MOUNTS, ), "removexattr" },
			{ false, FACTS(), "writes by shared mappings" },
			{ false, FACTS(), "write, once many files were opened" },
			{ false, FACTS(), "write" },
			{ false, FACTS(), "write" },
			{ false, FACTS(), "write" },) },
		{ 2, 0, FACTS(LAYOUT_FILE_PATH, LAYOUT_FILE_MODE, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ), NULL, UNITS(
			{ false, FACTS(), "create and mknod" },
			{ false, FACTS(), "mkdir" },
			{ false, FACTS(), "unlink" },
			{ false, FACTS(), "rmdir" },
			{ false, FACTS(), "symlink" },
			{ false, FACTS(), "link" },
			{ false, FACTS(), "rename and exchange" },
			{ false, FACTS(), "truncate by path" },
			{ false, FACTS(), "chmod" },
			{ false, FACTS(), "chown" },
			{ false, FACTS(), "unlink and rmdir" },
			{ false, FACTS(), "rename" },
			{ false, FACTS(), "exchange" },
			{ false, FACTS(), "truncate by descriptor" },
			{ false, FACTS(), "operations beside others that sleep in the same function" },
			{ false, FACTS(), "operations beside others that sleep in the same function" },
			{ false, FACTS(), "operations beside others that sleep in the same function" },
			{ false, FACTS(), "operations beside others that sleep in the same function" },
			{ false, FACTS(), "operations beside others that sleep in the same function" },
			{ false, FACTS(), "create" },
			{ false, FACTS(), "mknod" },
			{ false, FACTS(), "mkdir" },
			{ false, FACTS(), "symlink" },
			{ false, FACTS(), "link" },
			{ false, FACTS(LAYOUT_NOTIFY_CHANGE_DENTRY, ), "truncate, chmod and chown" },
			{ false, FACTS(LAYOUT_MOUNT_INSTANCE, LAYOUT_SB_MOUNTS, LAYOUT_VFS_SETXATTR_DENTRY, LAYOUT_VFS_SETXATTR_NAME, ), "setxattr" },
			{ false, FACTS(LAYOUT_MOUNT_INSTANCE, LAYOUT_SB_MOUNTS, LAYOUT_VFS_SETXATTR_DENTRY, LAYOUT_VFS_SETXATTR_NAME, ), "removexattr" },
			{ false, FACTS(), "writes by shared mappings" },
			{ false, FACTS(), "write, once many files were opened" },
			{ false, FACTS(), "write" },
			{ false, FACTS(), "write" },
			{ false, FACTS(), "write" },) },
		{ 2, 0, FACTS(LAYOUT_FDTABLE_FD, LAYOUT_FILE_MODE, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ), "all operations but open, create, ftruncate(2), fchmod(2) and fchown(2), so directories that are renamed away and back, and hard links, create before Linux 4.19 (reported as open), sextant.before, io_uring, calls of 32-bit programs", UNITS(
			{ false, FACTS(), "open(2)" },
			{ false, FACTS(), "creat(2)" },
			{ false, FACTS(), "openat2(2)" },
			{ false, FACTS(), "open_by_handle_at(2)" },
			{ false, FACTS(), "ftruncate(2)" },
			{ false, FACTS(), "fchmod(2)" },
			{ false, FACTS(), "fchown(2)" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.root", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.path", "", FACTS(LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "sextant.other_path", "", FACTS(LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.type, file.inode, file.device, file.mode, file.uid, file.gid, file.size, sextant.links, sextant.special_device", "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK, LAYOUT_SB_DEV, ) },
		{ "file.inode, file.device", "files on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },
		{ "sextant.before", "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, ) },) },
	{ "mount", SOURCES(
		{ 2, 0, FACTS(LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "umount" },) },
		{ 2, 0, FACTS(LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "mounts by move_mount(2)" },
			{ false, FACTS(), "umount" },) },
		{ 4, 0, FACTS(LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "umount" },) },
		{ 8, 0, FACTS(LAYOUT_THREAD_INFO_TASK, LAYOUT_THREAD_UNION_SIZE, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS(
			{ false, FACTS(), "umount" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.root", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.path", "", FACTS(LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.type, file.inode, file.device, file.mode, file.uid, file.gid, file.size, sextant.links", "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK, LAYOUT_SB_DEV, ) },
		{ "file.inode, file.device", "files on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },) },
	{ "socket", SOURCES(
		{ 2, 0, FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DPORT, ), "packet, raw and ping sockets, SCTP, sendto(2) on Unix sockets", UNITS(
			{ false, FACTS(), "the exact count of connections that are lost" },
			{ false, FACTS(), "" },
			{ false, FACTS(), "" },
			{ true, FACTS(), "accept" },
			{ false, FACTS(), "connects that fail before a packet is sent" },
			{ false, FACTS(), "connects that fail before a packet is sent" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "bind" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "bind" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_LEN, ), "datagrams that are sent" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_LEN, ), "datagrams that are sent" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_HEAD, ), "datagrams that are received" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_HEAD, ), "datagrams that are received" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },) },
		{ 2, 0, FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DPORT, ), "packet, raw and ping sockets, SCTP, sendto(2) on Unix sockets", UNITS(
			{ false, FACTS(), "the exact count of connections that are lost" },
			{ false, FACTS(), "listen" },
			{ false, FACTS(), "" },
			{ true, FACTS(), "accept" },
			{ false, FACTS(), "connects that fail before a packet is sent" },
			{ false, FACTS(), "connects that fail before a packet is sent" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "bind" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "bind" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_LEN, ), "datagrams that are sent" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_LEN, ), "datagrams that are sent" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_HEAD, ), "datagrams that are received" },
			{ false, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SOCK_TYPE, LAYOUT_SKB_HEAD, ), "datagrams that are received" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },
			{ false, FACTS(LAYOUT_SOCKET_SK, ), "connects of Unix sockets" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "network.type, source, destination", "", FACTS(LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DADDR, LAYOUT_SOCK_RCV_SADDR, LAYOUT_SOCK_V6_DADDR, LAYOUT_SOCK_V6_RCV_SADDR, ) },
		{ "source.bytes, destination.bytes", "TCP connections that are closed", FACTS(LAYOUT_TCP_BYTES_RECEIVED, LAYOUT_TCP_BYTES_ACKED, ) },
		{ "sextant.namespace.net", "", FACTS(LAYOUT_NET_NS_INUM, LAYOUT_SOCK_NET, ) },) },
	{ "dns", SOURCES(
		{ 2, 0, FACTS(LAYOUT_SOCK_PROTOCOL, LAYOUT_SKB_SK, LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN, ), "questions over TCP", UNITS(
			{ false, FACTS(), "questions over IPv6" },) },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "dns.id, dns.question", "", FACTS(LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN, LAYOUT_SKB_TRANSPORT_HEADER, ) },
		{ "sextant.namespace.net", "", FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_NET, LAYOUT_NET_NS_INUM, ) },) },
	{ "chroot", SOURCES(
		{ 2, 0, FACTS(LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), NULL, UNITS() },
		{ 2, 0, FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT, ), "sextant.root; calls of 32-bit programs", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.root", "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.path", "", FACTS(LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, ) },
		{ "file.type, file.inode, file.device, file.mode, file.uid, file.gid, file.size, sextant.links", "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK, LAYOUT_SB_DEV, ) },
		{ "file.inode, file.device", "files on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER, ) },) },
	{ "terminal", SOURCES(
		{ 2, 5 << 16 | 17 << 8, FACTS(LAYOUT_TASK_MM, LAYOUT_TTY_NAME, ), "serial lines and consoles", UNITS() },
		{ 2, 0, FACTS(LAYOUT_TASK_MM, LAYOUT_TTY_NAME, ), "serial lines and consoles", UNITS() },),
	  FIELDS(
		{ "process.start, process.entity_id", "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, ) },
		{ "process.parent", "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_COMM, ) },
		{ "process.group_leader", "", FACTS(LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR, LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, ) },
		{ "sextant.tty", "", FACTS(LAYOUT_TTY_NAME, ) },) },
};
/* clang-format on */

const size_t event_needs_count = sizeof(event_needs) / sizeof(event_needs[0]);
