/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exec (tiers 2 and 3), in parts (core/parting.bpf.h). parts_exec() decides whether
 * it is reported; for the verifier of 4.4 the rest is too much in the same program.
 * By tail calls follow parts_begin(), which sends all fields except argv and the texts,
 * parts_argv(), and parts_texts() in part_texts.bpf.c.
 */
#include "probes/core/attempt.bpf.h"
#include "probes/core/cgroup.bpf.h"
#include "probes/core/context.bpf.h"
#include "probes/core/exec_event.bpf.h"
#include "probes/core/parting.bpf.h"
#include "probes/core/pathwalk.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

/* The walks, in the order in which they are sent. */
INLINE void parts_walks(const struct layout *layout, struct parting *p, __u64 task, __u64 file,
                        const struct call *call)
{
	__u64 fs = POINTER(layout, task, TASK_FS);
	struct walk walk;

	parting_init(p, call->interp, call->filename);
	p->file = file;
	walk_init(layout, &walk, fs, OFFSET(layout, FS_ROOT));
	p->walks[TEXT_ROOT - TEXT_INTERP] = walk;
	p->walks[TEXT_CGROUP - TEXT_INTERP].dentry = cgroup_v2(layout, task);
	p->walks[TEXT_CGROUP_V1 - TEXT_INTERP].dentry = cgroup_v1(layout, task);
	walk_init(layout, &walk, file, OFFSET(layout, FILE_PATH));
	p->walks[TEXT_EXE - TEXT_INTERP] = walk;
	walk_init(layout, &walk, fs, OFFSET(layout, FS_PWD));
	p->walks[TEXT_CWD - TEXT_INTERP] = walk;
}

INLINE int parts_begin(void *ctx, const struct layout *layout, __u64 task, void *tails,
                       __u64 filename, __u32 caller)
{
	struct call call = { .filename = filename };
	struct parting *p = parting_find();
	struct exec_event e;
	struct strings at;
	__u64 mm, file;

	if (!p)
		return 0;
	CHECKED(p);
	CLEAR_OR_RETURN(e);
	mm = POINTER(layout, task, TASK_MM);
	file = POINTER(layout, mm, MM_EXE_FILE);
	head_fill(&e.header, &e.process, PART_EXEC);
	e.caller_tid = caller;
	exec_fill(layout, &e, task, file);
	call_fill(layout, &e, task, &call);
	attempt_end(task, e.script);
	strings_find(layout, &e, mm, &at);
	p->argv = at.argv;
	p->end = at.end - at.env > ENV_PART_BYTES ? at.env + ENV_PART_BYTES : at.end;
	parts_walks(layout, p, task, file, &call);
	stack_put(ctx, &e.header, EVENT_EXEC, sizeof(e));
	p->sequence = e.header.sequence;
	bpf_tail_call(ctx, tails, TAIL_PARTS_ARGV);
	return 0;
}

/*
 * Sends one part, which is always full: the last one ends where the strings
 * end, and starts before argv if they are shorter; there is other memory (auxv)
 * below them, but perhaps none behind them. False: that was the last part.
 */
INLINE int argv_step(void *ctx, struct parting *p, struct argv_part *part, __u64 *at)
{
	__u64 left = p->end - *at;

	if (*at >= p->end)
		return 0;
	if (left < PART_BYTES)
		*at = p->end - PART_BYTES;
	if (bpf_probe_read(part->bytes, PART_BYTES, (void *)*at)) {
		p->unread |= 1U << FIELD_EXEC_ARGV | 1U << FIELD_EXEC_ENV;
		return 0;
	}
	part->offset = *at - p->argv;
	part_send(ctx, p, &part->header, &part->number, PART_ARGV, sizeof(*part));
	*at += PART_BYTES;
	return 1;
}

/*
 * The executable as stat() shows it; here, as parts_begin() has no room for it.
 * Before 4.13 an inode of overlayfs does not lead to its layers: then these are
 * number and device of the layer's file, as in file->f_inode.
 */
INLINE void parting_stat(const struct layout *layout, struct parting *p)
{
	__u64 inode = POINTER(layout, p->file, FILE_INODE), number = 0;
	__u32 device = 0;
	int failed;

	if (OFFSET(layout, OVL_INODE_UPPER) != LAYOUT_ABSENT && p->file) {
		inode = POINTER(layout, p->file + OFFSET(layout, FILE_PATH), PATH_DENTRY);
		inode = POINTER(layout, inode, DENTRY_INODE);
	}
	READ(layout, &number, inode, INODE_INO);
	READ(layout, &device, POINTER(layout, inode, INODE_SB), SB_DEV);
	inode_as_stat(layout, inode, &number, &device, &failed);
	if (failed)
		p->unread |= 1U << FIELD_EXEC_EXE_NUMBERS;
	p->inode = number;
	p->device = device;
}

INLINE int parts_argv(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct argv_part part;
	struct parting *p;
	__u64 at;
	int i;

	if (!layout)
		return 0;
	CHECKED(layout);
	p = parting_find();
	if (!p)
		return 0;
	CHECKED(p);
	if (!p->name) /* no interpreter: an empty text would take a tail call, of which there are 32
	               */
		parts_next(p);
	parting_stat(layout, p);
	CLEAR_OR_RETURN(part);
	at = p->argv;
#pragma unroll
	for (i = 0; i < ARGV_PARTS_MAX; i++)
		if (!argv_step(ctx, p, &part, &at))
			break;
	bpf_tail_call(ctx, tails, TAIL_PARTS_TEXTS);
	return 0;
}

INLINE int parts_exec(struct pt_regs *ctx, void *tails,
                      __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = current(ctx, layout);
	if (!event_wanted(layout, task, EVENT_EXEC) || stack_shed(EVENT_EXEC, PARTED_BYTES))
		return 0;
	script_send(ctx, task);
	bpf_tail_call(ctx, tails, TAIL_PARTS_BEGIN);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int t2_exec(struct pt_regs *ctx)
{
	return parts_exec(ctx, &tail_calls, current_by_helper);
}

SEC("kprobe/proc_exec_connector")
int t2_exec_kprobe(struct pt_regs *ctx)
{
	return parts_exec(ctx, &kprobe_tail_calls, current_by_helper);
}

SEC("kprobe/proc_exec_connector")
int t3_exec_kprobe(struct pt_regs *ctx)
{
	return parts_exec(ctx, &kprobe_tail_calls, current_by_stack);
}

INLINE int parts_begin_kprobe(struct pt_regs *ctx,
                              __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	return parts_begin(ctx, layout, current(ctx, layout), &kprobe_tail_calls, 0, 0);
}

SEC("tracepoint")
int t2_parts_begin(struct exec_context *ctx)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	return parts_begin(ctx, layout, bpf_get_current_task(), &tail_calls,
	                   (__u64)ctx + (ctx->filename & 0xffff), ctx->old_pid);
}

SEC("kprobe")
int t2_parts_begin_kprobe(struct pt_regs *ctx)
{
	return parts_begin_kprobe(ctx, current_by_helper);
}

SEC("kprobe")
int t3_parts_begin_kprobe(struct pt_regs *ctx)
{
	return parts_begin_kprobe(ctx, current_by_stack);
}

SEC("tracepoint")
int t2_parts_argv(void *ctx)
{
	return parts_argv(ctx, &tail_calls);
}

SEC("kprobe")
int t3_parts_argv_kprobe(void *ctx)
{
	return parts_argv(ctx, &kprobe_tail_calls);
}
