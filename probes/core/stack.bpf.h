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

/* Sends and counts an event that has its number. */
INLINE void stack_output(void *ctx, struct event_header *header, struct counters *c, __u32 type,
                         __u32 size)
{
	header->len = size;
	if (bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size)) {
		c->lost[type]++;
		/* Without this clang makes one increment, at an offset that is not constant. */
		asm volatile("" ::: "memory");
	} else {
		c->sent[type]++;
	}
}

/* Sends the event, of which stack_shed() was asked. type: a constant, by which it is counted. */
INLINE void stack_put(void *ctx, struct event_header *header, __u32 type, __u32 size)
{
	struct counters *c = counters_find();

	if (!c)
		return;
	CHECKED(c);
	header->sequence = c->sequence++;
	stack_output(ctx, header, c, type, size);
}

/* True: its user has used up the share, and the event is lost. */
INLINE int stack_shed(__u32 type, __u32 bytes)
{
	struct counters *c;

	if (!share_used_up(type, bytes))
		return 0;
	c = counters_find();
	if (!c)
		return 1;
	CHECKED(c);
	c->sequence++;
	c->shed[type]++;
	return 1;
}

/* An event in parts takes more of the ring than its first record. */
#define PARTED_BYTES (ARGV_PARTS_MAX * PART_BYTES)

/*
 * Asks, and sends the event. Non-zero: it is lost, and no part of it may follow.
 */
INLINE int stack_send(void *ctx, struct event_header *header, __u32 type, __u32 size)
{
	int used_up = share_used_up(type, type == EVENT_MOUNT ? PARTED_BYTES : size);
	struct counters *c = counters_find();

	if (!c)
		return 0;
	CHECKED(c);
	header->sequence = c->sequence++;
	if (used_up) {
		c->shed[type]++;
		return -1;
	}
	stack_output(ctx, header, c, type, size);
	return 0;
}

#endif
