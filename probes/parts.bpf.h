/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What goes out in parts (events.h), in tiers 2 and 3: an exec, and a mount
 * (mount.bpf.h). parts_begin() sends all of an exec but argv and texts;
 * parts_argv() and parts_texts() follow by tail calls. What they hand on is in
 * the map "parting": no two programs run on a CPU at a time.
 */
#include "probes/walk.bpf.h"

INLINE struct parting *parting_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&parting, &cpu);
}

/* A part is not counted: the loader misses its number. */
INLINE void part_send(void *ctx, struct parting *p, struct event_header *header, __u32 *number,
                      __u32 type, __u32 size)
{
	header->type = type;
	header->cpu = bpf_get_smp_processor_id();
	header->sequence = p->sequence;
	header->len = size;
	*number = p->number++;
	bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size);
}

/* No path yet; of the two strings, which go first and last, each may be 0. */
INLINE void parting_init(struct parting *p, __u64 interp, __u64 filename)
{
	int i;

	p->unread = p->truncated = 0;
	p->inode = p->device = 0;
	p->number = 1;
	p->text = TEXT_INTERP;
	p->name = interp;
#pragma unroll
	for (i = 0; i < EXEC_TEXTS - 1; i++)
		p->walks[i].dentry = p->walks[i].mount = 0;
	p->walks[EXEC_TEXTS - 1].dentry = filename;
	p->walks[EXEC_TEXTS - 1].mount = 0;
}

/* In the order of sending. */
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
	strings_find(layout, &e, mm, &at);
	p->argv = at.argv;
	p->end = at.end - at.env > ENV_PART_BYTES ? at.env + ENV_PART_BYTES : at.end;
	parts_walks(layout, p, task, file, &call);
	if (stack_send(ctx, &e.header, EVENT_EXEC, sizeof(e)))
		return 0;
	p->sequence = e.header.sequence;
	bpf_tail_call(ctx, tails, TAIL_PARTS_ARGV);
	return 0;
}

/*
 * A whole part each; the last is the one that ends where all ends, and begins
 * before argv where that is shorter: what lies below (auxv) is there as well,
 * behind it perhaps nothing. False: that was the last.
 */
INLINE int argv_step(void *ctx, struct parting *p, struct argv_part *part, __u64 *at)
{
	__u64 left = p->end - *at;

	if (*at >= p->end)
		return 0;
	if (left < PART_BYTES)
		*at = p->end - PART_BYTES;
	if (bpf_probe_read(part->bytes, PART_BYTES, (void *)*at)) {
		p->unread |= 1U << FIELD_ARGV | 1U << FIELD_ENV;
		return 0;
	}
	part->offset = *at - p->argv;
	part_send(ctx, p, &part->header, &part->number, PART_ARGV, sizeof(*part));
	*at += PART_BYTES;
	return 1;
}

/*
 * The executable as stat() shows it; here for the size of parts_begin(). Where
 * overlayfs has no inode that knows its layers, before 4.13, it is the layer's, as
 * file->f_inode is.
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
		p->unread |= 1U << FIELD_NUMBERS;
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

/*
 * A name, or what of it fits into a slot: nothing of what lies behind it goes out.
 * *name moves on, or is 0 behind its end. Not 0: it cannot be read, the slot is empty.
 */
INLINE long slot_fill(__u64 *name, __u64 *slot)
{
	long failed = bpf_probe_read(slot, PART_SLOT_BYTES, (void *)*name);
	__u64 alive = ~(failed >> 63);

	slot[0] = word_keep(slot[0], &alive);
	slot[1] = word_keep(slot[1], &alive);
	slot[2] = word_keep(slot[2], &alive);
	slot[3] = word_keep(slot[3], &alive);
	*name = (*name + PART_SLOT_BYTES) & alive;
	return failed;
}

/* parent, or 0 where a dentry is its own: without a branch as well. */
INLINE __u64 parent_or_end(__u64 parent, __u64 dentry)
{
	__u64 differ = parent ^ dentry;

	BARRIER(differ);
	return parent & -((differ | -differ) >> 63);
}

/* One slot: of a name, or empty where the walk goes on to another mount. */
INLINE int parts_step(const struct walk_offsets *o, struct position *at, __u64 *name, __u64 *slot,
                      long *failed)
{
	__u64 parent;

	if (!*name) {
		if (!at->dentry)
			return WALK_DONE; /* that was not under any mount, or a string */
		if (at->dentry == at->root)
			return mount_step(o, at);
		parent = follow(at->dentry, o->parent);
		if (!parent)
			return o->top; /* WALK_TOP would be another state for 4.4's verifier to walk
			                */
		*name = follow(at->dentry, o->name) + o->skip;
		at->dentry = parent_or_end(parent, at->dentry);
	}
	*failed |= slot_fill(name, slot);
	return WALK_MORE;
}

INLINE int parts_steps(const struct layout *layout, struct parting *p, struct text_part *part)
{
	struct position at = { .dentry = p->walks[0].dentry, .mount = p->walks[0].mount };
	struct walk_offsets o;
	__u64 name = p->name;
	long failed = 0;
	int i, result = WALK_MORE;

	/* No such string; or the last name of what is under no mount has gone out. */
	if (!at.dentry && !name && (p->text <= TEXT_INTERP || at.mount))
		return WALK_DONE;
	if (walk_offsets_init(layout, &o, p->text) || (!at.dentry && !name) ||
	    !position_init(&at, &o))
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < PART_SLOTS; i++) {
		result = parts_step(&o, &at, &name, (__u64 *)part->slots[i], &failed);
		if (result != WALK_MORE)
			break;
	}
	p->walks[0].dentry = at.dentry;
	p->walks[0].mount = at.mount;
	p->name = name;
	return failed ? WALK_FAILED : result;
}

/* The next text; behind the working directory the file name. */
INLINE void parts_next(struct parting *p)
{
	int i;

#pragma unroll
	for (i = 0; i < EXEC_TEXTS - 1; i++)
		p->walks[i] = p->walks[i + 1];
	p->name = 0;
	p->text++;
	if (p->text == EXEC_TEXTS) {
		p->text = TEXT_FILENAME;
		p->name = p->walks[0].dentry;
		p->walks[0].dentry = 0;
	}
}

INLINE int parts_texts(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct text_part part;
	struct parting *p;
	int result;

	if (!layout)
		return 0;
	CHECKED(layout);
	p = parting_find();
	if (!p)
		return 0;
	CHECKED(p);
	CLEAR_OR_RETURN(part);
	part.text = p->text;
	result = parts_steps(layout, p, &part);
	if (result == WALK_FAILED)
		p->unread |= 1U << (FIELD_TEXTS + p->text);
	if (result == WALK_MORE || part.text != TEXT_FILENAME) {
		if (result != WALK_MORE)
			parts_next(p);
		part_send(ctx, p, &part.header, &part.number, PART_TEXT, sizeof(part));
		bpf_tail_call(ctx, tails, TAIL_PARTS_TEXTS);
		/* 32 tail calls are used up. */
		if (result == WALK_MORE)
			p->truncated |= 1U << (FIELD_TEXTS + part.text);
		p->unread |= texts_after(part.text);
		__builtin_memset(part.slots, 0, sizeof(part.slots));
	}
	part.header.unread = p->unread;
	part.header.truncated = p->truncated;
	part.inode = p->inode;
	part.device = p->device;
	part.last = 1;
	part_send(ctx, p, &part.header, &part.number, PART_TEXT, sizeof(part));
	return 0;
}

INLINE int parts_exec(void *ctx, void *tails,
                      __u64 (*current)(struct pt_regs *, const struct layout *), __u64 filename,
                      __u32 caller)
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = current(ctx, layout);
	if (!event_wanted(layout, task, EVENT_EXEC))
		return 0;
	return parts_begin(ctx, layout, task, tails, filename, caller);
}

SEC("tracepoint/sched/sched_process_exec")
int t2_exec(struct exec_context *ctx)
{
	return parts_exec(ctx, &tail_calls, current_by_helper,
	                  (__u64)ctx + (ctx->filename & 0xffff), ctx->old_pid);
}

SEC("kprobe/proc_exec_connector")
int t2_exec_kprobe(struct pt_regs *ctx)
{
	return parts_exec(ctx, &kprobe_tail_calls, current_by_helper, 0, 0);
}

SEC("kprobe/proc_exec_connector")
int t3_exec_kprobe(struct pt_regs *ctx)
{
	return parts_exec(ctx, &kprobe_tail_calls, current_by_stack, 0, 0);
}

/* Of tier 3 by their rules; tier 2 uses those of kprobes as well. */
SEC("tracepoint")
int t2_parts_argv(void *ctx)
{
	return parts_argv(ctx, &tail_calls);
}

SEC("tracepoint")
int t2_parts_texts(void *ctx)
{
	return parts_texts(ctx, &tail_calls);
}

SEC("kprobe")
int t3_parts_argv_kprobe(void *ctx)
{
	return parts_argv(ctx, &kprobe_tail_calls);
}

SEC("kprobe")
int t3_parts_texts_kprobe(void *ctx)
{
	return parts_texts(ctx, &kprobe_tail_calls);
}
