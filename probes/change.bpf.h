/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Changes of credentials and namespaces, at the functions by which every way to
 * change them goes: commit_creds() and switch_task_namespaces(). Each program
 * keeps to the rules of tier 2 or 3, and serves the tiers above as well.
 */
#include "probes/walk.bpf.h"

/* ---- credentials ------------------------------------------------------ */

/* An exec says by itself what it changes. */
INLINE int in_execve(const struct layout *layout, __u64 task)
{
	const struct layout_fact *fact = &layout->facts[LAYOUT_TASK_IN_EXECVE];
	__u8 byte = 0;

	if (read_at(&byte, sizeof(byte), task, fact->offset))
		return 0;
	return byte >> (fact->bit_offset & 7) & 1;
}

INLINE int credentials_differ(const struct credentials_event *e)
{
	const __u64 *a = (const __u64 *)&e->before, *b = (const __u64 *)&e->after;
	__u64 differ = e->user_ns_before ^ e->user_ns_after;
	unsigned int i;

	_Static_assert(sizeof(e->before) == 72, "compared by words");
#pragma unroll
	for (i = 0; i < sizeof(e->before) / sizeof(*a); i++)
		differ |= a[i] ^ b[i];
	return differ != 0;
}

/* e->before is there; new: struct cred. */
INLINE int credentials_tell(void *ctx, const struct layout *layout, __u64 task, __u64 new,
                            struct credentials_event *e)
{
	unread_if(&e->header, credentials_read(layout, &e->after, new), FIELD_AFTER);
	READ(layout, &e->user_ns_after, POINTER(layout, new, CRED_USER_NS), USER_NS_INUM);
	if (!e->header.unread && !credentials_differ(e))
		return 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	stack_send(ctx, &e->header, EVENT_CREDENTIALS, sizeof(*e));
	return 0;
}

/* int commit_creds(struct cred *new): task->real_cred is what was before. */
INLINE int credentials_report(struct pt_regs *ctx, const struct layout *layout, __u64 task)
{
	__u64 old = POINTER(layout, task, TASK_REAL_CRED);
	struct credentials_event e;

	CLEAR_OR_RETURN(e);
	if (in_execve(layout, task))
		return 0;
	head_fill(&e.header, &e.process, EVENT_CREDENTIALS);
	unread_if(&e.header, credentials_read(layout, &e.before, old), FIELD_BEFORE);
	READ(layout, &e.user_ns_before, POINTER(layout, old, CRED_USER_NS), USER_NS_INUM);
	FRESH(layout);
	return credentials_tell(ctx, layout, task, PT_REGS_PARM1(ctx), &e);
}

INLINE int credentials_change(struct pt_regs *ctx,
                              __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = current(ctx, layout);
	return event_wanted(layout, task, EVENT_CREDENTIALS) ? credentials_report(ctx, layout, task)
	                                                     : 0;
}

SEC("kprobe/commit_creds")
int t2_credentials_kprobe(struct pt_regs *ctx)
{
	return credentials_change(ctx, current_by_helper);
}

SEC("kprobe/commit_creds")
int t3_credentials_kprobe(struct pt_regs *ctx)
{
	return credentials_change(ctx, current_by_stack);
}

/* ---- namespaces ------------------------------------------------------- */

/* 0, which no namespace has, where it cannot be read. One branch: each is walked with each. */
INLINE void namespace_read(__u32 *ret, __u64 proxy, __u32 pointer, __u32 inum)
{
	if (pointer == LAYOUT_ABSENT || inum == LAYOUT_ABSENT)
		return;
	bpf_probe_read(ret, sizeof(*ret), (void *)(follow(proxy, pointer) + inum));
}

#define NAMESPACE(layout, ret, proxy, pointer, inum) \
	namespace_read(ret, proxy, OFFSET(layout, pointer), OFFSET(layout, inum))

INLINE int namespace_set_read(const struct layout *layout, struct namespace_set *ns, __u64 proxy)
{
	NAMESPACE(layout, &ns->mnt, proxy, NSPROXY_MNT, MNT_NS_INUM);
	NAMESPACE(layout, &ns->net, proxy, NSPROXY_NET, NET_NS_INUM);
	NAMESPACE(layout, &ns->uts, proxy, NSPROXY_UTS, UTS_NS_INUM);
	NAMESPACE(layout, &ns->ipc, proxy, NSPROXY_IPC, IPC_NS_INUM);
	NAMESPACE(layout, &ns->pid_for_children, proxy, NSPROXY_PID_FOR_CHILDREN, PID_NS_INUM);
	/* From 4.6 (a79a908fd2b0); older kernels have none. */
	NAMESPACE(layout, &ns->cgroup, proxy, NSPROXY_CGROUP, CGROUP_NS_INUM);
	return !ns->mnt | !ns->net | !ns->uts | !ns->ipc | !ns->pid_for_children;
}

/* e->before and ->after are there. */
INLINE int namespaces_tell(void *ctx, const struct layout *layout, __u64 task,
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

/* void switch_task_namespaces(struct task_struct *p, struct nsproxy *new): an exit has no new. */
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
	unread_if(&e.header, failed, FIELD_BEFORE);
	FRESH(layout);
	unread_if(&e.header, namespace_set_read(layout, &e.after, new), FIELD_AFTER);
	return namespaces_tell(ctx, layout, task, &e);
}

SEC("kprobe/switch_task_namespaces")
int t3_namespaces_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	/* Of an exit and of a fork it is not the caller; both are passed over. */
	return event_wanted(layout, PT_REGS_PARM1(ctx), EVENT_NAMESPACES)
	               ? namespaces_report(ctx, layout)
	               : 0;
}
