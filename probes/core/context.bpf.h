/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a program is given: registers at a function, the record of a system
 * call's tracepoint, and from them the current task.
 */
#ifndef PROBES_CORE_CONTEXT_BPF_H
#define PROBES_CORE_CONTEXT_BPF_H

#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "probes/core/read.bpf.h"

/* The first parameters of a function. */
#define P1 PT_REGS_PARM1(ctx)
#define P2 PT_REGS_PARM2(ctx)
#define P3 PT_REGS_PARM3(ctx)
#define P4 PT_REGS_PARM4(ctx)

/*
 * One of the first three parameters, by a position that the kernel decides.
 * Each is a value before one is chosen: the verifier refuses ctx + variable.
 */
INLINE __u64 parameter(struct pt_regs *ctx, __u32 position)
{
	__u64 first = PT_REGS_PARM1(ctx), second = PT_REGS_PARM2(ctx), third = PT_REGS_PARM3(ctx);

	BARRIER(first);
	BARRIER(second);
	BARRIER(third);
	return position == 0 ? first : position == 1 ? second : third;
}

/* The current task, in tiers 1 and 2. */
INLINE __u64 current_by_helper(struct pt_regs *ctx, const struct layout *layout)
{
	(void)ctx, (void)layout;
	return bpf_get_current_task();
}

/*
 * The current task, in tier 3: there is no helper before 4.8, and thread_info
 * is at the start of the kernel stack until 4.9.
 */
INLINE __u64 current_by_stack(struct pt_regs *ctx, const struct layout *layout)
{
	__u64 size = SIZE(layout, THREAD_UNION_SIZE);

	return POINTER(layout, PT_REGS_SP(ctx) & ~(size - 1), THREAD_INFO_TASK);
}

/*
 * events/syscalls/sys_exit_openat/format and similar ones; the loader checks
 * it. From 4.14 on (cf5f5cea2706).
 */
struct syscall_exit_context {
	__u64 common, number;
	__s64 result;
};

/* events/syscalls/sys_enter_fchmod/format and similar ones. */
struct syscall_enter_context {
	__u64 common, number;
	__u64 arguments[3];
};

/* The result of a system call, of a program at its exit. */
INLINE __s64 call_result(const struct pt_regs *ctx)
{
	return ((const struct syscall_exit_context *)(const void *)ctx)->result;
}

/*
 * A call that a signal has interrupted ends with one of these codes inside of the
 * kernel, include/linux/errno.h. RESTART_ALWAYS: the caller does not see the
 * end of the call: it begins again, or the thread ends. Of the others it may see EINTR.
 */
#define RESTART_ALWAYS 513 /* ERESTARTNOINTR */
#define RESTART_FIRST  512 /* ERESTARTSYS */
#define RESTART_LAST   516 /* ERESTART_RESTARTBLOCK */
#define NO_RESTART     515 /* ENOIOCTLCMD */
#define INTERRUPTED    4   /* EINTR */

INLINE int begins_again(__s32 result)
{
	return result == -RESTART_ALWAYS;
}

INLINE __u32 error_number(__s32 result)
{
	__u32 error = result < 0 ? -result : 0;

	if (error < RESTART_FIRST || error > RESTART_LAST || error == NO_RESTART)
		return error;
	return INTERRUPTED;
}

#endif
