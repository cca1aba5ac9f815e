/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The end of a thread: counts its calls whose return was missed. Only those that
 * probes at functions keep.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/kept.bpf.h"

/* void exit_signals(struct task_struct *tsk): each thread that ends comes here. */
SEC("kprobe/exit_signals")
int t3_kept_ends_kprobe(struct pt_regs *ctx)
{
	(void)ctx;
	kept_missed(EVENT_PTRACE);
	kept_missed(EVENT_PROCESS_ACCESS);
	kept_missed(EVENT_SIGNAL);
	kept_missed(EVENT_MEMFD);
	kept_missed(EVENT_BPF);
	kept_missed(EVENT_EXEC_FAILED);
	kept_missed(EVENT_MOUNT);
	kept_missed(EVENT_TERMINAL);
	return kept_missed(EVENT_SOCKET);
}
