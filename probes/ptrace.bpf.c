/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * ptrace: attach, seize, and writes into the memory or registers of a tracee.
 */
#include "probes/core/action.bpf.h"

#define REQUEST_POKETEXT  4 /* include/uapi/linux/ptrace.h */
#define REQUEST_POKEUSR   6
#define REQUEST_SETREGS   13 /* arch/x86/include/uapi/asm/ptrace-abi.h */
#define REQUEST_SETFPREGS 15
#define REQUEST_ATTACH    16
#define REQUEST_SETREGSET 0x4205
#define REQUEST_SEIZE     0x4206

#define NO_SUCH_PROCESS 3 /* ESRCH */

INLINE int ptrace_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_PTRACE);

	(void)task;
	if (!kept || begins_again(PT_REGS_RC(ctx)))
		return 0;
	e->number = kept->number;
	e->value = kept->value;
	error_fill(e, PT_REGS_RC(ctx));
	target_fill(layout, e, kept->subject);
	return 1;
}

/*
 * int ptrace_attach(struct task_struct *task, long request, ...): also for a
 * seize.
 */
SEC("kprobe/ptrace_attach")
int t3_ptrace_attach_kprobe(struct pt_regs *ctx)
{
	return keep_entered(EVENT_PTRACE, PT_REGS_PARM1(ctx), 0, PT_REGS_PARM2(ctx));
}

INLINE int request_writes(__u32 request)
{
	return (request >= REQUEST_POKETEXT && request <= REQUEST_POKEUSR) ||
	       request == REQUEST_SETREGS || request == REQUEST_SETFPREGS ||
	       request == REQUEST_SETREGSET;
}

/*
 * long arch_ptrace(struct task_struct *child, long request, unsigned long addr,
 * ...), and compat_arch_ptrace(): writes into the memory or registers of a
 * tracee.
 */
SEC("kprobe/arch_ptrace")
int t3_ptrace_write_kprobe(struct pt_regs *ctx)
{
	__u32 request = PT_REGS_PARM2(ctx);

	if (request_writes(request))
		return keep_entered(EVENT_PTRACE, PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx), request);
	return kept_missed(EVENT_PTRACE);
}

/*
 * void proc_ptrace_connector(struct task_struct *task, int which_id): once the
 * tracer has its process, by attach or seize (which is reported as attach too).
 */
INLINE int ptrace_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	(void)task;
	e->number = PT_REGS_PARM2(ctx);
	target_fill(layout, e, PT_REGS_PARM1(ctx));
	return e->number == REQUEST_ATTACH;
}

ACTION_RETURNS(ptrace, "ptrace_attach", EVENT_PTRACE, kept_find(EVENT_PTRACE))
ACTION(kprobe, ptrace, "proc_ptrace_connector", EVENT_PTRACE, 1, ptrace_fill)

INLINE int ptrace_begins(__u64 request, __u64 pid, __u64 address)
{
	if (request == REQUEST_ATTACH || request == REQUEST_SEIZE)
		return keep(EVENT_PTRACE, pid, 0, request);
	if (request_writes(request))
		return keep(EVENT_PTRACE, pid, address, request);
	return kept_forget(EVENT_PTRACE);
}

INLINE int ptrace_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_PTRACE);

	if (!kept || begins_again(call_result(ctx)))
		return 0;
	e->number = kept->number;
	e->value = kept->value;
	error_fill(e, call_result(ctx));
	target_number_fill(layout, task, e, kept->subject);
	return e->error != NO_SUCH_PROCESS;
}

CALL_BEGINS(ptrace, ptrace)
CALL_ENDS(ptrace, ptrace, EVENT_PTRACE)
