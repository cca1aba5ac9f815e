/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Sends an event of tiers 2 and 3 (before 4.11): the message lies on the
 * program's stack and has a constant size, offsets in maps are constants, and
 * no flag names the ring of the current CPU.
 */
#ifndef PROBES_CORE_STACK_BPF_H
#define PROBES_CORE_STACK_BPF_H

#include "probes/core/send.bpf.h"

/*
 * Verifiers from 4.16 on (and that of RHEL7) distinguish stack that is known to
 * be 0 from other stack, and walk each path through "read it, or leave 0"
 * separately: that takes minutes and exceeds the limit. Zeroes from a map are
 * like any value that is read. False: there is no map entry.
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

/* Zeroes a variable of a whole number of words, or ends the program. */
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

/*
 * Sends the event. type: a constant, by which it is counted. Non-zero: it is
 * lost, and no part of it may follow.
 */
INLINE int stack_send(void *ctx, struct event_header *header, __u32 type, __u32 size)
{
	/* An event in parts takes more of the ring than its first record. */
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
		c->shed[type]++;
		return -1;
	}
	if (bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size)) {
		c->lost[type]++;
		/* Without this clang makes one increment, at an offset that is not constant. */
		asm volatile("" ::: "memory");
	} else {
		c->sent[type]++;
	}
	return 0;
}

#endif
