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

INLINE int rule_exists(const struct settings *s, __u32 kind, __u64 value)
{
	struct filter_key key = { .kind = kind, .value = value };
	__u64 bit = bloom_bit(value);

	BARRIER(bit);
	if (!(s->bloom[bit >> 6 & 15] >> (bit & 63) & 1))
		return 0;
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

/*
 * What a step needs of a dentry, or of a mount, in one read: members that follow
 * one another in every kernel that we know. Where they do not, all is watched.
 */
struct dentry_part {
	__u64 parent;
	__u32 hash, len; /* of the name */
	__u64 name;
};

struct mount_part {
	__u64 parent, mountpoint, root;
};

INLINE int parts_apart(const struct layout *layout, const struct walk_offsets *o)
{
	return VALUE(layout, DENTRY_NAME) != o->parent + sizeof(__u64) ||
	       o->mountpoint != o->mount_parent + sizeof(__u64) ||
	       o->mount_root != o->mountpoint + sizeof(__u64);
}

INLINE int dentry_read(const struct walk_offsets *o, __u64 dentry, struct dentry_part *ret)
{
	return bpf_probe_read(ret, sizeof(*ret), (void *)(dentry + o->parent));
}

/* Where the check is; part is of the mount. */
struct watch_position {
	__u64 dentry, mount;
	struct mount_part part;
};

INLINE int mount_read(const struct walk_offsets *o, struct watch_position *at)
{
	return bpf_probe_read(&at->part, sizeof(at->part), (void *)(at->mount + o->mount_parent));
}

/* By the last bytes of the last name: the word that ends with it, shifted for each length. */
INLINE int ending_watched(const struct settings *s, const struct dentry_part *d)
{
	__u64 word = 0, from = d->len < sizeof(word) ? 0 : d->len - sizeof(word);
	__u32 watched = s->watched, bytes;

	if (!(watched >> WATCH_ENDING_SHIFT))
		return 0;
	bpf_probe_read(&word, sizeof(word), (void *)(d->name + from));
	if (d->len < sizeof(word))
		word <<= (sizeof(word) - d->len) * 8 & 63;
#pragma unroll
	for (bytes = 1; bytes <= WATCH_ENDING_MAX; bytes++)
		if (watched >> (WATCH_ENDING_SHIFT + bytes) & 1 && d->len >= bytes &&
		    rule_exists(s, WATCH_ENDING, word >> (sizeof(word) - bytes) * 8))
			return 1;
	return 0;
}

/* Books a name: true, if it ends a tail that is watched. */
INLINE int name_watched(const struct settings *s, struct watch_check *c, __u64 name,
                        int may_be_tail)
{
	__u64 hash = name_hash(name), count = c->count;

	BARRIER(count);
	c->names[count & (WATCH_NAMES - 1)] = hash;
	c->count = ++count;
	if (!may_be_tail || count > WATCH_TAIL_MAX)
		return 0;
	c->tail = filter_hash(c->tail, hash);
	return s->watched >> (WATCH_TAIL_SHIFT + count) & 1 && rule_exists(s, WATCH_TAIL, c->tail);
}

INLINE int mount_cross(const struct walk_offsets *o, struct watch_position *at)
{
	if (at->part.parent == at->mount)
		return WALK_DONE; /* the root of the mount namespace */
	at->dentry = at->part.mountpoint;
	at->mount = at->part.parent;
	return mount_read(o, at) || !at->dentry ? WALK_FAILED : WALK_MORE;
}

INLINE int watch_step(const struct settings *s, struct watch_check *c, const struct walk_offsets *o,
                      struct watch_position *at, int first, int may_be_tail)
{
	struct dentry_part d;

	if (at->dentry == at->part.root)
		return mount_cross(o, at);
	if (dentry_read(o, at->dentry, &d) || !d.parent || !d.name)
		return WALK_FAILED;
	if (d.parent == at->dentry)
		return WALK_DONE;
	if (first && !c->count && ending_watched(s, &d))
		return WALK_TOP;
	if (name_watched(s, c, d.name, may_be_tail))
		return WALK_TOP;
	at->dentry = d.parent;
	return WALK_MORE;
}

/* From the root on. */
INLINE int root_watched(const struct settings *s, struct watch_check *c)
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
		if (s->watched >> (WATCH_BELOW_SHIFT + i) & 1 && rule_exists(s, WATCH_BELOW, hash))
			return 1;
	}
	return 0;
}

/* The mount 0 is that of a dentry of which no more is known: its file system's root ends it. */
INLINE int watch_run(const struct layout *layout, struct watch_check *c, const struct settings *s)
{
	struct watch_position at = { .dentry = c->walk.dentry, .mount = c->walk.mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (s->watched & WATCH_ALL)
		return WATCH_YES;
	if (path_offsets_init(layout, &o) || parts_apart(layout, &o) ||
	    (at.mount && mount_read(&o, &at)))
		return WATCH_YES;
#pragma unroll
	for (i = 0; i < WATCH_STEPS; i++) {
		result = watch_step(s, c, &o, &at, i < 2, i < WATCH_TAIL_MAX + 2);
		if (result != WALK_MORE)
			break;
	}
	c->walk.dentry = at.dentry;
	c->walk.mount = at.mount;
	if (result == WALK_MORE)
		return WATCH_MORE;
	return result != WALK_DONE || root_watched(s, c) ? WATCH_YES : WATCH_NO;
}

#endif
