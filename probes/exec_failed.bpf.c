/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Execs that fail. */
#include "probes/core/action.bpf.h"

/*
 * The name is read after the exec has failed: its page is there then, and no
 * decision depends on what is read.
 */
INLINE int exec_call_keep(__u64 name)
{
	keep_all(EVENT_EXEC_FAILED, name, 0, 0, 0, 0); /* without it, only the name is missing */
	return 0;
}

INLINE int exec_call_entered(__u64 name)
{
	kept_missed(EVENT_EXEC_FAILED);
	return exec_call_keep(name);
}

/*
 * void proc_exec_connector(struct task_struct *task): the exec has succeeded. Its
 * return may be missed, and is no loss.
 */
SEC("kprobe/proc_exec_connector")
int t3_exec_succeeds_kprobe(struct pt_regs *ctx)
{
	(void)ctx;
	return kept_forget(EVENT_EXEC_FAILED);
}

/* long sys_execve(const char __user *filename, ...). */
SEC("kprobe/sys_execve")
int t3_exec_call_kprobe(struct pt_regs *ctx)
{
	return exec_call_entered(PT_REGS_PARM1(ctx));
}

/* long sys_execveat(int fd, const char __user *filename, ...). */
SEC("kprobe/sys_execveat")
int t3_execat_call_kprobe(struct pt_regs *ctx)
{
	return exec_call_entered(PT_REGS_PARM2(ctx));
}

/*
 * From 4.17 on (fa697140f9a2) the only parameter is a pointer to the caller's
 * registers.
 */
INLINE int exec_call_keep_register(struct pt_regs *ctx, __u64 offset)
{
	__u64 name = 0;

	bpf_probe_read(&name, sizeof(name), (void *)(PT_REGS_PARM1(ctx) + offset));
	return exec_call_entered(name);
}

#define REGISTER(name) __builtin_offsetof(struct pt_regs, name)

SEC("kprobe/__x64_sys_execve")
int t3_exec_x64_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rdi));
}

SEC("kprobe/__x64_sys_execveat")
int t3_execat_x64_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rsi));
}

SEC("kprobe/__ia32_compat_sys_execve")
int t3_exec_ia32_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rbx));
}

SEC("kprobe/__ia32_compat_sys_execveat")
int t3_execat_ia32_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rcx));
}

/* Of two threads that execute a program at once, one is ended before the other has succeeded. */
INLINE int has_failed(__s32 result)
{
	return result && !begins_again(result);
}

INLINE int exec_failed_fill(struct action_event *e, __s32 result)
{
	const struct kept_call *kept = kept_find(EVENT_EXEC_FAILED);

	error_fill(e, result);
	text_fill(e, kept ? kept->subject : 0);
	return 1;
}

INLINE int exec_failed_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                               struct action_event *e)
{
	(void)layout, (void)task;
	return exec_failed_fill(e, PT_REGS_RC(ctx));
}

ACTION_RETURNS(exec_failed, "sys_execve", EVENT_EXEC_FAILED, has_failed(PT_REGS_RC(ctx)))

INLINE int execve_begins(__u64 name, __u64 argv, __u64 envp)
{
	(void)argv, (void)envp;
	return exec_call_keep(name);
}

INLINE int execveat_begins(__u64 directory, __u64 name, __u64 argv)
{
	(void)directory, (void)argv;
	return exec_call_keep(name);
}

INLINE int exec_failed_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                            struct action_event *e)
{
	(void)layout, (void)task;
	return has_failed(call_result(ctx)) ? exec_failed_fill(e, call_result(ctx)) : 0;
}

CALL_BEGINS(execve, execve)
CALL_BEGINS(execveat, execveat)
CALL_ENDS(exec_failed, execve, EVENT_EXEC_FAILED)
