/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The texts of a message of tier 1: strings, and paths that are walked by as
 * many tail calls as that takes. One is under way at a time: scratch.text.
 */
#ifndef PROBES_TEXTS_BPF_H
#define PROBES_TEXTS_BPF_H

#include "probes/walk.bpf.h"

/* Steps a program: the limit is the size of the program. */
#define WALK_STEPS 24

/* The next string of the message, cut after size bytes; 0: none. */
INLINE void string_fill(struct scratch *s, __u32 text, __u64 string, __u32 size)
{
	__u64 cursor = s->cursor;
	long got;

	if (!string)
		return;
	BARRIER(cursor);
	if (cursor > EVENT_BYTES_MAX - size)
		return;
	BARRIER(cursor);
	got = bpf_probe_read_str(s->bytes + cursor, size, (void *)string);
	if (got <= 0) {
		s->head.header.unread |= 1U << (FIELD_TEXTS + text);
		return;
	}
	if (got == size)
		s->head.header.truncated |= 1U << (FIELD_TEXTS + text);
	s->text_size[text] = got;
	s->cursor = cursor + got;
}

/* One name, or the step from a mount's root to where it is mounted. */
INLINE int walk_step(struct scratch *s, const struct walk_offsets *o, struct position *at)
{
	__u64 parent, name, cursor;
	long size;

	if (at->dentry == at->root)
		return mount_step(o, at);
	parent = follow(at->dentry, o->parent);
	if (!parent)
		return WALK_TOP;
	name = follow(at->dentry, o->name);
	if (!name)
		return WALK_FAILED;
	cursor = s->cursor;
	if (cursor - s->start > PATH_BYTES_MAX)
		return WALK_LONG;
	BARRIER(cursor);
	if (cursor > EVENT_BYTES_MAX - NAME_BYTES)
		return WALK_LONG;
	BARRIER(cursor);
	size = bpf_probe_read_str(s->bytes + cursor, NAME_BYTES, (void *)(name + o->skip));
	if (size <= 0)
		return WALK_FAILED;
	s->cursor = cursor + size;
	if (parent == at->dentry)
		return WALK_DONE; /* not under any mount: memfd, pipe, unmounted */
	at->dentry = parent;
	return WALK_MORE;
}

INLINE __u64 text_index(__u64 text)
{
	BARRIER(text);
	return text & (TEXT_SLOTS - 1);
}

INLINE int walk_some(const struct layout *layout, struct scratch *s, int steps)
{
	struct walk *walk = &s->walks[text_index(s->text)];
	struct position at = { .dentry = walk->dentry, .mount = walk->mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (walk_offsets_init(layout, &o, s->text) || !at.dentry || !position_init(&at, &o))
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < steps; i++) {
		result = walk_step(s, &o, &at);
		if (result != WALK_MORE)
			break;
	}
	walk->dentry = at.dentry;
	walk->mount = at.mount;
	return result == WALK_TOP ? o.top : result;
}

INLINE int walk_steps(const struct layout *layout, struct scratch *s)
{
	return walk_some(layout, s, WALK_STEPS);
}

/* Books the path that has been walked. */
INLINE void walk_end(struct scratch *s, int result)
{
	__u32 bit = 1U << (FIELD_TEXTS + s->text);

	if (result == WALK_FAILED) {
		s->head.header.unread |= bit;
		s->cursor = s->start;
	} else if (result != WALK_DONE) {
		s->head.header.truncated |= bit;
	}
	s->text_size[text_index(s->text)] = s->cursor - s->start;
	s->start = s->cursor;
}

/* The sizes of all texts, into the message; then its own size. 0: it cannot be. */
INLINE __u64 texts_end(struct scratch *s, __u16 *text_size, __u64 least)
{
	__u64 size = s->cursor;

	__builtin_memcpy(text_size, s->text_size, sizeof(s->text_size));
	if (size > EVENT_BYTES_MAX)
		return 0;
	BARRIER(size);
	if (size < least)
		return 0;
	BARRIER(size);
	return size;
}

#endif
