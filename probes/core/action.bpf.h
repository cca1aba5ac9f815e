/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a process does to another one, or to the kernel: the common part of
 * ptrace, process_access, signal, memfd, bpf, module and exec_failed. One
 * record for all (struct action_event). A call with a result is reported at its
 * return (core/kept.bpf.h).
 *
 * Each program that ACTION() makes keeps to the rules of tier 2 or 3, and
 * serves the newer tiers as well. It reads arguments that the kernel has
 * copied, and no memory of the caller. CALL_BEGINS() and CALL_ENDS() make
 * programs at the tracepoints of a system call, for kernels where no function
 * can be hooked: they see no 32-bit callers, and name processes by the number
 * that the caller gave.
 */
#ifndef PROBES_CORE_ACTION_BPF_H
#define PROBES_CORE_ACTION_BPF_H

#include "probes/core/context.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

/* Fills the fields of one class; false: this call is not reported. */
typedef int (*action_fn)(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                         struct action_event *e);

INLINE int action_report(void *ctx, const struct layout *layout, __u64 task, __u32 type,
                         action_fn fill)
{
	struct action_event e;

	if (!event_wanted(layout, task, type))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, type);
	if (!fill(ctx, layout, task, &e))
		return 0;
	e.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	FRESH(layout);
	unread_if(&e.header, read_process_start(layout, task, &e.process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e.header, task, POINTER(layout, task, TASK_REAL_PARENT), &e.parent);
	stack_send(ctx, &e.header, type, sizeof(e));
	return 0;
}

INLINE int action_run(struct pt_regs *ctx,
                      __u64 (*current)(struct pt_regs *, const struct layout *), __u32 type,
                      action_fn fill)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	return action_report(ctx, layout, current(ctx, layout), type, fill);
}

/*
 * One program for tiers 1 and 2, and one for tier 3: they find the current task
 * differently.
 */
#define ACTION(probe, name, function, type, when, fill)                           \
	SEC(#probe "/" function)                                                  \
	int t2_##name##_##probe(struct pt_regs *ctx)                              \
	{                                                                         \
		return when ? action_run(ctx, current_by_helper, type, fill) : 0; \
	}                                                                         \
                                                                                  \
	SEC(#probe "/" function)                                                  \
	int t3_##name##_##probe(struct pt_regs *ctx)                              \
	{                                                                         \
		return when ? action_run(ctx, current_by_stack, type, fill) : 0;  \
	}

/* A call that is reported when it returns. Then what was kept of it is of no more use. */
#define ACTION_RETURNS(name, function, type, when)                                \
	SEC("kretprobe/" function)                                                \
	int t2_##name##_kretprobe(struct pt_regs *ctx)                            \
	{                                                                         \
		if (when)                                                         \
			action_run(ctx, current_by_helper, type, name##_returns); \
		return kept_forget(type);                                         \
	}                                                                         \
                                                                                  \
	SEC("kretprobe/" function)                                                \
	int t3_##name##_kretprobe(struct pt_regs *ctx)                            \
	{                                                                         \
		if (when)                                                         \
			action_run(ctx, current_by_stack, type, name##_returns);  \
		return kept_forget(type);                                         \
	}

/* The start of a system call: keeps its arguments. */
#define CALL_BEGINS(name, call)                                                                \
	SEC("tracepoint/syscalls/sys_enter_" #call)                                            \
	int t1_##name##_begins(struct syscall_enter_context *ctx)                              \
	{                                                                                      \
		return name##_begins(ctx->arguments[0], ctx->arguments[1], ctx->arguments[2]); \
	}

/* The end of a system call that was kept. */
#define CALL_ENDS(name, call, type)                                            \
	SEC("tracepoint/syscalls/sys_exit_" #call)                             \
	int t1_##name(void *ctx)                                               \
	{                                                                      \
		if (kept_find(type))                                           \
			action_run(ctx, current_by_helper, type, name##_ends); \
		return kept_forget(type);                                      \
	}

/* The process that the action is about. */
INLINE void target_fill(const struct layout *layout, struct action_event *e, __u64 target)
{
	int failed = READ(layout, &e->target.pid, target, TASK_TGID);

	failed |= read_process_start(layout, target, &e->target.start_boottime_ns);
	failed |= READ(layout, &e->target.comm, target, TASK_COMM);
	unread_if(&e->header, failed, FIELD_ACTION_TARGET);
}

/*
 * By the number that the caller gave, which is right only in the initial pid
 * namespace.
 */
INLINE void target_number_fill(const struct layout *layout, __u64 task, struct action_event *e,
                               __u32 pid)
{
	__u32 level = 0;
	int failed = READ(layout, &level, POINTER(layout, task, TASK_THREAD_PID), PID_LEVEL);

	e->target.pid = pid;
	unread_if(&e->header, failed || level, FIELD_ACTION_TARGET);
}

/* A string in kernel memory, up to its NUL; 0: it cannot be read. */
INLINE int text_fill(struct action_event *e, __u64 string)
{
	__u64 *words = (__u64 *)e->text, alive = -1;
	int failed = bpf_probe_read(e->text, sizeof(e->text), (void *)string);
	unsigned int i;

#pragma unroll
	for (i = 0; i < sizeof(e->text) / sizeof(*words); i++)
		words[i] = word_keep(words[i], &alive);
	unread_if(&e->header, failed, FIELD_ACTION_OBJECT);
	return !failed;
}

INLINE void error_fill(struct action_event *e, __s32 result)
{
	e->error = error_number(result);
}

#endif
