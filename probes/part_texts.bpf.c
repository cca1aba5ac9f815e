/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Sends the texts of an event in parts, for exec and mount (tiers 2 and 3).
 * Each program sends one part and tail-calls itself.
 */
#include "probes/core/parting.bpf.h"
#include "probes/core/pathwalk.bpf.h"
#include "probes/core/stack.bpf.h"

/*
 * A name, or as much of it as a slot holds; nothing that lies behind it is
 * sent. *name moves on, or is 0 at the end of the name. Non-zero: it cannot be
 * read, and the slot is empty.
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

/* parent, or 0 if a dentry is its own parent. Without a branch as well. */
INLINE __u64 parent_or_end(__u64 parent, __u64 dentry)
{
	__u64 differ = parent ^ dentry;

	BARRIER(differ);
	return parent & -((differ | -differ) >> 63);
}

/*
 * Fills one slot: with a name, or with nothing where the walk goes on to
 * another mount.
 */
INLINE int parts_step(const struct walk_offsets *o, struct position *at, __u64 *name, __u64 *slot,
                      long *failed)
{
	__u64 parent;

	if (!*name) {
		if (!at->dentry)
			return WALK_DONE; /* it was under no mount, or a string */
		if (at->dentry == at->root)
			return mount_step(o, at);
		parent = follow(at->dentry, o->parent);
		if (!parent)
			/* Not WALK_TOP: it would be one more state for the verifier of 4.4. */
			return o->top;
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

	/* There is no such string; or the last name of a path under no mount was sent. */
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
		/* No tail call is left. */
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

/*
 * The programs for kprobes keep to the rules of tier 3; tier 2 uses them as
 * well.
 */
SEC("tracepoint")
int t2_parts_texts(void *ctx)
{
	return parts_texts(ctx, &tail_calls);
}

SEC("kprobe")
int t3_parts_texts_kprobe(void *ctx)
{
	return parts_texts(ctx, &kprobe_tail_calls);
}
