/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Does a watch rule match a path? The whole check, before anything is read for
 * the event, by hashes of the names: first the last bytes and the last names,
 * then, at the root, the first names. A path that cannot be followed counts as
 * matched.
 *
 * After the names in the mount namespace come those in the file system, which are
 * others below a bind mount, in another namespace, or in no mount at all. At last
 * come those in the upper layer of overlayfs, which users mount over their own
 * directories in a namespace of their own, from 5.11 on (459c7c565ac3).
 */
#ifndef PROBES_CORE_WATCH_BPF_H
#define PROBES_CORE_WATCH_BPF_H

#include "probes/core/inode.bpf.h"
#include "probes/core/linked.bpf.h"
#include "probes/core/watch_name.bpf.h"

/* Steps in one program; more would make it too large. */
#define WATCH_STEPS 10

enum watch_result { WATCH_NO, WATCH_YES, WATCH_MORE };

/*
 * Does a rule match the last bytes of the last name? One look-up for each
 * length that rules have.
 */
INLINE int ending_watched(const struct settings *s, const struct dentry_part *d)
{
	__u32 watched = s->watched, bytes;
	__u64 word;

	if (!(watched >> (WATCH_ENDING_SHIFT + 1) & WATCH_ENDING_BITS))
		return 0;
	word = word_last(d);
#pragma unroll
	for (bytes = 1; bytes <= WATCH_ENDING_MAX; bytes++)
		if (watched >> (WATCH_ENDING_SHIFT + bytes) & 1 && d->len >= bytes &&
		    rule_exists(s, WATCH_ENDING, word >> (sizeof(word) - bytes) * 8))
			return 1;
	return 0;
}

/*
 * True: the tail that ends with the name at index, counted from the leaf,
 * matches a rule.
 */
INLINE int tail_watched(const struct settings *s, struct watch_check *c, __u64 hash, __u32 index)
{
	c->tail = filter_hash(c->tail, hash);
	if (s->watched >> (WATCH_TAIL_SHIFT + 1 + index) & 1 && rule_exists(s, WATCH_TAIL, c->tail))
		return 1;
	return index < WATCH_TAIL_MAX - 1 && c->moves &&
	       s->watched >> (WATCH_ABOVE_TAIL_SHIFT + 1 + index) & 1 &&
	       rule_exists(s, WATCH_ABOVE_TAIL, c->tail);
}

/* Adds a name to the check. True: a tail that ends with it matches a rule. */
INLINE int name_watched(const struct settings *s, struct watch_check *c, __u64 hash,
                        int may_be_tail)
{
	__u64 count = c->count;

	BARRIER(count);
	c->names[count & (WATCH_NAMES - 1)] = hash;
	c->count = count + 1;
	return may_be_tail && count < WATCH_TAIL_MAX && tail_watched(s, c, hash, count);
}

/* Where a dentry is its own parent. Mount 0: there the path ends. */
INLINE int top_reached(struct watch_check *c, const struct watch_position *at,
                       const struct dentry_part *d)
{
	c->top = d->inode;
	return at->mount && is_disconnected(d) ? WALK_FAILED : WALK_DONE;
}

/*
 * Where the first path starts: it may be a file, or a directory, that is a
 * mount point.
 */
INLINE int leaf_find(const struct settings *s, struct watch_position *at)
{
	int i, result = WALK_MORE;

	if (at->mount && mount_read(s, at))
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < 2; i++)
		if (result == WALK_MORE && at->dentry == at->part.root)
			result = mount_cross(s, at);
	return result == WALK_MORE && at->dentry == at->part.root ? WALK_FAILED : result;
}

/*
 * The last name, which alone decides about endings. The second of two paths is
 * complete after this step if it is in the directory of the first one, as most
 * are: the first one has not matched, and all names except the last are known.
 */
INLINE int leaf_step(const struct settings *s, struct watch_check *c, struct watch_position *at)
{
	int result = c->second ? WALK_MORE : leaf_find(s, at);
	struct dentry_part d;
	__u32 i;

	if (result != WALK_MORE)
		return result;
	if (dentry_read(s, at->dentry, &d) || !d.parent)
		return WALK_FAILED;
	if (d.parent == at->dentry)
		return top_reached(c, at, &d);
	if (ending_watched(s, &d) || (!c->place && is_linked(s, d.inode)))
		return WALK_TOP;
	c->tail = 0;
	c->names[0] = name_hash(&d);
	if (c->second && d.parent == c->directory && c->count <= WATCH_NAMES) {
#pragma unroll
		for (i = 0; i < WATCH_TAIL_MAX; i++)
			if (i < c->count && tail_watched(s, c, c->names[i], i))
				return WALK_TOP;
		return WALK_DONE;
	}
	c->count = 1;
	c->directory = at->dentry = d.parent;
	if (tail_watched(s, c, c->names[0], 0))
		return WALK_TOP;
	return c->second && at->mount && mount_read(s, at) ? WALK_FAILED : WALK_MORE;
}

INLINE int watch_step(const struct settings *s, struct watch_check *c, struct watch_position *at,
                      int may_be_tail)
{
	struct dentry_part d;

	if (at->dentry == at->part.root)
		return mount_cross(s, at);
	if (dentry_read(s, at->dentry, &d) || !d.parent)
		return WALK_FAILED;
	if (d.parent == at->dentry)
		return top_reached(c, at, &d);
	if (name_watched(s, c, name_hash(&d), may_be_tail))
		return WALK_TOP;
	at->dentry = d.parent;
	return WALK_MORE;
}

/* What the hash of the names begins with. */
INLINE __u64 seed_find(const struct settings *s, const struct watch_check *c)
{
	return c->place ? place_seed(device_of(s, c->top)) : 0;
}

/* The names from the root on. */
INLINE int root_watched(const struct settings *s, struct watch_check *c)
{
	__u32 below = c->place ? s->places >> WATCH_PLACE_SHIFT : s->watched >> WATCH_BELOW_SHIFT;
	__u32 above =
		c->place ? s->places >> WATCH_PLACE_ABOVE_SHIFT : s->watched >> WATCH_ABOVE_SHIFT;
	__u64 hash = seed_find(s, c), index;
	unsigned int i;

	if (c->place && below & 1 && rule_exists(s, WATCH_BELOW, hash))
		return 1;
#pragma unroll
	for (i = 1; i <= WATCH_BELOW_MAX; i++) {
		if (c->count < i)
			return 0;
		index = c->count - i;
		BARRIER(index);
		hash = filter_hash(hash, c->names[index & (WATCH_NAMES - 1)]);
		if (below >> i & 1 && rule_exists(s, WATCH_BELOW, hash))
			return 1;
		if (c->count == i && i < WATCH_BELOW_MAX)
			return c->moves && above >> i & 1 && rule_exists(s, WATCH_ABOVE, hash);
	}
	return 0;
}

/*
 * On to the other one of two paths, and then to the places of both. False: that
 * was all.
 */
INLINE int watch_next(struct watch_check *c, const struct file_call *call)
{
	if (!c->second && call->other) {
		c->second = 1;
	} else if (c->place == IN_NAMESPACE) {
		c->second = 0;
		c->place = IN_FILE_SYSTEM;
	} else {
		return 0;
	}
	c->walk.dentry = c->second ? call->other : call->dentry;
	c->walk.mount = c->place ? 0 : call->mount;
	c->count = c->second ? c->count : 0;
	c->begun = 0;
	return 1;
}

/* The dentry in the upper layer of one in overlayfs; 0: there is none. */
INLINE __u64 layer_of(const struct layout *layout, __u64 dentry)
{
	__u64 inode = POINTER(layout, dentry, DENTRY_INODE);
	__u32 inside = OFFSET(layout, OVL_INODE_VFS_INODE);

	if (inside == LAYOUT_ABSENT || fs_word(layout, inode) != FS_OVERLAY)
		return 0;
	return read_pointer(inode - inside, OFFSET(layout, OVL_INODE_UPPER));
}

/*
 * Begins with a name in overlayfs, which is the same in the layer, and goes on from
 * its directory there: the layer may be one of overlayfs itself. False: there is
 * none.
 */
INLINE int layer_begin(const struct layout *layout, const struct settings *s, struct watch_check *c,
                       __u64 dentry)
{
	struct dentry_part d;
	__u64 directory, below;

	if (!dentry || dentry_read(s, dentry, &d))
		return 0;
	directory = layer_of(layout, d.parent);
	if (!directory)
		return 0;
	below = layer_of(layout, directory);
	c->walk.dentry = below ? below : directory;
	c->walk.mount = 0;
	c->names[0] = name_hash(&d);
	c->tail = filter_hash(0, c->names[0]);
	c->count = c->begun = 1;
	return 1;
}

/* On to the layers, when watch_next() has no more. False: that was all. */
INLINE int layer_next(const struct layout *layout, const struct settings *s, struct watch_check *c,
                      const struct file_call *call)
{
	if (c->place == IN_FILE_SYSTEM) {
		c->place = IN_LAYER;
		if (layer_begin(layout, s, c, call->dentry))
			return 1;
	}
	if (c->place != IN_LAYER)
		return 0;
	c->place = IN_LAYER_OF_OTHER;
	return layer_begin(layout, s, c, call->other);
}

/* Mount 0: the root of the file system ends the path. */
INLINE int watch_walk(const struct settings *s, struct watch_check *c)
{
	struct watch_position at = { .dentry = c->walk.dentry, .mount = c->walk.mount };
	int i, result = WALK_MORE;

	if (!c->begun)
		result = leaf_step(s, c, &at);
	else if (at.mount && mount_read(s, &at))
		return WALK_FAILED;
	c->begun = 1;
#pragma unroll
	for (i = 0; i < WATCH_STEPS; i++)
		if (result == WALK_MORE)
			result = watch_step(s, c, &at, i < WATCH_TAIL_MAX + 1);
	c->walk.dentry = at.dentry;
	c->walk.mount = at.mount;
	return result;
}

INLINE int watch_run(const struct settings *s, struct watch_check *c)
{
	int result;

	if (s->watched & WATCH_ALL)
		return WATCH_YES;
	result = watch_walk(s, c);
	if (result == WALK_MORE)
		return WATCH_MORE;
	return result != WALK_DONE || root_watched(s, c) ? WATCH_YES : WATCH_NO;
}

#endif
