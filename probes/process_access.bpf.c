/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Access to another process as a tracer has it (PTRACE_MODE_ATTACH), requested
 * by other means than ptrace(2).
 */
#include "probes/core/action.bpf.h"

#define ACCESS_REAL_IDS 0x10 /* PTRACE_MODE_REALCREDS, include/linux/ptrace.h */
#define ACCESS_ATTACH   0x02 /* PTRACE_MODE_ATTACH */
#define ACCESS_REFUSED  13   /* EACCES, as mm_access() returns it */
#define NOT_PERMITTED   1    /* EPERM */

/*
 * bool ptrace_may_access(struct task_struct *task, unsigned int mode).
 * ptrace_attach() calls another function.
 */
SEC("kprobe/ptrace_may_access")
int t3_access_kprobe(struct pt_regs *ctx)
{
	__u32 mode = PT_REGS_PARM2(ctx);

	if (mode & ACCESS_ATTACH)
		return keep_entered(EVENT_PROCESS_ACCESS, PT_REGS_PARM1(ctx), 0, mode);
	return kept_missed(EVENT_PROCESS_ACCESS);
}

INLINE int access_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_PROCESS_ACCESS);

	(void)task;
	if (!kept)
		return 0;
	e->number = kept->number;
	e->error = (__u8)PT_REGS_RC(ctx) ? 0 : ACCESS_REFUSED;
	target_fill(layout, e, kept->subject);
	return e->target.pid != e->process.pid;
}

ACTION_RETURNS(access, "ptrace_may_access", EVENT_PROCESS_ACCESS, kept_find(EVENT_PROCESS_ACCESS))

INLINE int access_begins(__u64 pid, __u64 vector, __u64 count)
{
	(void)vector, (void)count;
	return keep(EVENT_PROCESS_ACCESS, pid, 0, ACCESS_ATTACH | ACCESS_REAL_IDS);
}

/* Other errors come before the check, or after it. */
INLINE int access_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_PROCESS_ACCESS);
	__s64 result = call_result(ctx);

	if (!kept)
		return 0;
	e->number = kept->number;
	e->error = result < 0 ? ACCESS_REFUSED : 0;
	target_number_fill(layout, task, e, kept->subject);
	return (result >= 0 || result == -NOT_PERMITTED) && e->target.pid != e->process.pid;
}

CALL_BEGINS(access, process_vm_writev)
CALL_ENDS(access, process_vm_writev, EVENT_PROCESS_ACCESS)
