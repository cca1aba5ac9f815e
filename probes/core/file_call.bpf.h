/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * An operation on a file that is in progress (struct file_call): kept by task,
 * from the permission check to the place where the operation has succeeded.
 */
#ifndef PROBES_CORE_FILE_CALL_BPF_H
#define PROBES_CORE_FILE_CALL_BPF_H

#include "probes/core/context.bpf.h"
#include "probes/core/send.bpf.h"
#include "probes/core/wanted.bpf.h"

#define SECURITY_PREFIX 0x7974697275636573ULL /* "security" */
#define STALE_NS        1000000000ULL

/* The mount of a struct path. */
INLINE void call_path(const struct layout *layout, struct file_call *call, __u64 path)
{
	__u64 mnt = POINTER(layout, path, PATH_MNT);

	call->mount = 0;
	if (mnt && OFFSET(layout, MOUNT_MNT) != LAYOUT_ABSENT)
		call->mount = mnt - OFFSET(layout, MOUNT_MNT);
}

#define MOUNTS_TRIED 16

/* The mount of a struct path, if it is one of this file system; else 0. */
INLINE __u64 mount_of(const struct layout *layout, __u64 path, __u64 sb)
{
	__u64 mnt = POINTER(layout, path, PATH_MNT);

	if (!mnt || POINTER(layout, mnt, VFSMOUNT_SB) != sb)
		return 0;
	return mnt - OFFSET(layout, MOUNT_MNT);
}

/* The newest mount of the file system in the caller's mount namespace; else the newest one. */
INLINE __u64 mount_newest(const struct layout *layout, __u64 task, __u64 first)
{
	__u64 ns = POINTER(layout, POINTER(layout, task, TASK_NSPROXY), NSPROXY_MNT);
	__u64 mount = first, found = 0;
	unsigned int i;

#pragma unroll
	for (i = 0; i < MOUNTS_TRIED; i++) {
		if (!found && POINTER(layout, mount, MOUNT_NS) == ns)
			found = mount;
		mount = POINTER(layout, mount, MOUNT_INSTANCE);
	}
	return found ? found : first;
}

/*
 * From 6.18 on the newest mount comes first, which may be one that a user has made
 * in a namespace of their own to have others' operations reported by another path.
 * So the mounts that the caller has in use come before it.
 */
INLINE __u64 mount_of_caller(const struct layout *layout, __u64 sb, __u64 first)
{
	__u64 task = bpf_get_current_task();
	__u64 fs = POINTER(layout, task, TASK_FS), mount = 0;

	if (fs && OFFSET(layout, FS_ROOT) != LAYOUT_ABSENT)
		mount = mount_of(layout, fs + OFFSET(layout, FS_ROOT), sb);
	if (!mount && fs && OFFSET(layout, FS_PWD) != LAYOUT_ABSENT)
		mount = mount_of(layout, fs + OFFSET(layout, FS_PWD), sb);
	return mount ? mount : mount_newest(layout, task, first);
}

/*
 * A mount of the file system, as the function has the dentry only. Until 6.18 the
 * list is one of struct list_head, and the oldest mount comes first.
 */
INLINE void call_any_mount(const struct layout *layout, struct file_call *call)
{
	__u64 sb = POINTER(layout, POINTER(layout, call->dentry, DENTRY_INODE), INODE_SB);
	__u64 first = POINTER(layout, sb, SB_MOUNTS);

	call->mount = 0;
	if (!first || OFFSET(layout, MOUNT_INSTANCE) == LAYOUT_ABSENT)
		return;
	if (SIZE(layout, MOUNT_INSTANCE) == sizeof(first))
		call->mount = mount_of_caller(layout, sb, first);
	else
		call->mount = first - OFFSET(layout, MOUNT_INSTANCE);
}

/* A call in message memory, for the caller to fill. NULL: not wanted. */
INLINE struct scratch *call_begin(const struct layout *layout, __u32 type, __u32 operation)
{
	struct scratch *s;

	if (!event_wanted(layout, bpf_get_current_task(), type))
		return 0;
	s = scratch_find();
	if (!s)
		return 0;
	__builtin_memset(&s->call, 0, sizeof(s->call));
	s->call.operation = operation;
	s->call.time_ns = bpf_ktime_get_ns();
	return s;
}

/* path: a struct path, of which only the mount is used. NULL: not wanted. */
INLINE struct scratch *file_begin(const struct layout *layout, __u32 operation, __u64 path,
                                  __u64 dentry)
{
	struct scratch *s = call_begin(layout, EVENT_FILE, operation);

	if (!s)
		return 0;
	call_path(layout, &s->call, path);
	s->call.dentry = dentry;
	return s;
}

/* Operations that decide what a name leads to. */
INLINE int moves(const struct file_call *call)
{
	return call->operation >= FILE_CREATE && call->operation <= FILE_EXCHANGE;
}

/* Operations that give a file another name. */
INLINE int moves_file(const struct file_call *call)
{
	return call->operation == FILE_RENAME || call->operation == FILE_EXCHANGE;
}

/*
 * Goes on to the check against the watch rules: first the path, then the other
 * one.
 */
INLINE int call_check(void *ctx, struct scratch *s, void *tails)
{
	__builtin_memset(&s->check, 0, sizeof(s->check));
	s->check.walk.dentry = s->call.dentry;
	s->check.walk.mount = s->call.mount;
	s->check.moves = moves(&s->call);
	bpf_tail_call(ctx, tails, TAIL_FILE_CHECK);
	return 0;
}

INLINE __u32 file_task_slot(__u64 task)
{
	return task * SPREAD >> 50 & (FILE_TASKS - 1);
}

INLINE int changes(const struct file_call *call)
{
	return call->operation >= FILE_TRUNCATE && call->operation <= FILE_CHOWN;
}

INLINE void call_lost(const struct file_call *call)
{
	if (call->operation == FILE_MOUNT)
		keep_count(EVENT_MOUNT);
	else
		keep_count(EVENT_FILE);
}

/*
 * The task has left the function of its last call, and the kernel has not
 * delivered the return: all instances of the return probe were in use. Whether
 * the call has succeeded is not known.
 */
INLINE void call_missed(__u64 task)
{
	const struct file_call *call = bpf_map_lookup_elem(&file_calls, &task);

	if (call && (call->operation == FILE_MOUNT || call->depth))
		call_lost(call);
}

/* If the map is full, it is not reported, but counted. */
INLINE void call_put(struct file_call *call)
{
	__u64 task = bpf_get_current_task();
	__u32 slot = file_task_slot(task), one = 1;

	call_missed(task);
	bpf_map_update_elem(&file_tasks, &slot, &one, BPF_ANY);
	call->tid = bpf_get_current_pid_tgid();
	if (bpf_map_update_elem(&file_calls, &task, call, BPF_ANY))
		call_lost(call);
}

/*
 * Copies it through the stack: kernels before 4.18 take no map memory as a
 * value.
 */
INLINE void call_keep(struct scratch *s)
{
	struct file_call call = s->call;

	call_put(&call);
}

/* False: the task has no call in progress, as most tasks. */
INLINE int call_possible(__u64 task)
{
	__u32 slot = file_task_slot(task), *may = bpf_map_lookup_elem(&file_tasks, &slot);

	return may && *may;
}

/* The call that the task has in progress, or NULL. */
INLINE struct file_call *call_find(void)
{
	__u64 task = bpf_get_current_task();

	return call_possible(task) ? bpf_map_lookup_elem(&file_calls, &task) : 0;
}

/* The call has succeeded: reports it. */
INLINE int call_done(void *ctx, const struct file_call *call)
{
	struct scratch *s = scratch_find();
	__u64 task = bpf_get_current_task();

	if (!s)
		return 0;
	s->call = *call;
	bpf_map_delete_elem(&file_calls, &task);
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_FILE_REPORT);
	return 0;
}

/*
 * The end of a call that has a result. One that failed must not be taken for
 * the next one.
 */
INLINE int call_returns(struct pt_regs *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task();

	if (!PT_REGS_RC(ctx))
		return call_done(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/* True: the outermost of nested calls has returned. */
INLINE int outermost(struct file_call *call)
{
	if (!call->depth)
		return 0;
	return !--call->depth;
}

#endif
