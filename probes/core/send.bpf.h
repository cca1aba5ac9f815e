/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Builds and sends an event of tier 1: the message lies in map memory (map
 * "scratch"), an entry for each CPU.
 */
#ifndef PROBES_CORE_SEND_BPF_H
#define PROBES_CORE_SEND_BPF_H

#include "probes/core/count.bpf.h"
#include "probes/core/share.bpf.h"

INLINE void head_fill(struct event_header *header, struct process_ids *process, __u32 type)
{
	__u64 id = bpf_get_current_pid_tgid();

	header->type = type;
	header->cpu = bpf_get_smp_processor_id();
	header->time_ns = bpf_ktime_get_ns();
	process->pid = id >> 32;
	process->tid = id;
}

INLINE struct scratch *scratch_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

INLINE void message_clear(struct scratch *s, __u32 type, __u32 size)
{
	__builtin_memset(s->bytes, 0, size);
	__builtin_memset(s->text_size, 0, sizeof(s->text_size));
	head_fill(&s->head.header, &s->head.process, type);
}

/*
 * Message memory with its first size bytes zeroed (nothing of an earlier event
 * leaves the kernel), header and process filled. NULL: there is none; counted.
 */
INLINE struct scratch *message_begin(__u32 type, __u32 size)
{
	struct scratch *s = scratch_find();
	struct counters *c;

	if (!s) {
		c = counters_find();
		if (c)
			c->unsent[counter_index(type)]++;
		return 0;
	}
	message_clear(s, type, size);
	return s;
}

INLINE void message_count_send(void *ctx, struct counters *c, struct scratch *s, __u32 type,
                               __u64 size)
{
	int used_up = type == EVENT_SOCKET ? share_used_up_by(&s->socket, type, size)
	                                   : share_used_up(type, size);

	s->head.header.sequence = c->sequence++;
	s->head.header.len = size;
	if (used_up)
		c->shed[counter_index(type)]++;
	else if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s->bytes, size))
		c->lost[counter_index(type)]++;
	else
		c->sent[counter_index(type)]++;
}

/* Sends the first size bytes of the message, and counts it as sent, shed or lost. */
INLINE void message_send(void *ctx, struct scratch *s, __u32 type, __u64 size)
{
	struct counters *c = counters_find();

	if (c)
		message_count_send(ctx, c, s, type, size);
}

#endif
