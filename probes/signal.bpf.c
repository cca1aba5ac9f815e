/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Signals to a process of another session. */
#include "probes/core/action.bpf.h"

/*
 * Signals that the kernel sends: SEND_SIG_PRIV and, until 4.20,
 * SEND_SIG_FORCED, include/linux/sched/signal.h.
 */
#define SIGNAL_OF_KERNEL 2
#define SIGINFO_CODE     8 /* si_code in every struct siginfo: > 0 in the kernel's own signals */

#define CODE_KERNEL 0x80 /* SI_KERNEL, include/uapi/asm-generic/siginfo.h */

/* A signal without info is one of kill(). */
INLINE __s32 signal_code(__u64 info)
{
	__s32 code = 0;

	if (info && info <= SIGNAL_OF_KERNEL)
		return CODE_KERNEL;
	if (info)
		bpf_probe_read(&code, sizeof(code), (void *)(info + SIGINFO_CODE));
	return code;
}

/*
 * int check_kill_permission(int sig, struct siginfo *info, struct task_struct
 * *t).
 */
SEC("kprobe/check_kill_permission")
int t3_signal_check_kprobe(struct pt_regs *ctx)
{
	if (signal_code(PT_REGS_PARM2(ctx)) <= 0)
		return keep_entered(EVENT_SIGNAL, PT_REGS_PARM3(ctx), 0, PT_REGS_PARM1(ctx));
	return kept_missed(EVENT_SIGNAL);
}

/* False: the target is in the session of the caller. */
INLINE int signal_target_fill(const struct layout *layout, __u64 task, struct action_event *e,
                              __u64 target)
{
	__u32 type = OFFSET(layout, PIDTYPE_SID), own = 0, its = 0;

	group_read(layout, task, type, &own);
	FRESH(layout);
	group_read(layout, target, type, &its);
	target_fill(layout, e, target);
	return own != its;
}

INLINE int signal_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_SIGNAL);

	if (!kept)
		return 0;
	e->number = kept->number;
	error_fill(e, PT_REGS_RC(ctx));
	return signal_target_fill(layout, task, e, kept->subject);
}

/*
 * int security_task_kill(struct task_struct *p, struct siginfo *info, int sig,
 * ...): after the check of ids. Signals that the kernel sends do not pass it.
 */
INLINE int signal_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	e->number = PT_REGS_PARM3(ctx);
	e->header.unread |= 1U << FIELD_ACTION_OUTCOME;
	return signal_target_fill(layout, task, e, PT_REGS_PARM1(ctx));
}

/* SI_USER, SI_QUEUE and SI_TKILL: kill(), sigqueue(), tgkill(). */
#define CODE_USER  0
#define CODE_QUEUE (-1)
#define CODE_TKILL (-6)

/*
 * Where no function can be hooked: once a signal is allowed. The tracepoint
 * also has signals that the kernel sends, in the context of whatever process is
 * interrupted, so only the codes of the system calls count.
 */
INLINE int signal_of_call(__u64 info)
{
	__s32 code = signal_code(info);

	return code == CODE_USER || code == CODE_QUEUE || code == CODE_TKILL;
}

INLINE int signal_generated_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                                 struct action_event *e)
{
	const struct bpf_raw_tracepoint_args *c = (const void *)ctx;

	e->number = c->args[0];
	return signal_target_fill(layout, task, e, c->args[2]);
}

/* Arguments: signal, info, task, whether it is for the whole group, result. */
SEC("raw_tracepoint/signal_generate")
int t1_signal(struct bpf_raw_tracepoint_args *ctx)
{
	return signal_of_call(ctx->args[1]) ? action_run((void *)ctx, current_by_helper,
	                                                 EVENT_SIGNAL, signal_generated_fill)
	                                    : 0;
}

ACTION_RETURNS(signal, "check_kill_permission", EVENT_SIGNAL, kept_find(EVENT_SIGNAL))
ACTION(kprobe, signal, "security_task_kill", EVENT_SIGNAL, 1, signal_fill)
