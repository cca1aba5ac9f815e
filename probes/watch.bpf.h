/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Is a path watched? Before anything is read for an event, by hashes of its
 * names: the last bytes and the last names first, then, at the root, the names
 * from there on. A path that cannot be followed is watched.
 */
#ifndef PROBES_WATCH_BPF_H
#define PROBES_WATCH_BPF_H

#include "probes/walk.bpf.h"

/* Steps a program: the limit is its size. */
#define WATCH_STEPS 10

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

/* enum watch_begin, any of them: as what a rule may have this value. */
INLINE __u32 begins(const struct settings *s, __u64 value)
{
	__u64 index = begin_index(value);

	BARRIER(index);
	return s->begins[index & 1023];
}

/*
 * What a step needs of a dentry, or of a mount, in one read: members that follow
 * one another in every kernel that we know. The loader says where, and where they
 * do not it has all watched (filter_settings()). A short name lies in the dentry,
 * behind d_inode: the pointer to it says so.
 */
struct dentry_part {
	__u64 parent;
	__u32 hash, len; /* of the name */
	__u64 name;
	__u64 inode;
	__u64 words[WATCH_NAME_WORDS]; /* what the name begins with, and what lies behind it */
};

struct mount_part {
	__u64 parent, mountpoint, root;
};

struct path_part {
	__u64 mnt, dentry;
};

INLINE int dentry_read(const struct settings *s, __u64 dentry, struct dentry_part *ret)
{
	__u64 part = dentry + s->dentry_part;
	int failed = bpf_probe_read(ret, sizeof(*ret), (void *)part);

	if (ret->name != part + __builtin_offsetof(struct dentry_part, words))
		failed |= bpf_probe_read(ret->words, sizeof(ret->words), (void *)ret->name);
	return failed;
}

/* The first bytes of a word, as many as a name has left of it. */
INLINE __u64 word_of(__u64 word, __u32 left)
{
	if (left >= sizeof(word))
		return word;
	return word & ((1ULL << (left * 8 & 63)) - 1);
}

/* As filter_path_name_value() in the loader has it: of the words that a name has. */
INLINE __u64 name_hash(const struct dentry_part *d)
{
	__u64 hash = 0;
	__u32 i;

#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS && d->len > i * 8; i++) {
		hash = filter_hash(hash, word_of(d->words[i], d->len - i * 8));
		BARRIER(hash);
	}
	return hash;
}

/* Where the check is; part is of the mount. */
struct watch_position {
	__u64 dentry, mount;
	struct mount_part part;
};

INLINE int mount_read(const struct settings *s, struct watch_position *at)
{
	return bpf_probe_read(&at->part, sizeof(at->part), (void *)(at->mount + s->mount_part));
}

/* The last bytes of a name, the last one uppermost: of its last two words, by its length. */
INLINE __u64 words_last(__u64 before, __u64 word, __u32 len)
{
	__u32 bytes = len & (sizeof(word) - 1); /* in the last one */

	if (!bytes)
		return word;
	word <<= 64 - bytes * 8;
	return len < sizeof(word) ? word : word | before >> bytes * 8;
}

INLINE __u64 word_last(const struct dentry_part *d)
{
	__u64 word = 0, before = 0;
	__u32 i;

	if (d->len > sizeof(d->words)) {
		bpf_probe_read(&word, sizeof(word), (void *)(d->name + d->len - sizeof(word)));
		return word;
	}
#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS && d->len > i * 8; i++) {
		before = word;
		word = d->words[i];
		BARRIER(word);
	}
	return words_last(before, word, d->len);
}

/* By the last bytes of the last name, shifted for each length. */
INLINE int ending_watched(const struct settings *s, const struct dentry_part *d)
{
	__u32 watched = s->watched, bytes;
	__u64 word;

	if (!(watched >> WATCH_ENDING_SHIFT))
		return 0;
	word = word_last(d);
#pragma unroll
	for (bytes = 1; bytes <= WATCH_ENDING_MAX; bytes++)
		if (watched >> (WATCH_ENDING_SHIFT + bytes) & 1 && d->len >= bytes &&
		    rule_exists(s, WATCH_ENDING, word >> (sizeof(word) - bytes) * 8))
			return 1;
	return 0;
}

/* True: with the name at index, counted from the leaf on, ends a tail that is watched. */
INLINE int tail_watched(const struct settings *s, struct watch_check *c, __u64 hash, __u32 index)
{
	c->tail = filter_hash(c->tail, hash);
	return s->watched >> (WATCH_TAIL_SHIFT + 1 + index) & 1 &&
	       rule_exists(s, WATCH_TAIL, c->tail);
}

/* Books a name: true, if it ends a tail that is watched. */
INLINE int name_watched(const struct settings *s, struct watch_check *c, __u64 hash,
                        int may_be_tail)
{
	__u64 count = c->count;

	BARRIER(count);
	c->names[count & (WATCH_NAMES - 1)] = hash;
	c->count = count + 1;
	return may_be_tail && count < WATCH_TAIL_MAX && tail_watched(s, c, hash, count);
}

INLINE int mount_cross(const struct settings *s, struct watch_position *at)
{
	if (at->part.parent == at->mount)
		return WALK_DONE; /* the root of the mount namespace */
	at->dentry = at->part.mountpoint;
	at->mount = at->part.parent;
	return mount_read(s, at) || !at->dentry ? WALK_FAILED : WALK_MORE;
}

/* Where the first path begins: it may be a file, or a directory, on which is mounted. */
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
 * The last name, by which alone an ending is told. The second one of two paths is
 * done with it where it is in the directory of the first one, as most are: that one
 * is not watched, and all but the last name is known.
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
		return WALK_DONE;
	if (ending_watched(s, &d))
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
		return WALK_DONE;
	if (name_watched(s, c, name_hash(&d), may_be_tail))
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

/* ---- at a glance ------------------------------------------------------ */

/*
 * Of most paths it takes little to see that they are not watched: no rule ends as
 * their last name does, and none begins with their first names. What is left is
 * for watch_run() to say.
 */

/* May a rule be about such a last name? last: its last bytes, as words_last() has them. */
INLINE int leaf_glance(const struct settings *s, __u64 last)
{
	__u32 two = begins(s, last >> 48);

	return two & BEGIN_LAST && (two & BEGIN_ENDING || begins(s, last) & BEGIN_TAIL);
}

/* The same; of longer names, which are not compared to their end, it is not asked. */
INLINE int name_glance(const struct settings *s, const struct dentry_part *d)
{
	return d->len >= WATCH_NAME_BYTES || leaf_glance(s, word_last(d));
}

/* The names nearest to the root so far; 0: none. */
struct first_names {
	__u64 first, second;
};

INLINE void first_names_add(struct first_names *names, __u64 hash)
{
	names->second = names->first;
	names->first = hash;
}

/* May a rule begin with them? */
INLINE int root_glance(const struct settings *s, const struct first_names *names)
{
	__u64 hash = filter_hash(0, names->first);
	__u32 one = begins(s, hash);

	return !names->first ||
	       (one & BEGIN_FIRST &&
	        (one & BEGIN_ONE || begins(s, filter_hash(hash, names->second)) & BEGIN_TWO));
}

/* The same of two paths that differ in their last name, which may be one of the first. */
INLINE int roots_glance(const struct settings *s, struct first_names *names, __u64 last,
                        __u64 other)
{
	if (root_glance(s, names))
		return 1;
	if (!other || (names->first != last && names->second != last))
		return 0;
	if (names->second == last)
		names->second = other;
	else
		names->first = other;
	return root_glance(s, names);
}

/* On to the root of the mount namespace. */
INLINE int names_walk(const struct settings *s, struct watch_position *at,
                      struct first_names *names)
{
	struct dentry_part d;
	int i, result = WALK_MORE;

#pragma unroll
	for (i = 0; i < WATCH_STEPS; i++) {
		if (result == WALK_MORE) {
			if (at->dentry == at->part.root) {
				result = mount_cross(s, at);
			} else if (dentry_read(s, at->dentry, &d) || d.parent == at->dentry) {
				result = WALK_FAILED;
			} else {
				first_names_add(names, name_hash(&d));
				at->dentry = d.parent;
			}
		}
	}
	return result;
}

/* Of other, the second one of two paths, the directory has to be that of the first one. */
INLINE int path_glance(const struct settings *s, __u64 dentry, __u64 mount, __u64 other)
{
	struct watch_position at = { .dentry = dentry, .mount = mount };
	struct first_names names = { 0, 0 };
	struct dentry_part d;
	__u64 hash, other_hash = 0;

	if (mount_read(s, &at) || dentry == at.part.root || dentry_read(s, dentry, &d) ||
	    d.parent == dentry || name_glance(s, &d))
		return 1;
	hash = name_hash(&d);
	at.dentry = d.parent;
	if (other) {
		if (dentry_read(s, other, &d) || d.parent != at.dentry || name_glance(s, &d))
			return 1;
		other_hash = name_hash(&d);
	}
	first_names_add(&names, hash);
	return names_walk(s, &at, &names) != WALK_DONE || roots_glance(s, &names, hash, other_hash);
}

#endif
