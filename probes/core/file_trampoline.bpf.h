/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The check and the report of file operations at fentry and fexit, at about a
 * fifth of the cost of a kprobe: one program does all, because no tail call
 * leads from one such program to another before 6.12 (28ead3eaabc1).
 */
#ifndef PROBES_CORE_FILE_TRAMPOLINE_BPF_H
#define PROBES_CORE_FILE_TRAMPOLINE_BPF_H

#include "probes/core/claim.bpf.h"
#include "probes/core/fentry.bpf.h"
#include "probes/core/file_event.bpf.h"
#include "probes/core/path_loop.bpf.h"
#include "probes/core/quiet.bpf.h"
#include "probes/core/watch.bpf.h"

/* Sends what was done to a file, from memory that is claimed. */
SUBPROGRAM int f1_send(void *ctx, struct scratch *s, __u32 cpu)
{
	struct counters *c = bpf_map_lookup_elem(&claimed_counters, &cpu);
	const struct layout *layout = layout_find();
	__u64 size;

	if (!layout || !c)
		return 0;
	message_clear(s, EVENT_FILE, sizeof(struct file_event));
	file_event_fill(layout, s);
	/* These programs have counters of their own, as if there were more CPUs. */
	s->head.header.cpu = constants.claimed_cpu + cpu;
	if (!paths_walk(layout, s))
		s->head.header.unread |= 1U << (FIELD_TEXTS + FILE_ROOT) |
		                         1U << (FIELD_TEXTS + FILE_PATH) |
		                         1U << (FIELD_TEXTS + FILE_OTHER_PATH);
	size = texts_end(s, s->file.text_size, sizeof(s->file));
	if (size)
		message_count_send(ctx, c, s, EVENT_FILE, size);
	return 0;
}

INLINE void trampoline_report(void *ctx, const struct file_call *call)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s = claim_begin(&cpu, EVENT_FILE);

	if (!s)
		return;
	s->call = *call;
	f1_send(ctx, s, cpu);
	claim_end(&cpu);
}

/*
 * Is the class wanted at all? Each call asks; f1_check() asks about the process
 * later.
 */
INLINE int class_here(void)
{
	return SETTINGS->classes & 1U << EVENT_FILE;
}

/* bpf_loop() takes a pointer to the stack. */
struct watch_loop {
	struct scratch *s;
};

SUBPROGRAM long f1_watch_steps(__u32 index, struct watch_loop *loop)
{
	const struct layout *layout = layout_find();
	struct scratch *s = loop->s;
	int result = watch_run(SETTINGS, &s->check);

	(void)index;
	if (!layout)
		return 1;
	if (result == WATCH_NO &&
	    (watch_next(&s->check, &s->call) || layer_next(layout, SETTINGS, &s->check, &s->call)))
		result = WATCH_MORE;
	s->check.result = result;
	return result != WATCH_MORE;
}

/* For two paths and their places, each as many steps as 32 tail calls take. */
#define WATCH_LOOPS (4 * 32)

/* A path that cannot be followed to its end counts as matched. */
INLINE int any_watched(struct scratch *s)
{
	struct watch_loop loop = { .s = s };

	bpf_loop(WATCH_LOOPS, f1_watch_steps, &loop, 0);
	return s->check.result != WATCH_NO;
}

/*
 * The same as file_check(), for a call in claimed memory. True: it is to be
 * reported at once.
 */
SUBPROGRAM int f1_check(struct scratch *s)
{
	const struct layout *layout = layout_find();
	struct file_call *call = &s->call;

	__builtin_memset(&s->check, 0, sizeof(s->check));
	s->check.walk.dentry = call->dentry;
	s->check.walk.mount = call->mount;
	s->check.moves = moves(call);
	if (!any_watched(s) || !layout || !event_wanted(layout, bpf_get_current_task(), EVENT_FILE))
		return 0;
	call->time_ns = bpf_ktime_get_ns();
	if (call->operation == FILE_CREATE)
		return 1;
	owner_fill(layout, &call->before, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->operation == FILE_OPEN)
		return 1;
	call_put(call);
	return 0;
}

/* Checks a path, and keeps the call or reports it. */
INLINE int trampoline_begin(void *ctx, __u32 operation, __u64 mnt, __u64 dentry, __u64 other,
                            __u64 string, __u64 file)
{
	struct scratch *claimed;
	__u32 cpu;

	if (quiet(dentry, mnt, other) || !f1_glance(dentry, mnt, other))
		return 0;
	cpu = bpf_get_smp_processor_id();
	claimed = claim_begin(&cpu, EVENT_FILE);
	if (!claimed)
		return 0;
	__builtin_memset(&claimed->call, 0, sizeof(claimed->call));
	claimed->call.operation = operation;
	claimed->call.mount = mnt - CONSTANT(MOUNT_MNT);
	claimed->call.dentry = dentry;
	claimed->call.other = other;
	claimed->call.string = string;
	if (file) {
		claimed->call.flags = LOAD(__u32, PLACE(file, FILE_FLAGS));
		if (LOAD(__u32, PLACE(file, FILE_MODE)) & MODE_WRITE) {
			claimed->call.file = file;
			mark(file);
		}
	}
	mark(dentry);
	if (f1_check(claimed))
		f1_send(ctx, claimed, cpu);
	claim_end(&cpu);
	return 0;
}

#endif
