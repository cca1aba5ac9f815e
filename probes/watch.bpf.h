/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Is a path watched? Before anything is read for an event, by hashes of its
 * names: the last bytes and the last names first, then, at the root, the names
 * from there on. A path that cannot be followed is watched.
 */
#ifndef PROBES_WATCH_BPF_H
#define PROBES_WATCH_BPF_H

#include "walk.bpf.h"

/* Steps a program: the limit is its size. */
#define WATCH_STEPS 12

enum watch_result { WATCH_NO, WATCH_YES, WATCH_MORE };

INLINE int rule_exists(__u32 kind, __u64 value)
{
	struct filter_key key = { .kind = kind, .value = value };

	return bpf_map_lookup_elem(&filters, &key) != 0;
}

/* As filter_name_value() in the loader has it. */
INLINE __u64 name_hash(__u64 name)
{
	__u64 words[WATCH_NAME_BYTES / 8] = { 0 }, alive = -1, hash = 0;
	unsigned int i;

	bpf_probe_read(words, sizeof(words), (void *)name);
#pragma unroll
	for (i = 0; i < WATCH_NAME_BYTES / 8; i++) {
		hash = filter_hash(hash, word_keep(words[i], &alive));
		BARRIER(hash);
	}
	return hash;
}

/* By the last bytes of the last name: the word that ends with it, shifted for each length. */
INLINE int ending_watched(const struct layout *layout, __u64 dentry, __u32 watched)
{
	__u32 d_name = OFFSET(layout, DENTRY_NAME), len = 0, bytes;
	__u64 word = 0, name;

	if (!(watched >> WATCH_ENDING_SHIFT) || d_name == LAYOUT_ABSENT)
		return 0;
	READ(layout, &len, dentry + d_name, QSTR_LEN);
	name = POINTER(layout, dentry + d_name, QSTR_NAME);
	if (len < sizeof(word))
		bpf_probe_read(&word, sizeof(word), (void *)name);
	else
		bpf_probe_read(&word, sizeof(word), (void *)(name + len - sizeof(word)));
	if (len < sizeof(word))
		word <<= (sizeof(word) - len) * 8 & 63;
#pragma unroll
	for (bytes = 1; bytes <= WATCH_ENDING_MAX; bytes++)
		if (watched >> (WATCH_ENDING_SHIFT + bytes) & 1 && len >= bytes &&
		    rule_exists(WATCH_ENDING, word >> (sizeof(word) - bytes) * 8))
			return 1;
	return 0;
}

/* Books a name: true, if it ends a tail that is watched. */
INLINE int name_watched(struct watch_check *c, __u64 name, __u32 watched, int may_be_tail)
{
	__u64 hash = name_hash(name), count = c->count;

	BARRIER(count);
	c->names[count & (WATCH_NAMES - 1)] = hash;
	c->count = ++count;
	if (!may_be_tail || count > WATCH_TAIL_MAX)
		return 0;
	c->tail = filter_hash(c->tail, hash);
	return watched >> (WATCH_TAIL_SHIFT + count) & 1 && rule_exists(WATCH_TAIL, c->tail);
}

INLINE int watch_step(struct watch_check *c, const struct walk_offsets *o, struct position *at,
                      __u32 watched, int may_be_tail)
{
	__u64 parent, name;

	if (at->dentry == at->root)
		return mount_step(o, at);
	parent = follow(at->dentry, o->parent);
	name = follow(at->dentry, o->name);
	if (!parent || !name)
		return WALK_FAILED;
	if (parent == at->dentry)
		return WALK_DONE;
	if (name_watched(c, name, watched, may_be_tail))
		return WALK_TOP;
	at->dentry = parent;
	return WALK_MORE;
}

/* From the root on. */
INLINE int root_watched(struct watch_check *c, __u32 watched)
{
	__u64 hash = 0, index;
	unsigned int i;

#pragma unroll
	for (i = 1; i <= WATCH_BELOW_MAX; i++) {
		if (c->count < i)
			return 0;
		index = c->count - i;
		BARRIER(index);
		hash = filter_hash(hash, c->names[index & (WATCH_NAMES - 1)]);
		if (watched >> (WATCH_BELOW_SHIFT + i) & 1 && rule_exists(WATCH_BELOW, hash))
			return 1;
	}
	return 0;
}

INLINE int watch_run(const struct layout *layout, struct watch_check *c, __u32 watched)
{
	struct position at = { .dentry = c->walk.dentry, .mount = c->walk.mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (watched & WATCH_ALL)
		return WATCH_YES;
	if (path_offsets_init(layout, &o) || !position_init(&at, &o))
		return WATCH_YES;
	if (!c->count && ending_watched(layout, at.dentry, watched))
		return WATCH_YES;
#pragma unroll
	for (i = 0; i < WATCH_STEPS; i++) {
		result = watch_step(c, &o, &at, watched, i < WATCH_TAIL_MAX + 2);
		if (result != WALK_MORE)
			break;
	}
	c->walk.dentry = at.dentry;
	c->walk.mount = at.mount;
	if (result == WALK_MORE)
		return WATCH_MORE;
	return result != WALK_DONE || root_watched(c, watched) ? WATCH_YES : WATCH_NO;
}

#endif
