/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Changes of credentials, at commit_creds(), through which every change goes;
 * where no function can be hooked, at the end of the system calls that change
 * them (change_begins.bpf.c has their start). The kprobe programs keep to the
 * rules of tier 2 or 3, and serve the newer tiers as well.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/cred.bpf.h"
#include "probes/core/kept_state.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

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

/* e->before is filled. new: struct cred. */
INLINE int credentials_send(void *ctx, const struct layout *layout, __u64 task, __u64 new,
                            struct credentials_event *e)
{
	unread_if(&e->header, credentials_read(layout, &e->after, new), FIELD_CREDENTIALS_AFTER);
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

/* int commit_creds(struct cred *new): task->real_cred has the old ones. */
INLINE int credentials_report(struct pt_regs *ctx, const struct layout *layout, __u64 task)
{
	__u64 old = POINTER(layout, task, TASK_REAL_CRED);
	struct credentials_event e;

	CLEAR_OR_RETURN(e);
	if (in_execve(layout, task)) /* an exec event has the new credentials itself */
		return 0;
	head_fill(&e.header, &e.process, EVENT_CREDENTIALS);
	unread_if(&e.header, credentials_read(layout, &e.before, old), FIELD_CREDENTIALS_BEFORE);
	READ(layout, &e.user_ns_before, POINTER(layout, old, CRED_USER_NS), USER_NS_INUM);
	FRESH(layout);
	return credentials_send(ctx, layout, task, PT_REGS_PARM1(ctx), &e);
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

/* If nothing differs, the call has changed nothing, or failed. */
SEC("tracepoint/syscalls/sys_exit_setuid")
int t1_credentials(void *ctx)
{
	const struct layout *layout = layout_find();
	const struct kept_state *state = state_find(EVENT_CREDENTIALS);
	__u64 task = bpf_get_current_task();
	struct credentials_event e;

	if (!layout || !state)
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_CREDENTIALS);
	e.before = state->credentials;
	e.user_ns_before = state->user_ns;
	unread_if(&e.header, state->unread, FIELD_CREDENTIALS_BEFORE);
	state_forget(EVENT_CREDENTIALS);
	if (!event_wanted(layout, task, EVENT_CREDENTIALS))
		return 0;
	return credentials_send(ctx, layout, task, POINTER(layout, task, TASK_REAL_CRED), &e);
}
