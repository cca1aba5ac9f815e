/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an exec knows only before the new program is in place: kept at
 * security_bprm_check(), which every exec passes, with a script once for each
 * interpreter; without kprobes at tracepoints. A table by task and not a hash
 * map: execs that fail leave nothing that would have to be removed; two tasks
 * that meet in a slot cost one of them these fields, and its event says so.
 */
#ifndef PROBES_ATTEMPT_BPF_H
#define PROBES_ATTEMPT_BPF_H

#include "probes/stack.bpf.h"

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

/* enum attempts_have */
INLINE __u32 attempts_have(void)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s ? s->attempts : 0;
}

/* Sends the one that was the last so far. */
INLINE void interpreter_send(void *ctx, struct interpreter_part *e, const struct interpreter *last)
{
	unsigned int i;

#pragma unroll
	for (i = 0; i < INTERPRETER_BYTES / 8; i++)
		((__u64 *)e->last.text)[i] = ((const __u64 *)last->text)[i];
	head_fill(&e->header, &e->process, PART_INTERPRETER);
	e->header.len = sizeof(*e);
	bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), e, sizeof(*e));
}

/*
 * An interpreter has taken the place of what was to be executed: the next one's
 * may be the last chance to see its name. script: so far. Returns 0.
 */
INLINE int interpreter_keep(void *ctx, __u64 task, __u32 script, __u64 name)
{
	__u32 slot = attempt_slot(task) & (INTERPRETERS - 1);
	const struct interpreter *last = bpf_map_lookup_elem(&interpreters, &slot);
	struct interpreter_part e;
	__u64 alive = -1, *words = (__u64 *)e.last.text;
	unsigned int i;

	if (!last)
		return 0;
	CHECKED(last);
	CLEAR_OR_RETURN(e);
	if (script & SCRIPT_LEVELS && last->task == task) {
		e.script = script;
		interpreter_send(ctx, &e, last);
	}
	e.last.task = task;
	bpf_probe_read(e.last.text, sizeof(e.last.text), (void *)name);
#pragma unroll
	for (i = 0; i < INTERPRETER_BYTES / 8; i++)
		words[i] = word_keep(words[i], &alive);
	bpf_map_update_elem(&interpreters, &slot, &e.last, BPF_ANY);
	return 0;
}

INLINE int attempt_put(struct attempt *a)
{
	__u32 slot = attempt_slot(a->task);

	bpf_get_current_comm(a->comm, sizeof(a->comm));
	bpf_map_update_elem(&attempts, &slot, a, BPF_ANY);
	return 0;
}

/* int security_bprm_check(struct linux_binprm *bprm): also for each interpreter of a script */
INLINE int attempt_keep(struct pt_regs *ctx,
                        __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	const struct attempt *before;
	struct attempt a = { 0 };
	__u64 interp;

	if (!layout)
		return 0;
	CHECKED(layout);
	a.task = current(ctx, layout);
	a.bprm = PT_REGS_PARM1(ctx);
	a.tid = bpf_get_current_pid_tgid();
	interp = POINTER(layout, a.bprm, BINPRM_INTERP);
	if (interp == POINTER(layout, a.bprm, BINPRM_FILENAME)) {
		a.script = bpf_ktime_get_ns() >> 10 << 3;
	} else {
		before = attempt_find(a.task);
		a.script = before ? before->script : 0;
		interpreter_keep(ctx, a.task, a.script, interp);
		a.script += (a.script & SCRIPT_LEVELS) < SCRIPT_LEVELS;
	}
	return attempt_put(&a);
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

/*
 * Where there are no kprobes: when nothing can go wrong any more, and all
 * interpreters but the last are forgotten. Its arguments: task, bprm.
 */
SEC("raw_tracepoint/sched_prepare_exec")
int t1_prepared(struct bpf_raw_tracepoint_args *ctx)
{
	struct attempt a = { .task = ctx->args[0], .bprm = ctx->args[1] };

	a.tid = bpf_get_current_pid_tgid();
	return attempt_put(&a);
}

/*
 * Where there is not even that one (before 6.10): the name, which every exec changes
 * just before it is told, and which still is the old one here. By whom else it is
 * changed does not matter.
 */
SEC("tracepoint/task/task_rename")
int t2_renamed(void *ctx)
{
	struct attempt a = { 0 };

	(void)ctx;
	if (attempts_have() & ATTEMPTS_BPRM)
		return 0;
	a.task = bpf_get_current_task();
	return attempt_put(&a);
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
	__u32 have = attempts_have();
	__u64 filename;

	if (!a) {
		unread_if(&e->header, have & ATTEMPTS_COMM, FIELD_PREVIOUS);
		if (!(have & ATTEMPTS_BPRM))
			return;
		unread_if(&e->header, 1, FIELD_INTERP);
		unread_if(&e->header, !call->filename, FIELD_FILENAME);
		return;
	}
	CHECKED(a);
	__builtin_memcpy(e->previous_comm, a->comm, sizeof(e->previous_comm));
	if (!a->bprm)
		return;
	e->caller_tid = a->tid;
	e->script = a->script;
	filename = POINTER(layout, a->bprm, BINPRM_FILENAME);
	call->filename = filename;
	call->interp = POINTER(layout, a->bprm, BINPRM_INTERP);
	unread_if(&e->header, !filename, FIELD_FILENAME);
	unread_if(&e->header, !call->interp, FIELD_INTERP);
	if (call->interp == filename)
		call->interp = 0;
}

#endif
