/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A quick check: for most paths a few reads show that no watch rule matches. No
 * rule ends as their last name does, and none begins with their first names.
 * The whole check (core/watch.bpf.h) decides about the rest.
 */
#ifndef PROBES_CORE_GLANCE_BPF_H
#define PROBES_CORE_GLANCE_BPF_H

#include "probes/core/linked.bpf.h"
#include "probes/core/watch_name.bpf.h"

/* Steps of a path; a longer one is left to the whole check. */
#define GLANCE_PARENTS 14
#define GLANCE_OUTSIDE 6

/*
 * May a rule match such a last name? last: its last bytes, from words_last().
 */
INLINE int leaf_glance(const struct settings *s, __u64 last)
{
	__u32 two = begins(s, last >> 48);

	return two & BEGIN_LAST && (two & BEGIN_ENDING || begins(s, last) & BEGIN_TAIL);
}

/*
 * The same; for longer names, which are not compared to their end, the answer
 * is yes.
 */
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

/*
 * May a rule begin with them? Without a branch: each would double what the
 * verifier walks.
 */
INLINE __u32 root_glance(const struct settings *s, const struct first_names *names)
{
	__u64 hash = filter_hash(0, names->first);
	__u32 one = begins(s, hash), two = begins(s, filter_hash(hash, names->second));

	return one / BEGIN_FIRST & (one / BEGIN_ONE | two / BEGIN_TWO) & 1;
}

/* other in place of last, without a branch as well. */
INLINE __u64 hash_replace(__u64 hash, __u64 last, __u64 other)
{
	__u64 differ = hash ^ last;

	BARRIER(differ);
	return hash ^ ((hash ^ other) & (((differ | -differ) >> 63) - 1));
}

/* Of two paths that differ in their last name, which may be one of the first two. */
INLINE void name_replace(struct first_names *names, __u64 last, __u64 other)
{
	names->first = hash_replace(names->first, last, other);
	names->second = hash_replace(names->second, last, other);
}

/* The way of a path to its root. */
struct names_walk {
	struct watch_position at;
	struct first_names names; /* in the mount namespace */
	struct first_names place; /* in the file system */
	__u64 top;                /* inode of the root of the file system */
};

INLINE __u64 name_read(const struct settings *s, __u64 dentry)
{
	struct dentry_part d;

	return dentry && !dentry_read(s, dentry, &d) ? name_hash(&d) : 0;
}

/*
 * From a dentry to the root of its mount; of the names only those are read that lie
 * below it. below: the dentry before. True: the root was not found, or is not that of
 * the file system, as on a bind mount of a directory.
 */
INLINE int inside_walk(const struct settings *s, struct names_walk *w, __u64 dentry, __u64 below)
{
	__u64 first = below, second = 0, parent;
	struct dentry_part d;
	int i;

#pragma unroll
	for (i = 0; i < GLANCE_PARENTS; i++) {
		if (dentry != w->at.part.root) {
			parent = 0;
			bpf_probe_read(&parent, sizeof(parent), (void *)(dentry + s->dentry_part));
			second = first;
			first = dentry;
			dentry = parent;
		}
	}
	if (dentry != w->at.part.root || dentry_read(s, dentry, &d) || d.parent != dentry)
		return 1;
	w->top = d.inode;
	w->at.dentry = dentry;
	w->names.first = name_read(s, first);
	w->names.second = name_read(s, second);
	w->place = w->names;
	return 0;
}

/* From the root of the mount to that of the mount namespace. */
INLINE int outside_walk(const struct settings *s, struct names_walk *w)
{
	int i, result = WALK_MORE;
	struct dentry_part d;

#pragma unroll
	for (i = 0; i < GLANCE_OUTSIDE; i++) {
		if (result != WALK_MORE)
			continue;
		if (w->at.dentry == w->at.part.root) {
			result = mount_cross(s, &w->at);
		} else if (dentry_read(s, w->at.dentry, &d) || d.parent == w->at.dentry) {
			result = WALK_FAILED;
		} else {
			first_names_add(&w->names, name_hash(&d));
			w->at.dentry = d.parent;
		}
	}
	return result != WALK_DONE;
}

/* Is there a rule for the whole file system? */
INLINE int device_glance(const struct settings *s, __u64 top)
{
	return s->places >> WATCH_PLACE_SHIFT & 1 &&
	       begins(s, place_seed(device_of(s, top))) & BEGIN_DEVICE;
}

/*
 * May a rule begin with what was found? last: the last name of a path; other: that of
 * a second path in the same directory, or 0.
 */
INLINE int names_glance(const struct settings *s, struct names_walk *w, __u64 last, __u64 other)
{
	__u32 found = root_glance(s, &w->names) | root_glance(s, &w->place);

	if (other) {
		name_replace(&w->names, last, other);
		name_replace(&w->place, last, other);
		found |= root_glance(s, &w->names) | root_glance(s, &w->place);
	}
	return found || device_glance(s, w->top);
}

/*
 * True: the whole check has to decide. other: the second of two paths, which
 * has to be in the directory of the first one; 0: none.
 */
INLINE int path_glance(const struct settings *s, __u64 dentry, __u64 mount, __u64 other)
{
	struct names_walk w = { .at = { .dentry = dentry, .mount = mount } };
	__u64 hash, other_hash = 0, parent, inode;
	struct dentry_part d;

	if (mount_read(s, &w.at) || dentry == w.at.part.root || dentry_read(s, dentry, &d) ||
	    d.parent == dentry || name_glance(s, &d))
		return 1;
	hash = name_hash(&d);
	parent = d.parent;
	inode = d.inode;
	if (other) {
		if (dentry_read(s, other, &d) || d.parent != parent || name_glance(s, &d))
			return 1;
		other_hash = name_hash(&d);
		inode = inode ? inode : d.inode; /* of a link: the new name has none yet */
	}
	return inside_walk(s, &w, parent, dentry) || outside_walk(s, &w) ||
	       names_glance(s, &w, hash, other_hash) || is_linked(s, inode);
}

#endif
