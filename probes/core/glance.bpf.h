/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A quick check: for most paths a few reads show that no watch rule matches. No
 * rule ends as their last name does, and none begins with their first names.
 * The whole check (core/watch.bpf.h) decides about the rest.
 */
#ifndef PROBES_CORE_GLANCE_BPF_H
#define PROBES_CORE_GLANCE_BPF_H

#include "probes/core/watch_name.bpf.h"

/* Steps of a path; a longer one is left to the whole check. */
#define GLANCE_STEPS 10

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

/* May a rule begin with them? */
INLINE int root_glance(const struct settings *s, const struct first_names *names)
{
	__u64 hash = filter_hash(0, names->first);
	__u32 one = begins(s, hash);

	return !names->first ||
	       (one & BEGIN_FIRST &&
	        (one & BEGIN_ONE || begins(s, filter_hash(hash, names->second)) & BEGIN_TWO));
}

/*
 * The same for two paths that differ in their last name, which may be one of
 * the first two.
 */
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

/* Walks to the root of the mount namespace. */
INLINE int names_walk(const struct settings *s, struct watch_position *at,
                      struct first_names *names)
{
	struct dentry_part d;
	int i, result = WALK_MORE;

#pragma unroll
	for (i = 0; i < GLANCE_STEPS; i++) {
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

/*
 * True: the whole check has to decide. other: the second of two paths, which
 * has to be in the directory of the first one; 0: none.
 */
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
