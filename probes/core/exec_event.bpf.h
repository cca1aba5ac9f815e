/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The fields of an exec event, without its texts. They are read once the new
 * program is in place, from what the kernel made of the call and not from the
 * caller's memory: at sched:sched_process_exec, or at proc_exec_connector(),
 * which exec_binprm() calls next.
 */
#ifndef PROBES_CORE_EXEC_EVENT_BPF_H
#define PROBES_CORE_EXEC_EVENT_BPF_H

#include "probes/core/cred.bpf.h"
#include "probes/core/inode.bpf.h"
#include "probes/core/mapdefs.bpf.h"
#include "probes/core/process.bpf.h"

/* events/sched/sched_process_exec/format; the loader checks it. */
struct exec_context {
	__u64 common;
	__u32 filename; /* __data_loc: the low half is the offset from the record's start */
	__s32 pid;
	__s32 old_pid; /* of the thread that called exec */
};

INLINE void cred_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 cred = POINTER(layout, task, TASK_CRED);

	unread_if(&e->header, credentials_read(layout, &e->cred, cred), FIELD_EXEC_CRED);
	READ(layout, &e->ns.user_ns, POINTER(layout, cred, CRED_USER_NS), USER_NS_INUM);
}

INLINE void loginuid_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 audit;
	int failed;

	if (OFFSET(layout, TASK_LOGINUID) != LAYOUT_ABSENT) {
		failed = READ(layout, &e->loginuid, task, TASK_LOGINUID);
		failed |= READ(layout, &e->sessionid, task, TASK_SESSIONID);
	} else {
		audit = POINTER(layout, task, TASK_AUDIT);
		failed = READ(layout, &e->loginuid, audit, AUDIT_LOGINUID);
		failed |= READ(layout, &e->sessionid, audit, AUDIT_SESSIONID);
	}
	unread_if(&e->header, failed, FIELD_EXEC_LOGINUID);
}

/* The pid in the process's own pid namespace: the last of pid->numbers[]. */
INLINE void ns_pid_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 pid = POINTER(layout, task, TASK_THREAD_PID);
	__u64 element = SIZE(layout, UPID_SIZE);
	__u64 upid;
	__u32 level = 0;
	int failed = READ(layout, &level, pid, PID_LEVEL);

	upid = pid + OFFSET(layout, PID_NUMBERS) + level * element;
	if (!pid || !element || OFFSET(layout, PID_NUMBERS) == LAYOUT_ABSENT)
		upid = 0;
	failed |= READ(layout, &e->ns.ns_pid, upid, UPID_NR);
	failed |= READ(layout, &e->ns.pid_ns, POINTER(layout, upid, UPID_NS), PID_NS_INUM);
	unread_if(&e->header, failed, FIELD_EXEC_NS_PID);
}

INLINE void session_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	unread_if(&e->header, group_read(layout, task, OFFSET(layout, PIDTYPE_SID), &e->sid),
	          FIELD_GROUPS);
}

INLINE void namespaces_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 proxy = POINTER(layout, task, TASK_NSPROXY);
	int failed;

	failed = READ(layout, &e->ns.mnt_ns, POINTER(layout, proxy, NSPROXY_MNT), MNT_NS_INUM);
	failed |= READ(layout, &e->ns.net_ns, POINTER(layout, proxy, NSPROXY_NET), NET_NS_INUM);
	failed |= READ(layout, &e->ns.uts_ns, POINTER(layout, proxy, NSPROXY_UTS), UTS_NS_INUM);
	failed |= READ(layout, &e->ns.ipc_ns, POINTER(layout, proxy, NSPROXY_IPC), IPC_NS_INUM);
	unread_if(&e->header, failed, FIELD_EXEC_NAMESPACES);
	/* From 4.6 on (a79a908fd2b0). */
	READ(layout, &e->ns.cgroup_ns, POINTER(layout, proxy, NSPROXY_CGROUP), CGROUP_NS_INUM);
	ns_pid_fill(layout, e, task);
}

INLINE void inode_fill(const struct layout *layout, struct exec_event *e, __u64 file)
{
	__u64 inode = POINTER(layout, file, FILE_INODE);
	__u16 mode = 0;
	int failed;

	failed = READ(layout, &e->inode, inode, INODE_INO);
	failed |= READ(layout, &e->device, POINTER(layout, inode, INODE_SB), SB_DEV);
	failed |= READ(layout, &mode, inode, INODE_MODE);
	failed |= READ(layout, &e->file_uid, inode, INODE_UID);
	failed |= READ(layout, &e->file_gid, inode, INODE_GID);
	failed |= READ(layout, &e->nlink, inode, INODE_NLINK);
	e->mode = mode;
	unread_if(&e->header, failed, FIELD_EXEC_EXE_STAT);
}

/* The executable as stat() shows it. */
INLINE void exe_as_stat(const struct layout *layout, struct exec_event *e, __u64 file)
{
	__u64 inode;
	int failed;

	if (!file || OFFSET(layout, FILE_PATH) == LAYOUT_ABSENT)
		return;
	/* Not file->f_inode: in overlayfs it is the layer's until 4.19 (d1d04ef8572b). */
	inode = POINTER(layout, file + OFFSET(layout, FILE_PATH), PATH_DENTRY);
	inode = POINTER(layout, inode, DENTRY_INODE);
	READ(layout, &e->device, POINTER(layout, inode, INODE_SB), SB_DEV);
	inode_as_stat(layout, inode, &e->inode, &e->device, &failed);
	unread_if(&e->header, failed, FIELD_EXEC_EXE_NUMBERS);
}

/*
 * The place of argv, and of the environment, which the kernel puts right behind
 * it.
 */
struct strings {
	__u64 argv, env, end; /* argv 0: not readable; env equals end: none, or not wanted */
};

/* True: the user wants variables of the environment (--env). */
INLINE int env_wanted(void)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s && s->env;
}

INLINE void strings_find(const struct layout *layout, struct exec_event *e, __u64 mm,
                         struct strings *ret)
{
	__u64 env, end;

	ret->argv = POINTER(layout, mm, MM_ARG_START);
	ret->env = ret->end = POINTER(layout, mm, MM_ARG_END);
	if (!ret->argv || ret->env < ret->argv || (ret->env - ret->argv) >> 32) {
		ret->argv = ret->env = ret->end = 0;
		e->header.unread |= 1U << FIELD_EXEC_ARGV;
	}
	e->argv_total = ret->env - ret->argv;
	if (!env_wanted())
		return;
	env = POINTER(layout, mm, MM_ENV_START);
	end = POINTER(layout, mm, MM_ENV_END);
	if (!env || env != ret->env || end < env || (end - env) >> 32) {
		e->header.unread |= 1U << FIELD_EXEC_ENV;
		return;
	}
	e->env_total = end - env;
	ret->end = end;
}

/*
 * A name is shorter than its 64 bytes in the kernel: "ttyprintk" and
 * "pts1048575" are long ones.
 */
INLINE void tty_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 tty = 0;
	int failed = READ(layout, &tty, POINTER(layout, task, TASK_SIGNAL), SIGNAL_TTY);

	if (tty)
		failed |= READ(layout, &e->tty, tty, TTY_NAME);
	unread_if(&e->header, failed, FIELD_EXEC_TTY);
}

INLINE void umask_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	unread_if(&e->header, READ(layout, &e->umask, POINTER(layout, task, TASK_FS), FS_UMASK),
	          FIELD_EXEC_UMASK);
}

/* All fields of a fixed size. */
INLINE void exec_fill(const struct layout *layout, struct exec_event *e, __u64 task, __u64 file)
{
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	cred_fill(layout, e, task);
	loginuid_fill(layout, e, task);
	namespaces_fill(layout, e, task);
	session_fill(layout, e, task);
	inode_fill(layout, e, file);
	tty_fill(layout, e, task);
	umask_fill(layout, e, task);
}

#endif
