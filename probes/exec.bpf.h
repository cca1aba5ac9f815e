/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exec, from sched:sched_process_exec or proc_exec_connector(), which
 * exec_binprm() calls next: the new program is in place, and all is read from
 * what the kernel made of the call, not from the caller's memory.
 *
 * exec_begin() reads all but the paths and hands over to exec_walk(), which
 * walks the executable's path, then the working directory's, as many tail
 * calls as that takes, and sends. tails: the programs of the caller's type.
 */
#ifndef PROBES_EXEC_BPF_H
#define PROBES_EXEC_BPF_H

#include "read.bpf.h"

/* Steps a program: the limit is the size of the program. */
#define WALK_STEPS 24

INLINE int credentials_read(const struct layout *layout, struct credentials *c, __u64 cred)
{
	int failed;

	failed = READ(layout, &c->uid, cred, CRED_UID);
	failed |= READ(layout, &c->gid, cred, CRED_GID);
	failed |= READ(layout, &c->euid, cred, CRED_EUID);
	failed |= READ(layout, &c->egid, cred, CRED_EGID);
	failed |= READ(layout, &c->suid, cred, CRED_SUID);
	failed |= READ(layout, &c->sgid, cred, CRED_SGID);
	failed |= READ(layout, &c->fsuid, cred, CRED_FSUID);
	failed |= READ(layout, &c->fsgid, cred, CRED_FSGID);
	failed |= READ(layout, &c->cap_permitted, cred, CRED_CAP_PERMITTED);
	failed |= READ(layout, &c->cap_effective, cred, CRED_CAP_EFFECTIVE);
	failed |= READ(layout, &c->cap_inheritable, cred, CRED_CAP_INHERITABLE);
	failed |= READ(layout, &c->cap_bset, cred, CRED_CAP_BSET);
	READ(layout, &c->cap_ambient, cred, CRED_CAP_AMBIENT);
	return failed;
}

INLINE void cred_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 cred = POINTER(layout, task, TASK_CRED);

	unread_if(&e->header, credentials_read(layout, &e->cred, cred), FIELD_CRED);
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
	unread_if(&e->header, failed, FIELD_LOGINUID);
}

/* The pid as the process itself knows it: the last of pid->numbers[]. */
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
	unread_if(&e->header, failed, FIELD_NS_PID);
}

/*
 * The number of a struct pid in the initial namespace, by its place among those
 * that the leader (until 4.19, 2c4704756cab) or signal_struct has, a type each.
 */
INLINE int group_read(const struct layout *layout, __u64 task, __u32 type, __u32 *ret)
{
	__u64 first, pid;
	__u32 offset;

	if (OFFSET(layout, SIGNAL_PIDS) != LAYOUT_ABSENT) {
		first = POINTER(layout, task, TASK_SIGNAL);
		offset = OFFSET(layout, SIGNAL_PIDS) + type * sizeof(pid);
	} else {
		first = POINTER(layout, task, TASK_GROUP_LEADER);
		offset = OFFSET(layout, TASK_THREAD_PID) + type * SIZE(layout, PID_LINK_SIZE);
	}
	pid = read_pointer(first, offset);
	if (!pid || type == LAYOUT_ABSENT || OFFSET(layout, PID_NUMBERS) == LAYOUT_ABSENT)
		return -1;
	return READ(layout, ret, pid + OFFSET(layout, PID_NUMBERS), UPID_NR);
}

INLINE void groups_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	int failed = group_read(layout, task, OFFSET(layout, PIDTYPE_PGID), &e->pgid);

	failed |= group_read(layout, task, OFFSET(layout, PIDTYPE_SID), &e->sid);
	unread_if(&e->header, failed, FIELD_GROUPS);
}

INLINE void namespaces_fill(const struct layout *layout, struct exec_event *e, __u64 task)
{
	__u64 proxy = POINTER(layout, task, TASK_NSPROXY);
	int failed;

	failed = READ(layout, &e->ns.mnt_ns, POINTER(layout, proxy, NSPROXY_MNT), MNT_NS_INUM);
	failed |= READ(layout, &e->ns.net_ns, POINTER(layout, proxy, NSPROXY_NET), NET_NS_INUM);
	failed |= READ(layout, &e->ns.uts_ns, POINTER(layout, proxy, NSPROXY_UTS), UTS_NS_INUM);
	failed |= READ(layout, &e->ns.ipc_ns, POINTER(layout, proxy, NSPROXY_IPC), IPC_NS_INUM);
	unread_if(&e->header, failed, FIELD_NAMESPACES);
	/* From 4.6 (a79a908fd2b0); older kernels have none. */
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
	unread_if(&e->header, failed, FIELD_EXE_INODE);
}

/* Where argv lies, and the environment, which the kernel puts right behind it. */
struct strings {
	__u64 argv, env, end; /* argv 0: not readable; env to end: not there, or not wanted */
};

INLINE void strings_find(const struct layout *layout, struct exec_event *e, __u64 mm,
                         struct strings *ret)
{
	__u64 env, end;

	ret->argv = POINTER(layout, mm, MM_ARG_START);
	ret->env = ret->end = POINTER(layout, mm, MM_ARG_END);
	if (!ret->argv || ret->env < ret->argv || (ret->env - ret->argv) >> 32) {
		ret->argv = ret->env = ret->end = 0;
		e->header.unread |= 1U << FIELD_ARGV;
	}
	e->argv_total = ret->env - ret->argv;
	if (!env_wanted())
		return;
	env = POINTER(layout, mm, MM_ENV_START);
	end = POINTER(layout, mm, MM_ENV_END);
	if (!env || env != ret->env || end < env || (end - env) >> 32) {
		e->header.unread |= 1U << FIELD_ENV;
		return;
	}
	e->env_total = end - env;
	ret->end = end;
}

/* Both go first into the variable part: their sizes need no walk. */
INLINE void strings_fill(const struct layout *layout, struct scratch *s, __u64 mm)
{
	struct exec_event *e = &s->exec;
	struct strings at;
	__u64 argv, size;

	strings_find(layout, e, mm, &at);
	argv = at.env - at.argv;
	if (at.end - at.env > ENV_BYTES_MAX) {
		at.end = at.env + ENV_BYTES_MAX;
		e->header.truncated |= 1U << FIELD_ENV;
	}
	size = at.end - at.argv;
	if (!at.argv || !size)
		return;
	if (size > ARGV_BYTES_MAX) {
		size = ARGV_BYTES_MAX;
		if (e->env_total)
			e->header.truncated |= 1U << FIELD_ENV;
		if (argv > size) {
			e->header.truncated |= 1U << FIELD_ARGV;
			argv = size;
		}
	}
	/* 4.14's verifier wants to see that it is not 0. */
	size = ((size - 1) & (ARGV_BYTES_MAX - 1)) + 1;
	if (bpf_probe_read(s->bytes + sizeof(*e), size, (void *)at.argv)) {
		e->header.unread |= 1U << FIELD_ARGV;
		unread_if(&e->header, e->env_total, FIELD_ENV);
		return;
	}
	e->argv_size = argv;
	e->env_size = size - argv;
	s->cursor += size;
}

/* A struct path at base + offset becomes a walk. */
INLINE void walk_init(const struct layout *layout, struct walk *walk, __u64 base, __u32 offset)
{
	__u64 path = base && offset != LAYOUT_ABSENT ? base + offset : 0;
	__u64 mnt = POINTER(layout, path, PATH_MNT);

	walk->dentry = POINTER(layout, path, PATH_DENTRY);
	walk->mount = 0;
	if (mnt && OFFSET(layout, MOUNT_MNT) != LAYOUT_ABSENT)
		walk->mount = mnt - OFFSET(layout, MOUNT_MNT);
}

/* All that has a size of its own. */
INLINE void exec_fill(const struct layout *layout, struct exec_event *e, __u64 task, __u64 file)
{
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	cred_fill(layout, e, task);
	loginuid_fill(layout, e, task);
	namespaces_fill(layout, e, task);
	groups_fill(layout, e, task);
	inode_fill(layout, e, file);
}

INLINE int exec_begin(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s;
	struct exec_event *e;
	__u64 task, mm, file;

	if (!layout || !class_wanted(EVENT_EXEC))
		return 0;
	s = message_begin(EVENT_EXEC, sizeof(*e));
	if (!s)
		return 0;
	e = &s->exec;
	s->cursor = sizeof(*e);
	s->cwd = 0;

	task = bpf_get_current_task();
	mm = POINTER(layout, task, TASK_MM);
	file = POINTER(layout, mm, MM_EXE_FILE);
	exec_fill(layout, e, task, file);
	strings_fill(layout, s, mm);
	walk_init(layout, &s->walk, file, OFFSET(layout, FILE_PATH));
	walk_init(layout, &s->next, POINTER(layout, task, TASK_FS), OFFSET(layout, FS_PWD));
	s->walk.start = s->cursor;

	bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* No walk: the event goes out without its paths and argv. */
	e->header.unread |= 1U << FIELD_EXE | 1U << FIELD_CWD | 1U << FIELD_ARGV;
	unread_if(&e->header, e->env_total, FIELD_ENV);
	e->argv_size = e->env_size = 0;
	message_send(ctx, s, EVENT_EXEC, sizeof(*e));
	return 0;
}

/* Offsets that a step needs, summed where two always go together. */
struct walk_offsets {
	__u32 parent, name, len, mount_parent, mountpoint, mount_root;
};

INLINE int walk_offsets_init(const struct layout *layout, struct walk_offsets *o)
{
	__u32 d_name = OFFSET(layout, DENTRY_NAME), name = OFFSET(layout, QSTR_NAME);
	__u32 mnt = OFFSET(layout, MOUNT_MNT), root = OFFSET(layout, VFSMOUNT_ROOT);

	o->parent = OFFSET(layout, DENTRY_PARENT);
	o->mount_parent = OFFSET(layout, MOUNT_PARENT);
	o->mountpoint = OFFSET(layout, MOUNT_MOUNTPOINT);
	o->name = d_name + name;
	o->len = d_name + OFFSET(layout, QSTR_LEN); /* of tiers 2 and 3 */
	o->mount_root = mnt + root;
	return d_name == LAYOUT_ABSENT || name == LAYOUT_ABSENT || mnt == LAYOUT_ABSENT ||
	       root == LAYOUT_ABSENT || o->parent == LAYOUT_ABSENT ||
	       o->mount_parent == LAYOUT_ABSENT || o->mountpoint == LAYOUT_ABSENT;
}

enum walk_result {
	WALK_MORE, /* the program's steps are used up */
	WALK_DONE,
	WALK_LONG, /* no room: the path is cut at the root's side */
	WALK_FAILED,
};

/* Where a walk is; root and parent belong to the mount. */
struct position {
	__u64 dentry, mount, root, parent;
};

/* A pointer, or 0: probe_read zeroes what it cannot read. Few instructions: a step has five. */
INLINE __u64 follow(__u64 base, __u32 offset)
{
	__u64 value = 0;

	bpf_probe_read(&value, sizeof(value), (void *)(base + offset));
	return value;
}

/* One name, or the step from a mount's root to where it is mounted. */
INLINE int walk_step(struct scratch *s, const struct walk_offsets *o, struct position *at)
{
	__u64 parent, name, cursor;
	long size;

	if (at->dentry == at->root) {
		if (at->parent == at->mount)
			return WALK_DONE; /* the root of the mount namespace */
		at->dentry = follow(at->mount, o->mountpoint);
		at->mount = at->parent;
		at->parent = follow(at->mount, o->mount_parent);
		at->root = follow(at->mount, o->mount_root);
		return at->dentry && at->root ? WALK_MORE : WALK_FAILED;
	}
	parent = follow(at->dentry, o->parent);
	name = follow(at->dentry, o->name);
	if (!parent || !name)
		return WALK_FAILED;
	cursor = s->cursor;
	if (cursor - s->walk.start > PATH_BYTES_MAX)
		return WALK_LONG;
	BARRIER(cursor);
	if (cursor > EVENT_BYTES_MAX - NAME_BYTES)
		return WALK_LONG;
	BARRIER(cursor);
	size = bpf_probe_read_str(s->bytes + cursor, NAME_BYTES, (void *)name);
	if (size <= 0)
		return WALK_FAILED;
	s->cursor = cursor + size;
	if (parent == at->dentry)
		return WALK_DONE; /* not under any mount: memfd, pipe, unmounted */
	at->dentry = parent;
	return WALK_MORE;
}

INLINE int walk_steps(const struct layout *layout, struct scratch *s)
{
	struct position at = { .dentry = s->walk.dentry, .mount = s->walk.mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (walk_offsets_init(layout, &o) || !at.dentry || !at.mount)
		return WALK_FAILED;
	at.root = follow(at.mount, o.mount_root);
	at.parent = follow(at.mount, o.mount_parent);
	if (!at.root)
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < WALK_STEPS; i++) {
		result = walk_step(s, &o, &at);
		if (result != WALK_MORE)
			break;
	}
	s->walk.dentry = at.dentry;
	s->walk.mount = at.mount;
	return result;
}

/* Books the path that has been walked. */
INLINE void walk_end(struct scratch *s, int result)
{
	__u32 field = s->cwd ? FIELD_CWD : FIELD_EXE;
	__u32 size = s->cursor - s->walk.start;

	if (result == WALK_FAILED) {
		s->head.header.unread |= 1U << field;
		s->cursor = s->walk.start;
		size = 0;
	} else if (result != WALK_DONE) {
		s->head.header.truncated |= 1U << field;
	}
	if (s->cwd)
		s->exec.cwd_size = size;
	else
		s->exec.exe_size = size;
}

INLINE int exec_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u64 size;
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* Done, or 32 tail calls are used up. */
	walk_end(s, result);
	if (!s->cwd) {
		s->cwd = 1;
		s->walk = s->next;
		s->walk.start = s->cursor;
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
		s->head.header.unread |= 1U << FIELD_CWD;
	}
	size = s->cursor;
	if (size > EVENT_BYTES_MAX)
		return 0;
	BARRIER(size);
	if (size < sizeof(struct exec_event))
		return 0;
	BARRIER(size);
	message_send(ctx, s, EVENT_EXEC, size);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int t1_exec(void *ctx)
{
	return exec_begin(ctx, &tail_calls);
}

SEC("tracepoint")
int t1_exec_walk(void *ctx)
{
	return exec_walk(ctx, &tail_calls);
}

SEC("kprobe/proc_exec_connector")
int t1_exec_kprobe(void *ctx)
{
	return exec_begin(ctx, &kprobe_tail_calls);
}

SEC("kprobe")
int t1_exec_walk_kprobe(void *ctx)
{
	return exec_walk(ctx, &kprobe_tail_calls);
}

#endif
