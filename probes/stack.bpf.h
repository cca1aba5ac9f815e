/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Tiers 2 and 3 (before 4.11): what is sent lies on the program's stack and has
 * a constant size, maps have constant offsets, and no ring is "this CPU's".
 */
#ifndef PROBES_STACK_BPF_H
#define PROBES_STACK_BPF_H

#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "read.bpf.h"

INLINE __u64 current_by_helper(struct pt_regs *ctx, const struct layout *layout)
{
	(void)ctx, (void)layout;
	return bpf_get_current_task();
}

/* Before 4.8 no helper tells: thread_info lies where the kernel stack begins (until 4.9). */
INLINE __u64 current_by_stack(struct pt_regs *ctx, const struct layout *layout)
{
	__u64 size = SIZE(layout, THREAD_UNION_SIZE);

	return POINTER(layout, PT_REGS_SP(ctx) & ~(size - 1), THREAD_INFO_TASK);
}

/* type: a constant, by which it is counted. */
INLINE void stack_send(void *ctx, struct event_header *header, __u32 type, __u32 size)
{
	struct counters *c = counters_find();

	if (!c)
		return;
	CHECKED(c);
	header->sequence = c->sequence++;
	header->len = size;
	if (bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size)) {
		c->lost[type]++;
		/* One increment of either, at an offset that the verifier cannot follow, else. */
		asm volatile("" ::: "memory");
	} else {
		c->sent[type]++;
	}
}

#endif
