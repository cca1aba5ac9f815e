/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The texts of a message of tier 1: strings, and paths. Tail calls walk a path
 * until it is complete. scratch.text says which one is being walked.
 */
#ifndef PROBES_CORE_TEXTS_BPF_H
#define PROBES_CORE_TEXTS_BPF_H

#include "probes/core/pathwalk.bpf.h"
#include "probes/core/send.bpf.h"

/* Steps in one program; more would make it too large. */
#define WALK_STEPS 24

/*
 * Appends a string to the message, cut after size bytes. string 0: there is
 * none.
 */
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

/* Appends one name, or steps from the root of a mount to its mount point. */
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

/*
 * Ends the path that has been walked: its size, or its bit in unread or
 * truncated.
 */
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

/*
 * Copies the sizes of all texts into the message. Returns the size of the
 * message; 0: impossible.
 */
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
