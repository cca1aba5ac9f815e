/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exec of tiers 2 and 3, in parts (events.h). parts_begin() sends all but argv
 * and paths; parts_argv() and parts_walk() follow by tail calls. What they hand
 * on is in the map "parting": no two programs run on a CPU at a time.
 */
#include "exec.bpf.h"
#include "stack.bpf.h"

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

INLINE int parts_begin(void *ctx, const struct layout *layout, __u64 task, void *tails)
{
	struct parting *p = parting_find();
	struct exec_event e;
	struct strings at;
	struct walk walk;
	__u64 mm, file;

	if (!p)
		return 0;
	CHECKED(p);
	CLEAR_OR_RETURN(e);
	mm = POINTER(layout, task, TASK_MM);
	file = POINTER(layout, mm, MM_EXE_FILE);
	head_fill(&e.header, &e.process, PART_EXEC);
	exec_fill(layout, &e, task, file);
	p->unread = p->truncated = 0;
	p->name_left = p->cwd = 0;
	p->name = 0;
	strings_find(layout, &e, mm, &at);
	p->argv = at.argv;
	p->end = at.end - at.env > ENV_PART_BYTES ? at.env + ENV_PART_BYTES : at.end;
	walk_init(layout, &walk, file, OFFSET(layout, FILE_PATH));
	p->dentry = walk.dentry;
	p->mount = walk.mount;
	walk_init(layout, &walk, POINTER(layout, task, TASK_FS), OFFSET(layout, FS_PWD));
	p->next_dentry = walk.dentry;
	p->next_mount = walk.mount;
	stack_send(ctx, &e.header, EVENT_EXEC, sizeof(e));
	p->sequence = e.header.sequence;
	p->number = 1;
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

INLINE int parts_argv(void *ctx, void *tails)
{
	struct argv_part part;
	struct parting *p = parting_find();
	__u64 at;
	int i;

	if (!p)
		return 0;
	CHECKED(p);
	CLEAR_OR_RETURN(part);
	at = p->argv;
#pragma unroll
	for (i = 0; i < ARGV_PARTS_MAX; i++)
		if (!argv_step(ctx, p, &part, &at))
			break;
	bpf_tail_call(ctx, tails, TAIL_PARTS_WALK);
	return 0;
}

/* The bytes of a word of a name that belong to it: left of them from this word on. */
INLINE __u64 word_mask(__u64 word, __s64 left, __u64 nothing)
{
	if (left <= 0)
		return nothing;
	if (left >= 8)
		return word;
	return word & ((1ULL << (left * 8)) - 1);
}

/* What is left of a name: where it lies, and bytes with its NUL; 0: the next name. */
struct name_rest {
	__u64 at;
	__u64 nothing; /* nothing_find() */
	__u32 left;
};

/* A name, or what of it fits into a slot: nothing of what lies behind it goes out. */
INLINE int slot_fill(struct name_rest *name, __u64 *slot)
{
	__s64 left = name->left - 1; /* without the NUL */

	if (bpf_probe_read(slot, PART_SLOT_BYTES, (void *)name->at))
		return WALK_FAILED;
	slot[0] = word_mask(slot[0], left, name->nothing);
	slot[1] = word_mask(slot[1], left - 8, name->nothing);
	slot[2] = word_mask(slot[2], left - 16, name->nothing);
	slot[3] = word_mask(slot[3], left - 24, name->nothing);
	name->at += PART_SLOT_BYTES;
	name->left = name->left > PART_SLOT_BYTES ? name->left - PART_SLOT_BYTES : 0;
	return WALK_MORE;
}

/* One slot: of a name, or empty where the walk goes on to another mount. */
INLINE int parts_step(const struct walk_offsets *o, struct position *at, struct name_rest *name,
                      __u64 *slot)
{
	__u64 parent;
	__u32 len = 0;

	if (!name->left) {
		if (!at->dentry)
			return WALK_DONE; /* that was not under any mount */
		if (at->dentry == at->root) {
			if (at->parent == at->mount)
				return WALK_DONE; /* the root of the mount namespace */
			at->dentry = follow(at->mount, o->mountpoint);
			at->mount = at->parent;
			at->parent = follow(at->mount, o->mount_parent);
			at->root = follow(at->mount, o->mount_root);
			return at->dentry && at->root ? WALK_MORE : WALK_FAILED;
		}
		parent = follow(at->dentry, o->parent);
		name->at = follow(at->dentry, o->name);
		if (bpf_probe_read(&len, sizeof(len), (void *)(at->dentry + o->len)) || !parent ||
		    !name->at || len >= NAME_BYTES)
			return WALK_FAILED;
		name->left = len + 1;
		at->dentry = parent == at->dentry ? 0 : parent;
	}
	return slot_fill(name, slot);
}

INLINE int parts_steps(const struct layout *layout, struct parting *p, struct path_part *part)
{
	struct position at = { .dentry = p->dentry, .mount = p->mount };
	/* slots are empty yet, and the first word no verifier knows to be 0 */
	struct name_rest name = { p->name, *(__u64 *)part->slots[0], p->name_left };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (walk_offsets_init(layout, &o) || !at.mount || (!at.dentry && !name.at))
		return WALK_FAILED;
	at.root = follow(at.mount, o.mount_root);
	at.parent = follow(at.mount, o.mount_parent);
	if (!at.root)
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < PART_SLOTS; i++) {
		result = parts_step(&o, &at, &name, (__u64 *)part->slots[i]);
		if (result != WALK_MORE)
			break;
	}
	p->dentry = at.dentry;
	p->mount = at.mount;
	p->name = name.at;
	p->name_left = name.left;
	return result;
}

INLINE int parts_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct path_part part;
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
	part.cwd = p->cwd;
	result = parts_steps(layout, p, &part);
	if (result == WALK_FAILED)
		p->unread |= 1U << (p->cwd ? FIELD_CWD : FIELD_EXE);
	if (result != WALK_MORE) {
		p->dentry = p->next_dentry;
		p->mount = p->next_mount;
		p->name = p->name_left = 0;
		p->cwd++;
	}
	if (p->cwd <= 1) {
		part_send(ctx, p, &part.header, &part.number, PART_PATH, sizeof(part));
		bpf_tail_call(ctx, tails, TAIL_PARTS_WALK);
		/* 32 tail calls are used up. */
		if (result == WALK_MORE)
			p->truncated |= 1U << (part.cwd ? FIELD_CWD : FIELD_EXE);
		if (!part.cwd)
			p->unread |= 1U << FIELD_CWD;
		__builtin_memset(part.slots, 0, sizeof(part.slots));
	}
	part.header.unread = p->unread;
	part.header.truncated = p->truncated;
	part.last = 1;
	part_send(ctx, p, &part.header, &part.number, PART_PATH, sizeof(part));
	return 0;
}

INLINE int parts_exec(struct pt_regs *ctx, void *tails,
                      __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	if (!class_wanted(EVENT_EXEC))
		return 0;
	return parts_begin(ctx, layout, current(ctx, layout), tails);
}

SEC("tracepoint/sched/sched_process_exec")
int t2_exec(void *ctx)
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

/* Of tier 3 by their rules; tier 2 uses those of kprobes as well. */
SEC("tracepoint")
int t2_parts_argv(void *ctx)
{
	return parts_argv(ctx, &tail_calls);
}

SEC("tracepoint")
int t2_parts_walk(void *ctx)
{
	return parts_walk(ctx, &tail_calls);
}

SEC("kprobe")
int t3_parts_argv_kprobe(void *ctx)
{
	return parts_argv(ctx, &kprobe_tail_calls);
}

SEC("kprobe")
int t3_parts_walk_kprobe(void *ctx)
{
	return parts_walk(ctx, &kprobe_tail_calls);
}
