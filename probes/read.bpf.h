/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reads through the layout, and what every program begins and ends with.
 * bpf_probe_read (4) and _str (45) only: the later _kernel and _user forms do
 * not exist before 5.5, and these do what we need on x86 on every kernel.
 */
#ifndef PROBES_READ_BPF_H
#define PROBES_READ_BPF_H

#include "probes/maps.bpf.h"

#define INLINE static __attribute__((always_inline)) inline

/* The compiler must not merge or move bounds checks: the verifier has to see each. */
#define BARRIER(variable) asm volatile("" : "+r"(variable))

/*
 * Before 4.10 a pointer that was put on the stack before it was compared with
 * NULL stays unchecked there: after this one the register is put there.
 */
#define CHECKED(pointer) BARRIER(pointer)

/*
 * Before 4.9 no pointer into a map's value may be kept, only the one to its
 * start: after this the compiler cannot use again what it has computed.
 */
#define FRESH(pointer) BARRIER(pointer)

#define OFFSET(layout, id) ((layout)->facts[LAYOUT_##id].offset)
#define SIZE(layout, id)   ((layout)->facts[LAYOUT_##id].size) /* 0: absent */

/* 0, or not: absent in this kernel, or not readable. dst is zero then. */
INLINE int read_at(void *dst, __u32 size, __u64 base, __u32 offset)
{
	if (!base || offset == LAYOUT_ABSENT)
		return -1;
	return bpf_probe_read(dst, size, (void *)(base + offset));
}

/* A member, zero if it cannot be read: for pointers, where NULL ends the chain. */
INLINE __u64 read_pointer(__u64 base, __u32 offset)
{
	__u64 value = 0;

	if (read_at(&value, sizeof(value), base, offset))
		return 0;
	return value;
}

#define POINTER(layout, base, id)   read_pointer(base, OFFSET(layout, id))
#define READ(layout, dst, base, id) read_at(dst, sizeof(*(dst)), base, OFFSET(layout, id))

/*
 * Each fact becomes a value before one is chosen, else clang chooses between
 * addresses in the layout, which verifiers before 4.9 do not follow.
 */
INLINE __u32 offset_value(const struct layout *layout, __u32 id)
{
	__u32 value = layout->facts[id].offset;

	BARRIER(value);
	return value;
}

#define VALUE(layout, id) offset_value(layout, LAYOUT_##id)

/*
 * A word of a string up to its first NUL, and nothing where *alive is 0, which it
 * becomes with the NUL. No branch: what is walked would double with each word.
 * The lowest bit of zero is in the first byte that is 0.
 */
INLINE __u64 word_keep(__u64 word, __u64 *alive)
{
	__u64 zero = (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
	__u64 keep = word & (zero ^ (zero - 1)) & *alive;

	BARRIER(zero);
	*alive &= ((zero | -zero) >> 63) - 1;
	return keep;
}

/* Start times: a struct timespec before 3.17 (ccbf62d8a284), ns from then on. */
INLINE int read_start(const struct layout *layout, __u64 task, __u64 *ret)
{
	__u64 value[2] = { 0, 0 };

	if (layout->facts[LAYOUT_TASK_START_BOOTTIME].size != sizeof(value))
		return READ(layout, ret, task, TASK_START_BOOTTIME);
	if (READ(layout, &value, task, TASK_START_BOOTTIME))
		return -1;
	*ret = value[0] * 1000000000ULL + value[1];
	return 0;
}

/* The start of the process that a task belongs to. */
INLINE int read_process_start(const struct layout *layout, __u64 task, __u64 *ret)
{
	return read_start(layout, POINTER(layout, task, TASK_GROUP_LEADER), ret);
}

INLINE void unread_if(struct event_header *header, int failed, __u32 field)
{
	if (failed)
		header->unread |= 1U << field;
}

/*
 * The number of a struct pid in the initial namespace, by its place among those
 * that the leader (until 4.19, 2c4704756cab) or signal_struct has, a type each.
 */
INLINE int group_read(const struct layout *layout, __u64 task, __u32 type, __u32 *ret)
{
	__u64 first, pid;
	__u32 offset;

	if (OFFSET(layout, SIGNAL_PIDS) != LAYOUT_ABSENT) {
		first = POINTER(layout, task, TASK_SIGNAL);
		offset = OFFSET(layout, SIGNAL_PIDS) + type * sizeof(pid);
	} else {
		first = POINTER(layout, task, TASK_GROUP_LEADER);
		offset = OFFSET(layout, TASK_THREAD_PID) + type * SIZE(layout, PID_LINK_SIZE);
	}
	pid = read_pointer(first, offset);
	if (!pid || type == LAYOUT_ABSENT || OFFSET(layout, PID_NUMBERS) == LAYOUT_ABSENT)
		return -1;
	return READ(layout, ret, pid + OFFSET(layout, PID_NUMBERS), UPID_NR);
}

/* tgid, start and name of the process that parent is a thread of; the group of task's own. */
INLINE void parent_fill(const struct layout *layout, struct event_header *header, __u64 task,
                        __u64 parent, struct parent_ids *ret)
{
	int failed = READ(layout, &ret->pid, parent, TASK_TGID);

	failed |= read_process_start(layout, parent, &ret->start_boottime_ns);
	failed |= READ(layout, &ret->comm, parent, TASK_COMM);
	unread_if(header, failed, FIELD_PARENT);
	unread_if(header, group_read(layout, task, OFFSET(layout, PIDTYPE_PGID), &ret->pgid),
	          FIELD_GROUPS);
}

/* NULL: not armed yet. */
INLINE const struct layout *layout_find(void)
{
	__u32 slot = LAYOUT_SLOT_KERNEL;

	return bpf_map_lookup_elem(&offsets, &slot);
}

INLINE int env_wanted(void)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s && s->env;
}

INLINE struct scratch *scratch_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

INLINE struct counters *counters_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/*
 * Verifiers before 5.x forget the bounds of a number that was on the stack, so
 * the mask has to be in the code although the compiler knows the value.
 */
INLINE __u64 counter_index(__u64 type)
{
	BARRIER(type);
	return type & (COUNTER_SLOTS - 1);
}

/* Of the user that runs: of the CPU's shares. */
INLINE __u32 share_slot(__u32 uid)
{
	return bpf_get_smp_processor_id() * SHARES + ((__u64)uid * SPREAD >> 58);
}

/*
 * Of the user that runs, as long as rings run over: true: he has used up his share.
 * Sockets change in whatever context a packet comes in, so that theirs are nobody's.
 */
INLINE int share_used_up(__u32 type, __u32 bytes)
{
	struct settings *s;
	struct share *share;
	__u32 key = 0, uid, slot, tick;

	if (type == EVENT_SOCKET)
		return 0;
	s = bpf_map_lookup_elem(&settings, &key);
	if (!s)
		return 0;
	CHECKED(s);
	if (!s->shares)
		return 0;
	uid = bpf_get_current_uid_gid();
	if (!uid)
		return 0;
	slot = share_slot(uid);
	share = bpf_map_lookup_elem(&shares, &slot);
	if (!share)
		return 0;
	CHECKED(share);
	tick = bpf_ktime_get_ns() >> SHARE_TICK_BITS;
	if (share->tick != tick) {
		share->tick = tick;
		share->bytes = 0;
	}
	share->bytes += bytes;
	return share->bytes > SHARE_BYTES;
}

INLINE void head_fill(struct event_header *header, struct process_ids *process, __u32 type)
{
	__u64 id = bpf_get_current_pid_tgid();

	header->type = type;
	header->cpu = bpf_get_smp_processor_id();
	header->time_ns = bpf_ktime_get_ns();
	process->pid = id >> 32;
	process->tid = id;
}

INLINE void message_clear(struct scratch *s, __u32 type, __u32 size)
{
	__builtin_memset(s->bytes, 0, size);
	__builtin_memset(s->text_size, 0, sizeof(s->text_size));
	head_fill(&s->head.header, &s->head.process, type);
}

/*
 * The message memory, its first size bytes zeroed (nothing of an earlier event
 * leaves the kernel), header and process filled; or NULL, counted.
 */
INLINE struct scratch *message_begin(__u32 type, __u32 size)
{
	struct scratch *s = scratch_find();
	struct counters *c;

	if (!s) {
		c = counters_find();
		if (c)
			c->no_scratch[counter_index(type)]++;
		return 0;
	}
	message_clear(s, type, size);
	return s;
}

INLINE void message_count_send(void *ctx, struct counters *c, struct scratch *s, __u32 type,
                               __u64 size)
{
	s->head.header.sequence = c->sequence++;
	s->head.header.len = size;
	if (share_used_up(type, size) ||
	    bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s->bytes, size))
		c->lost[counter_index(type)]++;
	else
		c->sent[counter_index(type)]++;
}

/* Sends the first size bytes of the message; counts it as sent or lost. */
INLINE void message_send(void *ctx, struct scratch *s, __u32 type, __u64 size)
{
	struct counters *c = counters_find();

	if (c)
		message_count_send(ctx, c, s, type, size);
}

#endif
