/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Changes of namespaces, at switch_task_namespaces(), through which every
 * change goes; where no function can be hooked, at the end of setns and unshare
 * (change_begins.bpf.c has their start).
 */
#include "probes/core/context.bpf.h"
#include "probes/core/kept_state.bpf.h"
#include "probes/core/nsproxy.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

/* e->before and e->after are filled. */
INLINE int namespaces_send(void *ctx, const struct layout *layout, __u64 task,
                           struct namespaces_event *e)
{
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	stack_send(ctx, &e->header, EVENT_NAMESPACES, sizeof(*e));
	return 0;
}

/*
 * void switch_task_namespaces(struct task_struct *p, struct nsproxy *new): new
 * is NULL in an exit.
 */
INLINE int namespaces_report(struct pt_regs *ctx, const struct layout *layout)
{
	__u64 task = PT_REGS_PARM1(ctx), new = PT_REGS_PARM2(ctx);
	struct namespaces_event e;
	int failed;

	if (!new)
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_NAMESPACES);
	failed = namespace_set_read(layout, &e.before, POINTER(layout, task, TASK_NSPROXY));
	unread_if(&e.header, failed, FIELD_NAMESPACES_BEFORE);
	FRESH(layout);
	unread_if(&e.header, namespace_set_read(layout, &e.after, new), FIELD_NAMESPACES_AFTER);
	return namespaces_send(ctx, layout, task, &e);
}

SEC("kprobe/switch_task_namespaces")
int t3_namespaces_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	/* In an exit and a fork it is not the caller; both are skipped. */
	return event_wanted(layout, PT_REGS_PARM1(ctx), EVENT_NAMESPACES)
	               ? namespaces_report(ctx, layout)
	               : 0;
}

INLINE int namespaces_differ(const struct namespace_set *a, const struct namespace_set *b)
{
	return a->pid_for_children != b->pid_for_children || a->mnt != b->mnt || a->net != b->net ||
	       a->uts != b->uts || a->ipc != b->ipc || a->cgroup != b->cgroup;
}

SEC("tracepoint/syscalls/sys_exit_setns")
int t1_namespaces(void *ctx)
{
	const struct layout *layout = layout_find();
	const struct kept_state *state = state_find(EVENT_NAMESPACES);
	__u64 task = bpf_get_current_task();
	struct namespaces_event e;
	int failed;

	if (!layout || !state)
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_NAMESPACES);
	e.before = state->namespaces;
	unread_if(&e.header, state->unread, FIELD_NAMESPACES_BEFORE);
	state_forget(EVENT_NAMESPACES);
	if (!event_wanted(layout, task, EVENT_NAMESPACES))
		return 0;
	failed = namespace_set_read(layout, &e.after, POINTER(layout, task, TASK_NSPROXY));
	unread_if(&e.header, failed, FIELD_NAMESPACES_AFTER);
	if (!e.header.unread && !namespaces_differ(&e.before, &e.after))
		return 0;
	return namespaces_send(ctx, layout, task, &e);
}
