/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * fork and thread: fork, vfork and clone, at task:task_newtask or at
 * uprobe_copy_process(), which copy_process() calls next: in the caller's
 * context, before the child runs. The function has the child as an argument.
 * The tracepoint has the pid of the child, but not its task: that is the newest
 * one in the list to which copy_process() has just added it, and its pid
 * confirms it.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

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

/* Others may have forked into the same list since: looks a few steps back. */
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

/*
 * The parent of the child, by the rules of copy_process(): a thread, and a
 * child with CLONE_PARENT, gets the parent of the caller.
 */
INLINE __u64 child_parent(const struct layout *layout, __u64 task, __u64 flags)
{
	if (flags & (CLONE_PARENT | CLONE_THREAD))
		return POINTER(layout, task, TASK_REAL_PARENT);
	return task;
}

INLINE void fork_fill(const struct layout *layout, struct fork_event *e, __u64 task, __u64 child,
                      __u32 child_pid, __u64 flags)
{
	e->child.pid = flags & CLONE_THREAD ? e->process.pid : child_pid;
	e->child.tid = child_pid;
	e->clone_flags = flags;
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_FORK_CALLER);
	READ(layout, &e->exit_signal, child, TASK_EXIT_SIGNAL);
	parent_fill(layout, &e->header, task, child_parent(layout, task, flags), &e->parent);
	unread_if(&e->header, read_process_start(layout, child, &e->child.start_boottime_ns),
	          FIELD_START);
}

INLINE int fork_report(void *ctx, const struct layout *layout, __u64 task, __u64 child,
                       __u32 child_pid, __u64 flags)
{
	__u32 type = flags & CLONE_THREAD ? EVENT_THREAD : EVENT_FORK;
	struct scratch *s = message_begin(type, sizeof(struct fork_event));

	if (!s)
		return 0;
	fork_fill(layout, &s->fork, task, child, child_pid, flags);
	message_send(ctx, s, type, sizeof(s->fork));
	return 0;
}

INLINE int fork_report_stack(void *ctx, const struct layout *layout, __u64 task, __u64 child,
                             __u32 child_pid, __u64 flags)
{
	struct fork_event e;

	CLEAR_OR_RETURN(e);
	if (flags & CLONE_THREAD) {
		head_fill(&e.header, &e.process, EVENT_THREAD);
		fork_fill(layout, &e, task, child, child_pid, flags);
		stack_send(ctx, &e.header, EVENT_THREAD, sizeof(e));
	} else {
		head_fill(&e.header, &e.process, EVENT_FORK);
		fork_fill(layout, &e, task, child, child_pid, flags);
		stack_send(ctx, &e.header, EVENT_FORK, sizeof(e));
	}
	return 0;
}

typedef int (*fork_report_fn)(void *ctx, const struct layout *layout, __u64 task, __u64 child,
                              __u32 child_pid, __u64 flags);

INLINE int fork_wanted(const struct layout *layout, __u64 task, __u64 flags)
{
	return event_wanted(layout, task, flags & CLONE_THREAD ? EVENT_THREAD : EVENT_FORK);
}

/* At the tracepoint: finds the child. */
INLINE int fork_newtask(struct newtask_context *ctx, fork_report_fn report)
{
	const struct layout *layout = layout_find();
	__u64 flags = ctx->clone_flags, task, child;
	__u32 pid = ctx->pid;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = bpf_get_current_task();
	if (!fork_wanted(layout, task, flags))
		return 0;
	child = child_find(layout, task, child_parent(layout, task, flags), flags, pid);
	return report(ctx, layout, task, child, pid, flags);
}

/*
 * void uprobe_copy_process(struct task_struct *t, unsigned long flags): RHEL7,
 * and from 3.13 on (b68e0749100e).
 */
INLINE int fork_uprobe(struct pt_regs *ctx,
                       __u64 (*current)(struct pt_regs *, const struct layout *),
                       fork_report_fn report)
{
	const struct layout *layout = layout_find();
	__u64 child = PT_REGS_PARM1(ctx), flags = PT_REGS_PARM2(ctx), task;
	__u32 pid = 0;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = current(ctx, layout);
	if (!fork_wanted(layout, task, flags))
		return 0;
	READ(layout, &pid, child, TASK_PID);
	return report(ctx, layout, task, child, pid, flags);
}

SEC("tracepoint/task/task_newtask")
int t1_fork(struct newtask_context *ctx)
{
	return fork_newtask(ctx, fork_report);
}

SEC("kprobe/uprobe_copy_process")
int t1_fork_kprobe(struct pt_regs *ctx)
{
	return fork_uprobe(ctx, current_by_helper, fork_report);
}

SEC("tracepoint/task/task_newtask")
int t2_fork(struct newtask_context *ctx)
{
	return fork_newtask(ctx, fork_report_stack);
}

SEC("kprobe/uprobe_copy_process")
int t2_fork_kprobe(struct pt_regs *ctx)
{
	return fork_uprobe(ctx, current_by_helper, fork_report_stack);
}

SEC("kprobe/uprobe_copy_process")
int t3_fork_kprobe(struct pt_regs *ctx)
{
	return fork_uprobe(ctx, current_by_stack, fork_report_stack);
}
