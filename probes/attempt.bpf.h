/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an exec knows only before the new program is in place: kept at
 * security_bprm_check(), which every exec passes, with a script once for each
 * interpreter. A table by task and not a hash map: execs that fail leave
 * nothing that would have to be removed; two tasks that meet in a slot cost
 * one of them these fields, and its event says so.
 */
#ifndef PROBES_ATTEMPT_BPF_H
#define PROBES_ATTEMPT_BPF_H

#include "stack.bpf.h"

INLINE __u32 attempt_slot(__u64 task)
{
	return (task >> 6 ^ task >> 16) & (ATTEMPTS - 1);
}

/* The attempt of a task that is in exec now, or NULL. */
INLINE const struct attempt *attempt_find(__u64 task)
{
	__u32 slot = attempt_slot(task);
	const struct attempt *a = bpf_map_lookup_elem(&attempts, &slot);

	return a && a->task == task ? a : 0;
}

INLINE int attempts_kept(void)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s && s->attempts;
}

/* int security_bprm_check(struct linux_binprm *bprm) */
INLINE int attempt_keep(struct pt_regs *ctx,
                        __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	struct attempt a = { 0 };
	__u32 slot;

	if (!layout)
		return 0;
	CHECKED(layout);
	a.task = current(ctx, layout);
	a.bprm = PT_REGS_PARM1(ctx);
	a.tid = bpf_get_current_pid_tgid();
	bpf_get_current_comm(a.comm, sizeof(a.comm));
	slot = attempt_slot(a.task);
	bpf_map_update_elem(&attempts, &slot, &a, BPF_ANY);
	return 0;
}

SEC("kprobe/security_bprm_check")
int t2_attempt_kprobe(struct pt_regs *ctx)
{
	return attempt_keep(ctx, current_by_helper);
}

SEC("kprobe/security_bprm_check")
int t3_attempt_kprobe(struct pt_regs *ctx)
{
	return attempt_keep(ctx, current_by_stack);
}

/* Strings that the kernel has: 0, none. */
struct call {
	__u64 filename, interp;
};

/*
 * How exec was called. call->filename and e->caller_tid may be known already;
 * interp is the same string as filename where there is no script.
 */
INLINE void call_fill(const struct layout *layout, struct exec_event *e, __u64 task,
                      struct call *call)
{
	const struct attempt *a = attempt_find(task);
	__u64 filename;

	if (!a) {
		if (!attempts_kept())
			return;
		e->header.unread |= 1U << FIELD_PREVIOUS | 1U << FIELD_INTERP;
		unread_if(&e->header, !call->filename, FIELD_FILENAME);
		return;
	}
	CHECKED(a);
	e->caller_tid = a->tid;
	__builtin_memcpy(e->previous_comm, a->comm, sizeof(e->previous_comm));
	filename = POINTER(layout, a->bprm, BINPRM_FILENAME);
	call->filename = filename;
	call->interp = POINTER(layout, a->bprm, BINPRM_INTERP);
	unread_if(&e->header, !filename, FIELD_FILENAME);
	unread_if(&e->header, !call->interp, FIELD_INTERP);
	if (call->interp == filename)
		call->interp = 0;
}

#endif
