/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an exec knows only before the new program is in place: kept at
 * security_bprm_check(), which every exec passes, and a script once for each
 * interpreter; on kernels without kprobes at tracepoints. If the map is full,
 * the exec lacks these fields, and its event says so.
 */
#include "probes/core/attempt.bpf.h"
#include "probes/core/context.bpf.h"
#include "probes/core/inode.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"

/*
 * The file to execute, which the kernel has open, as stat() shows it. Not by
 * file->f_inode: in overlayfs it is the layer's until 4.19 (d1d04ef8572b).
 */
INLINE void attempt_file_fill(const struct layout *layout, struct attempt *a)
{
	__u64 inode = POINTER(layout, a->bprm, BINPRM_FILE);
	int failed, unknown = 0;

	if (inode && OFFSET(layout, FILE_PATH) != LAYOUT_ABSENT)
		inode = POINTER(layout, inode + OFFSET(layout, FILE_PATH), PATH_DENTRY);
	else
		inode = 0;
	inode = POINTER(layout, inode, DENTRY_INODE);
	failed = READ(layout, &a->inode, inode, INODE_INO);
	failed |= READ(layout, &a->device, POINTER(layout, inode, INODE_SB), SB_DEV);
	FRESH(layout);
	inode_as_stat(layout, inode, &a->inode, &a->device, &unknown);
	if (failed)
		a->unread = 1U << FIELD_EXEC_SCRIPT;
	if (unknown)
		a->unread |= 1U << FIELD_EXEC_SCRIPT_NUMBERS;
}

/* Sends the interpreter that was the last one so far. */
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
 * An interpreter has replaced the file to execute: before the next one replaces
 * it, its name has to be kept. script: attempt.script so far. Returns 0.
 */
INLINE int interpreter_keep(void *ctx, __u64 task, __u32 script, __u64 name)
{
	const struct interpreter *last = bpf_map_lookup_elem(&interpreters, &task);
	struct interpreter_part e;
	__u64 alive = -1, *words = (__u64 *)e.last.text;
	unsigned int i;

	CHECKED(last);
	CLEAR_OR_RETURN(e);
	if (script & SCRIPT_LEVELS && last) {
		e.script = script;
		interpreter_send(ctx, &e, last);
	}
	bpf_probe_read(e.last.text, sizeof(e.last.text), (void *)name);
#pragma unroll
	for (i = 0; i < INTERPRETER_BYTES / 8; i++)
		words[i] = word_keep(words[i], &alive);
	bpf_map_update_elem(&interpreters, &task, &e.last, BPF_ANY);
	return 0;
}

/* An interpreter is next; the file that was to be executed first stays. before: NULL: it had no
 * room. */
INLINE void attempt_follow(struct attempt *a, const struct attempt *before)
{
	if (!before) {
		a->unread = 1U << FIELD_EXEC_SCRIPT;
		return;
	}
	CHECKED(before);
	a->script = before->script;
	a->inode = before->inode;
	a->device = before->device;
	a->opened_ns = before->opened_ns;
	a->unread = before->unread;
}

INLINE int attempt_put(__u64 task, struct attempt *a)
{
	__u64 id = bpf_get_current_pid_tgid();

	a->tid = id;
	a->tgid = id >> 32;
	bpf_get_current_comm(a->comm, sizeof(a->comm));
	bpf_map_update_elem(&attempts, &task, a, BPF_ANY);
	return 0;
}

/*
 * int security_bprm_check(struct linux_binprm *bprm): also for each interpreter
 * of a script.
 */
INLINE int attempt_keep(struct pt_regs *ctx,
                        __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	const struct attempt *before;
	struct attempt a;
	__u64 interp, task;

	if (!layout)
		return 0;
	CHECKED(layout);
	CLEAR_OR_RETURN(a);
	task = current(ctx, layout);
	a.bprm = PT_REGS_PARM1(ctx);
	interp = POINTER(layout, a.bprm, BINPRM_INTERP);
	if (interp == POINTER(layout, a.bprm, BINPRM_FILENAME)) {
		a.opened_ns = bpf_ktime_get_ns();
		a.script = a.opened_ns >> 10 << 3;
		attempt_file_fill(layout, &a);
	} else {
		before = attempt_find(task);
		attempt_follow(&a, before);
		interpreter_keep(ctx, task, a.script, interp);
		a.script += (a.script & SCRIPT_LEVELS) < SCRIPT_LEVELS;
	}
	return attempt_put(task, &a);
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
 * Kernels without kprobes: at a point where the exec can no longer fail, and
 * where all interpreters except the last one are forgotten. Arguments: task,
 * bprm.
 */
SEC("raw_tracepoint/sched_prepare_exec")
int t1_prepared(struct bpf_raw_tracepoint_args *ctx)
{
	struct attempt a = { .bprm = ctx->args[1] };

	return attempt_put(ctx->args[0], &a);
}

/*
 * Kernels without kprobes and without that tracepoint (before 6.10): the change
 * of the name, just before the exec is reported; the old name is still there.
 * Other changes of the name would fill the map.
 */
SEC("tracepoint/task/task_rename")
int t2_renamed(void *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task = bpf_get_current_task();
	struct attempt a = { 0 };

	(void)ctx;
	if (!layout || attempts_have() & ATTEMPTS_BPRM)
		return 0;
	CHECKED(layout);
	if (OFFSET(layout, TASK_IN_EXECVE) != LAYOUT_ABSENT && !in_execve(layout, task))
		return 0;
	return attempt_put(task, &a);
}
