/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * fork, vfork, clone, from task:task_newtask: in the caller's context, before
 * the child runs. The tracepoint has the child's pid and the clone flags but
 * not its task; that is the newest in the list that copy_process() has just
 * put it into, and its pid tells whether it is the right one.
 */
#include "read.bpf.h"

#define CLONE_PARENT 0x00008000
#define CLONE_THREAD 0x00010000

/* events/task/task_newtask/format; the loader checks it. */
struct newtask_context {
	__u64 common;
	__s32 pid;
	char comm[16];
	__u32 padding;
	__u64 clone_flags;
};

/* Others may have forked into the same list since: a few steps back. */
#define NEWEST_STEPS 4
#define LIST_PREV    8 /* struct list_head { next, prev } */

INLINE __u64 newest_in(const struct layout *layout, __u64 head, __u32 node_offset, __u32 pid)
{
	__u64 node = read_pointer(head, LIST_PREV), found = 0;
	int i;

	if (node_offset == LAYOUT_ABSENT)
		return 0;
#pragma unroll
	for (i = 0; i < NEWEST_STEPS; i++) {
		__u64 task = node - node_offset;
		__u32 its_pid = 0;

		if (!node || node == head || found)
			break;
		if (!READ(layout, &its_pid, task, TASK_PID) && its_pid == pid)
			found = task;
		node = read_pointer(node, LIST_PREV);
	}
	return found;
}

INLINE __u64 list_of(__u64 base, __u32 offset)
{
	return base && offset != LAYOUT_ABSENT ? base + offset : 0;
}

INLINE __u64 child_find(const struct layout *layout, __u64 task, __u64 parent, __u64 flags,
                        __u32 pid)
{
	__u64 head;

	if (flags & CLONE_THREAD) {
		head = list_of(POINTER(layout, task, TASK_SIGNAL),
		               OFFSET(layout, SIGNAL_THREAD_HEAD));
		return newest_in(layout, head, OFFSET(layout, TASK_THREAD_NODE), pid);
	}
	head = list_of(parent, OFFSET(layout, TASK_CHILDREN));
	return newest_in(layout, head, OFFSET(layout, TASK_SIBLING), pid);
}

SEC("tracepoint/task/task_newtask")
int t1_fork(struct newtask_context *ctx)
{
	const struct layout *layout = layout_find();
	__u64 flags = ctx->clone_flags;
	__u32 child_pid = ctx->pid;
	__u32 type = flags & CLONE_THREAD ? EVENT_THREAD : EVENT_FORK;
	struct scratch *s;
	struct fork_event *e;
	__u64 task, parent, child;

	if (!layout || !class_wanted(type))
		return 0;
	s = message_begin(type, sizeof(*e));
	if (!s)
		return 0;
	e = &s->fork;

	task = bpf_get_current_task();
	e->child.pid = flags & CLONE_THREAD ? e->process.pid : child_pid;
	e->child.tid = child_pid;
	e->clone_flags = flags;
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_CALLER);
	/* As copy_process() has it: a thread and a CLONE_PARENT child get our parent. */
	parent = flags & (CLONE_PARENT | CLONE_THREAD) ? POINTER(layout, task, TASK_REAL_PARENT)
	                                               : task;
	parent_fill(layout, &e->header, parent, &e->parent);
	child = child_find(layout, task, parent, flags, child_pid);
	unread_if(&e->header, read_process_start(layout, child, &e->child.start_boottime_ns),
	          FIELD_CHILD_START);
	message_send(ctx, s, type, sizeof(*e));
	return 0;
}
