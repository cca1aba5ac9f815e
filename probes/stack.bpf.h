/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Tiers 2 and 3 (before 4.11): what is sent lies on the program's stack and has
 * a constant size, maps have constant offsets, and no ring is "this CPU's".
 */
#ifndef PROBES_STACK_BPF_H
#define PROBES_STACK_BPF_H

#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "probes/read.bpf.h"

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

/* One of the first three parameters, each a value before one is chosen: ctx + variable is refused.
 */
INLINE __u64 parameter(struct pt_regs *ctx, __u32 position)
{
	__u64 first = PT_REGS_PARM1(ctx), second = PT_REGS_PARM2(ctx), third = PT_REGS_PARM3(ctx);

	BARRIER(first);
	BARRIER(second);
	BARRIER(third);
	return position == 0 ? first : position == 1 ? second : third;
}

/*
 * Verifiers from 4.16 on (and RHEL7's) tell stack that is known to be 0 from
 * other stack, and take each path through "read, or leave 0" for another one:
 * minutes and the limit. Zeroes from a map are like what is read. False: no map.
 */
INLINE int nothing_find(__u64 *ret)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	if (!s)
		return 0;
	*ret = s->nothing;
	return 1;
}

/* In programs: a variable of a whole number of words becomes 0, or the program ends. */
#define CLEAR_OR_RETURN(variable)                                                     \
	do {                                                                          \
		__u64 nothing, *words = (__u64 *)&(variable);                         \
		unsigned int word;                                                    \
                                                                                      \
		_Static_assert(sizeof(variable) % 8 == 0, "whole words");             \
		if (!nothing_find(&nothing))                                          \
			return 0;                                                     \
		_Pragma("unroll") for (word = 0; word < sizeof(variable) / 8; word++) \
			words[word] = nothing;                                        \
	} while (0)

/* type: a constant, by which it is counted. 0, or it is lost, and no part of it is to follow. */
INLINE int stack_send(void *ctx, struct event_header *header, __u32 type, __u32 size)
{
	/* What comes in parts takes more of the ring than its beginning. */
	__u32 share =
		type == EVENT_EXEC || type == EVENT_MOUNT ? ARGV_PARTS_MAX * PART_BYTES : size;
	int used_up = share_used_up(type, share);
	struct counters *c = counters_find();

	if (!c)
		return 0;
	CHECKED(c);
	header->sequence = c->sequence++;
	header->len = size;
	if (used_up) {
		c->lost[type]++;
		return -1;
	}
	if (bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size)) {
		c->lost[type]++;
		/* One increment of either, at an offset that the verifier cannot follow, else. */
		asm volatile("" ::: "memory");
	} else {
		c->sent[type]++;
	}
	return 0;
}

#endif
