/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * BPF programs that the verifier has accepted or rejected (event class "bpf").
 */
#include "probes/core/action.bpf.h"

#define PROG_LOAD      5 /* BPF_PROG_LOAD, include/uapi/linux/bpf.h */
#define ATTR_PROG_TYPE 0 /* in union bpf_attr */
#define ATTR_INSN_CNT  4
#define ATTR_PROG_NAME 48 /* from 4.15 (cb4d2b3f03d8) */
#define ATTR_NAME_END  64

/*
 * int security_bpf(int cmd, union bpf_attr *attr, unsigned int size), from 4.15
 * on: the kernel's copy, and how much of it the caller gave.
 */
SEC("kprobe/security_bpf")
int t3_bpf_size_kprobe(struct pt_regs *ctx)
{
	if ((__u32)PT_REGS_PARM1(ctx) != PROG_LOAD)
		return 0;
	keep_all(KEPT_ATTR, PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), 0, 0, 0);
	return 0;
}

/*
 * int bpf_check(struct bpf_prog **prog, union bpf_attr *attr, ...): the
 * verifier.
 */
SEC("kprobe/bpf_check")
int t3_bpf_kprobe(struct pt_regs *ctx)
{
	const struct kept_call *kept = kept_find(KEPT_ATTR);
	__u64 size = kept && kept->subject == PT_REGS_PARM2(ctx) ? kept->value : 0;

	kept_forget(KEPT_ATTR);
	return keep_entered(EVENT_BPF, PT_REGS_PARM2(ctx), size, 0);
}

INLINE int bpf_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	const struct kept_call *kept = kept_find(EVENT_BPF);
	__u32 instructions = 0;
	__u64 attr;

	(void)layout, (void)task;
	if (!kept)
		return 0;
	attr = kept->subject;
	if (bpf_probe_read(&e->number, sizeof(e->number), (void *)(attr + ATTR_PROG_TYPE)) ||
	    bpf_probe_read(&instructions, sizeof(instructions), (void *)(attr + ATTR_INSN_CNT)))
		e->header.unread |= 1U << FIELD_ACTION_OBJECT;
	e->value = instructions;
	error_fill(e, PT_REGS_RC(ctx));
	if (kept->value >= ATTR_NAME_END)
		bpf_probe_read(e->text, ATTR_NAME_END - ATTR_PROG_NAME,
		               (void *)(attr + ATTR_PROG_NAME));
	return 1;
}

ACTION_RETURNS(bpf, "bpf_check", EVENT_BPF, kept_find(EVENT_BPF))

INLINE int bpf_begins(__u64 command, __u64 attr, __u64 size)
{
	(void)attr, (void)size;
	return command == PROG_LOAD ? keep(EVENT_BPF, 0, 0, 0) : kept_forget(EVENT_BPF);
}

/* The program's description is in the caller's memory, and is not reported. */
INLINE int bpf_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                    struct action_event *e)
{
	(void)layout, (void)task;
	error_fill(e, call_result(ctx));
	e->header.unread |= 1U << FIELD_ACTION_OBJECT;
	return 1;
}

CALL_BEGINS(bpf, bpf)
CALL_ENDS(bpf, bpf, EVENT_BPF)
