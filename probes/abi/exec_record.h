/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of an exec, and the fields of its event: field_table.h says how to read the table. */
#ifndef PROBES_ABI_EXEC_RECORD_H
#define PROBES_ABI_EXEC_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

struct namespaces {
	__u32 pid_ns, mnt_ns, net_ns, uts_ns, ipc_ns, user_ns,
		cgroup_ns; /* inode numbers; 0: the kernel has none */
	__u32 ns_pid;      /* pid inside pid_ns */
};

/*
 * Fixed part of an exec; then, back to back: argv_size bytes of argv, env_size
 * of the environment, text_size of each text. argv and environment are as in
 * memory: each string ended by NUL.
 */
struct exec_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct credentials cred;
	struct namespaces ns;
	__u64 inode;
	__u32 device; /* kernel encoding: major << 20 | minor */
	__u32 mode;   /* st_mode */
	__u32 file_uid, file_gid;
	__u32 nlink;               /* of the file; 0: deleted, or never had a name */
	__u32 sid;                 /* session, in the initial pid namespace */
	__u32 env_size, env_total; /* env_total: bytes of the whole; 0: not wanted */
	__u32 loginuid, sessionid; /* 0xffffffff: not set */
	char comm[EVENTS_COMM_BYTES];
	char previous_comm[EVENTS_COMM_BYTES]; /* before the exec; empty: not known */
	char tty[EVENTS_TTY_BYTES];            /* empty: none */
	__u32 caller_tid;                      /* of the thread that called exec; 0: not known */
	__u32 argv_size;
	__u32 argv_total; /* bytes of the whole argv; more than argv_size if cut */
	__u32 script;     /* struct interpreter_part */
	__u32 umask, zero;
	__u16 text_size[TEXT_SLOTS];
};

/* clang-format off */
#define EXEC_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, EXEC) \
	NAME(EXEC, GROUPS, "process.session_leader", leader, ALWAYS, "", "`pid` of the session leader; `entity_id` and `executable` as in `process.group_leader`") \
	/* texts, in the order of enum event_text */ \
	FIELD(EXEC, FILENAME, "", FACTS(LAYOUT_BINPRM_FILENAME)) \
	NAME(EXEC, FILENAME, "sextant.filename", string, OPTIONAL, "", "file name as the caller passed it to exec. For a script it is the script") \
	FIELD(EXEC, INTERP, "", FACTS(LAYOUT_BINPRM_INTERP)) \
	NAME(EXEC, INTERP, "sextant.interpreter", string, OPTIONAL, "", "for a script, its interpreter as the script or binfmt_misc names it; the last one if an interpreter is a script itself. ¹") \
	FIELD(EXEC, ROOT, "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, WALK_FACTS)) \
	NAME(EXEC, ROOT, "sextant.root", string, OPTIONAL, "", "root directory of the process; missing if it is `/`") \
	/* Or by struct cgroup's own name: a kernel has one of the two. */ \
	FIELD(EXEC, CGROUP, "", FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_DFL_CGRP, LAYOUT_CGROUP_KN, LAYOUT_KERNFS_NAME, LAYOUT_KERNFS_PARENT)) \
	NAME(EXEC, CGROUP, "sextant.cgroup.path", string, ALWAYS, "", "path in the cgroup v2 hierarchy; null on 3.10, which has none") \
	FIELD(EXEC, CGROUP_V1, "", FACTS(LAYOUT_TASK_CGROUPS, LAYOUT_CSS_SET_SUBSYS, LAYOUT_CGROUP_ID_CPU, LAYOUT_CSS_CGROUP)) \
	NAME(EXEC, CGROUP_V1, "sextant.cgroup.v1_path", string, OPTIONAL, "", "path in the hierarchy of the v1 memory controller (of the CPU controller if the kernel has no memory controller); missing if it equals `path` or is a parent directory of it") \
	FIELD(EXEC, EXE, "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_PATH, WALK_FACTS)) \
	NAME(EXEC, EXE, "process.executable", string, ALWAYS, "", "path of the executable file from the root of its mount namespace, across mounts. For a script it is the interpreter. If the path was too long, its first components are missing and it does not begin with `/`") \
	FIELD(EXEC, CWD, "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_PWD, WALK_FACTS)) \
	NAME(EXEC, NONE, "process.hash.sha256", sha256, OPTIONAL, "", "of the executable file. Missing if `sextant.hash_missing` says why, or without `--hash-budget`") \
	NAME(EXEC, NONE, "sextant.hash_missing", string, OPTIONAL, "", "why there is no hash. If the file is being read, an event `hash` has it later") \
	NAME(EXEC, CWD, "process.working_directory", string, ALWAYS, "", "path of the working directory, in the same form") \
	/* the others */ \
	FIELD(EXEC, CRED, "", FACTS(LAYOUT_TASK_CRED, CREDENTIAL_FACTS)) \
	NAME(EXEC, CRED, "process.user", identity, ALWAYS, "", "effective, real and saved user after the exec: `id` and `name`") \
	NAME(EXEC, CRED, "process.real_user", identity, ALWAYS, "", "") \
	NAME(EXEC, CRED, "process.saved_user", identity, ALWAYS, "", "") \
	NAME(EXEC, CRED, "process.group", identity, ALWAYS, "", "effective, real and saved group after the exec: `id` and `name`") \
	NAME(EXEC, CRED, "process.real_group", identity, ALWAYS, "", "") \
	NAME(EXEC, CRED, "process.saved_group", identity, ALWAYS, "", "") \
	NAME(EXEC, CRED, "user.id", id, ALWAYS, "", "real user id after the exec") \
	NAME(EXEC, CRED, "user.effective", identity, ALWAYS, "", "effective user: `id` and `name`") \
	NAME(EXEC, CRED, "sextant.capabilities", capability_sets, ALWAYS, "", "`permitted`, `effective`, `inheritable`, `bounding` and `ambient`, in hexadecimal as in `/proc/PID/status`") \
	NAME(EXEC, CRED, "sextant.fs_uid", id, ALWAYS, "", "user and group id for file access") \
	NAME(EXEC, CRED, "sextant.fs_gid", id, ALWAYS, "", "") \
	/* Or by audit_task_info: a kernel has one of the two. */ \
	FIELD(EXEC, LOGINUID, "", FACTS(LAYOUT_TASK_LOGINUID, LAYOUT_TASK_SESSIONID)) \
	NAME(EXEC, LOGINUID, "sextant.audit_user", identity, OPTIONAL, "", "login user (loginuid): `id` and `name`. Missing if the process does not come from a login") \
	NAME(EXEC, LOGINUID, "sextant.audit_session", count, OPTIONAL, "", "audit session id; missing if it is not set") \
	FIELD(EXEC, NAMESPACES, "", FACTS(LAYOUT_TASK_NSPROXY, LAYOUT_NSPROXY_MNT, LAYOUT_MNT_NS_INUM, LAYOUT_NSPROXY_NET, LAYOUT_NET_NS_INUM, LAYOUT_NSPROXY_UTS, LAYOUT_UTS_NS_INUM, LAYOUT_NSPROXY_IPC, LAYOUT_IPC_NS_INUM)) \
	NAME(EXEC, NAMESPACES, "sextant.namespace.mnt", inum, OPTIONAL, "", "inode numbers of the namespaces, as in `/proc/PID/ns`; `cgroup` from 4.6 on") \
	NAME(EXEC, NAMESPACES, "sextant.namespace.net", inum, OPTIONAL, "", "") \
	NAME(EXEC, NAMESPACES, "sextant.namespace.uts", inum, OPTIONAL, "", "") \
	NAME(EXEC, NAMESPACES, "sextant.namespace.ipc", inum, OPTIONAL, "", "") \
	FIELD(EXEC, NS_PID, "", FACTS(LAYOUT_TASK_THREAD_PID, LAYOUT_PID_LEVEL, LAYOUT_PID_NUMBERS, LAYOUT_UPID_SIZE, LAYOUT_UPID_NR, LAYOUT_UPID_NS, LAYOUT_PID_NS_INUM)) \
	NAME(EXEC, NS_PID, "sextant.namespace.pid", inum, OPTIONAL, "", "") \
	NAME(EXEC, BY_VALUE, "sextant.namespace.user", inum, ALWAYS, "", "") \
	NAME(EXEC, NONE, "sextant.namespace.cgroup", inum, OPTIONAL, "", "") \
	NAME(EXEC, NS_PID, "process.vpid", pid, ALWAYS, "", "process id inside the process's own pid namespace") \
	/* Of the executable: mode, owner, links. */ \
	FIELD(EXEC, EXE_STAT, "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_EXE_FILE, LAYOUT_FILE_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK)) \
	NAME(EXEC, EXE_STAT, "sextant.executable", object, ALWAYS, "", "the executable file") \
	NAME(EXEC, NONE, "sextant.executable.mode", mode, ALWAYS, "", "its mode and owner") \
	NAME(EXEC, NONE, "sextant.executable.uid", id, ALWAYS, "", "") \
	NAME(EXEC, NONE, "sextant.executable.gid", id, ALWAYS, "", "") \
	NAME(EXEC, NONE, "sextant.executable.deleted", boolean, ALWAYS, "", "true if the file has no name: it was deleted, or it is a memfd") \
	/* Of the executable: inode and device as stat() has them. */ \
	FIELD(EXEC, EXE_NUMBERS, STACKED, FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER)) \
	NAME(EXEC, EXE_NUMBERS, "sextant.executable.inode", id, ALWAYS, "", "as stat shows them ³") \
	NAME(EXEC, EXE_NUMBERS, "sextant.executable.device", device, ALWAYS, "", "") \
	FIELD(EXEC, ARGV, "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END)) \
	NAME(EXEC, ARGV, "process.args", strings, ALWAYS, "", "arguments, up to 32,768 bytes (4,096 on kernels before 4.11 other than RHEL 7)") \
	NAME(EXEC, ARGV, "process.args_count", count, ALWAYS, "", "number of the arguments in `process.args`") \
	NAME(EXEC, ARGV, "process.command_line", string, OPTIONAL, "", "the arguments with a blank between two of them, up to 4,096 bytes. Two different lists can look the same here: use `process.args` where that matters. Missing if there are none") \
	NAME(EXEC, NONE, "sextant.redacted", count, OPTIONAL, "", "parts of the arguments and the environment that `--redact` has replaced by `***`; missing if there are none") \
	NAME(EXEC, ARGV, "sextant.args_bytes", count, ALWAYS, "", "bytes of all arguments. `process.args` is truncated if this is more than its limit") \
	FIELD(EXEC, ENV, "", FACTS(LAYOUT_TASK_MM, LAYOUT_MM_ARG_START, LAYOUT_MM_ARG_END, LAYOUT_MM_ENV_START, LAYOUT_MM_ENV_END)) \
	NAME(EXEC, ENV, "process.env_vars", some_strings, OPTIONAL, "", "`NAME=value` of the environment variables that `--env` lists. Only the first 4,096 bytes of the environment are searched (2,048 on kernels before 4.11 other than RHEL 7). Missing if none is found") \
	FIELD(EXEC, TTY, "", FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_TTY, LAYOUT_TTY_NAME)) \
	NAME(EXEC, TTY, "sextant.tty", short_name, OPTIONAL, "", "controlling terminal, as the kernel and audit name it: `pts0`. Missing if there is none") \
	NAME(EXEC, TTY, "process.tty", tty, OPTIONAL, "", "its numbers: `char_device.major` and `char_device.minor`. Missing if the name does not tell them") \
	FIELD(EXEC, UMASK, "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_UMASK)) \
	NAME(EXEC, UMASK, "sextant.umask", mode, ALWAYS, "", "umask of the process, in octal: the permission bits that its new files do not get") \
	FIELD(EXEC, PREVIOUS, "", FACTS(LAYOUT_BINPRM_FILENAME)) \
	NAME(EXEC, NONE, "process.previous", previous, OPTIONAL, "", "`executable`, `args` and `args_count` before the exec, as in `process.parent` ²") \
	NAME(EXEC, PREVIOUS, "sextant.previous_name", comm, OPTIONAL, "", "name of the thread before the exec") \
	NAME(EXEC, NONE, "process.entry_leader", entry_leader, OPTIONAL, "", "the first process of the login session, of the container or of the service: it has another audit session or container than its parent, or is a child of process 1. `pid`, `entity_id`, `executable` ², and `same_as_process`, which is true if it is this process. Missing where some process on the way there is not known") \
	NAME(EXEC, NONE, "sextant.ancestors", ancestors, OPTIONAL, "", "the parent of the parent and the processes above it, eight at most: `pid`, `entity_id` and `executable`, of which the last 256 bytes are kept ²") \
	NAME(EXEC, PREVIOUS, "process.thread", thread, OPTIONAL, "", "`id` of the thread that called exec, if it is not the first thread of the process") \
	FIELD(EXEC, INTERPRETERS, "", FACTS(LAYOUT_BINPRM_INTERP)) \
	NAME(EXEC, INTERPRETERS, "sextant.interpreters", interpreters, OPTIONAL, "", "if the interpreter of a script is a script itself: all interpreters, in the order in which the kernel opened them. ¹") \
	/* Of a script, as the kernel has opened it. */ \
	FIELD(EXEC, SCRIPT, "scripts", FACTS(LAYOUT_BINPRM_FILE, LAYOUT_FILE_PATH, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV)) \
	NAME(EXEC, SCRIPT, "sextant.script", object, OPTIONAL, "", "for a script, the file that the kernel opened by `sextant.filename`. ¹") \
	FIELD(EXEC, SCRIPT_NUMBERS, "scripts on btrfs or overlayfs", FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER)) \
	NAME(EXEC, SCRIPT_NUMBERS, "sextant.script.inode", id, OPTIONAL, "", "as stat shows them ³") \
	NAME(EXEC, SCRIPT_NUMBERS, "sextant.script.device", device, OPTIONAL, "", "") \
	NAME(EXEC, NONE, "sextant.script.hash.sha256", sha256, OPTIONAL, "", "of the script. Missing if `sextant.script.hash_missing` says why, or without `--hash-budget`") \
	NAME(EXEC, NONE, "sextant.script.hash_missing", string, OPTIONAL, "", "why there is no hash of the script. If the file is being read, an event `hash` has it later")
/* clang-format on */

FIELDS_ENUM(exec, EXEC)

#endif
