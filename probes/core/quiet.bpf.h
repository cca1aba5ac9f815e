/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The quick check of programs at fentry. Most file operations are in places
 * where no rule begins: a place that was seen to be quiet is a number in an
 * array, and the next path there costs no helper.
 */
#ifndef PROBES_CORE_QUIET_BPF_H
#define PROBES_CORE_QUIET_BPF_H

#include "probes/core/fentry.bpf.h"
#include "probes/core/glance.bpf.h"

/* Longer paths are left to the whole check. */
#define GLANCE_NAMES 24

/* The place of a member of struct dentry_part, behind its first one. */
#define IN_DENTRY(member) __builtin_offsetof(struct dentry_part, member)

/*
 * True: the name of this dentry is inside of it, and so are all other names
 * that are as short.
 */
INLINE int name_inside(__u64 dentry)
{
	__u64 part = PLACE(dentry, DENTRY_PARENT), words = part + IN_DENTRY(words);

	/* Otherwise clang replaces it by the value that it is compared with, which has no type. */
	BARRIER(words);
	return LOAD(__u64, part + IN_DENTRY(name)) == words;
}

/*
 * A name of less than DNAME_INLINE_LEN bytes, which is 32 or more since 2.6
 * (include/linux/dcache.h).
 */
struct typed_name {
	__u64 parent; /* 0: the name is longer */
	__u64 hash;
	__u64 last; /* its last bytes, from words_last() */
};

INLINE void name_load(__u64 dentry, struct typed_name *ret)
{
	__u64 part = PLACE(dentry, DENTRY_PARENT), word = 0, before = 0;
	__u32 len = LOAD(__u32, part + IN_DENTRY(len)), i;

	ret->parent = ret->hash = 0;
	if (len >= WATCH_NAME_BYTES)
		return;
#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS; i++) {
		if (!i || len > i * 8) {
			before = word;
			word = LOAD(__u64, part + IN_DENTRY(words) + i * 8);
			ret->hash = filter_hash(ret->hash, word_of(word, len - i * 8));
		}
	}
	ret->last = words_last(before, word, len);
	ret->parent = LOAD(__u64, part + IN_DENTRY(parent));
}

INLINE __u64 name_hash_load(__u64 dentry)
{
	struct typed_name name;

	name_load(dentry, &name);
	return name.hash;
}

/*
 * Places where no rule begins: a mount, or the first one or two directories
 * below its root. Value: place_add() of them plus the tick in which the place
 * was seen to be quiet, as anything above it may be renamed or moved. Index:
 * the upper bits of the place.
 */
volatile __u64 quiet_places[1 << QUIET_BITS];

INLINE __u64 place_add(__u64 place, __u64 value)
{
	return (place ^ value) * SPREAD;
}

INLINE __u64 place_of(__u64 mnt, __u64 root)
{
	return place_add(place_add(SETTINGS->number, number_of(mnt)), number_of(root));
}

/* A directory is another place once it is renamed. */
INLINE __u64 place_below(__u64 place, __u64 directory)
{
	__u64 part = PLACE(directory, DENTRY_PARENT);

	return place_add(place_add(place, number_of(directory)),
	                 LOAD(__u32, part + IN_DENTRY(hash)));
}

INLINE int place_quiet(__u64 place, __u64 now)
{
	return quiet_places[place >> (64 - QUIET_BITS)] == place + now;
}

/* The dentries between the root of a mount and the last name of a path. */
struct typed_top {
	__u64 first, second; /* counted from the root; 0: none */
};

/* parent: that of the last name. True: the root was not found. */
INLINE int top_find(__u64 parent, __u64 root, struct typed_top *ret)
{
	__u64 first = 0, second = 0;
	int i;

	for (i = 0; i < GLANCE_NAMES && parent != root; i++) {
		second = first;
		first = parent;
		parent = LOAD(__u64, PLACE(first, DENTRY_PARENT));
	}
	ret->first = first;
	ret->second = second;
	return parent != root;
}

/*
 * The last name of a path, or of two paths in one directory. True: a rule may
 * match it.
 */
INLINE int last_names_load(__u64 dentry, __u64 other, struct typed_name *name,
                           struct typed_name *other_name)
{
	name_load(dentry, name);
	if (!name->parent || leaf_glance(SETTINGS, name->last) ||
	    is_linked_at(SETTINGS, PLACE(dentry, DENTRY_INODE)))
		return 1;
	if (!other)
		return 0;
	name_load(other, other_name);
	return other_name->parent != name->parent || leaf_glance(SETTINGS, other_name->last) ||
	       is_linked_at(SETTINGS, PLACE(other, DENTRY_INODE));
}

/*
 * True: no rule matches the last name, and none begins where the path is. mnt:
 * struct vfsmount.
 */
INLINE int quiet(__u64 dentry, __u64 mnt, __u64 other)
{
	__u64 root = LOAD(__u64, PLACE(mnt, VFSMOUNT_ROOT)), place, now;
	struct typed_name name, other_name;
	struct typed_top top;

	if (dentry == root || last_names_load(dentry, other, &name, &other_name) ||
	    top_find(name.parent, root, &top))
		return 0;
	now = bpf_jiffies64();
	place = place_of(mnt, root);
	if (place_quiet(place, now))
		return 1;
	if (!top.first)
		return 0;
	place = place_below(place, top.first);
	if (place_quiet(place, now))
		return 1;
	return top.second && place_quiet(place_below(place, top.second), now);
}

/* The last name decides, which is in no place. */
#define NOT_IN_DIRECTORIES 3

/*
 * Adds to the first names those that are below the root of the mount. Returns how
 * many directories there decide.
 */
INLINE __u32 names_fill(const struct typed_top *top, const __u64 *hashes, __u64 last,
                        struct first_names *names)
{
	__u32 used = 0;

	if (!names->first) {
		names->first = top->first ? hashes[0] : last;
		if (!top->first)
			return NOT_IN_DIRECTORIES;
		used = 1;
	}
	if (names->second || !(begins(SETTINGS, filter_hash(0, names->first)) & BEGIN_FIRST))
		return used;
	if (used ? !top->second : !top->first) {
		names->second = last;
		return NOT_IN_DIRECTORIES;
	}
	names->second = used ? hashes[1] : hashes[0];
	return used + 1;
}

/*
 * From the root of a mount to that of the file system: mostly it is the same. True:
 * it was not found.
 */
INLINE int place_walk(struct names_walk *w)
{
	__u64 dentry = w->at.part.root, parent = 0, first = 0, second = 0;
	struct dentry_part d;
	int i;

	for (i = 0; i < GLANCE_NAMES; i++) {
		parent = 0;
		bpf_probe_read(&parent, sizeof(parent), (void *)(dentry + SETTINGS->dentry_part));
		if (parent == dentry)
			break;
		second = first;
		first = dentry;
		dentry = parent;
	}
	if (parent != dentry || dentry_read(SETTINGS, dentry, &d))
		return 1;
	w->top = d.inode;
	w->place.first = name_read(SETTINGS, first);
	w->place.second = name_read(SETTINGS, second);
	return 0;
}

/*
 * The same as path_glance(), without a helper up to the root of the mount. It
 * notes quiet places.
 */
SUBPROGRAM int f1_glance(__u64 dentry, __u64 mnt, __u64 other)
{
	__u64 root = LOAD(__u64, PLACE(mnt, VFSMOUNT_ROOT)), now = bpf_jiffies64(), place;
	struct names_walk w = { .at = { .mount = mnt - CONSTANT(MOUNT_MNT) } };
	struct typed_name name, other_name = { .hash = 0 };
	__u64 hashes[2] = { 0, 0 };
	struct typed_top top;
	__u32 used, place_used;

	if (dentry == root || !name_inside(dentry) ||
	    last_names_load(dentry, other, &name, &other_name) ||
	    top_find(name.parent, root, &top) || mount_read(SETTINGS, &w.at))
		return 1;
	w.at.dentry = w.at.part.root;
	if (place_walk(&w) || outside_walk(SETTINGS, &w))
		return 1;
	if (top.first)
		hashes[0] = name_hash_load(top.first);
	if (top.second)
		hashes[1] = name_hash_load(top.second);
	used = names_fill(&top, hashes, name.hash, &w.names);
	place_used = names_fill(&top, hashes, name.hash, &w.place);
	if (place_used > used)
		used = place_used;
	if (names_glance(SETTINGS, &w, name.hash, other_name.hash))
		return 1;
	if (used == NOT_IN_DIRECTORIES)
		return 0;
	place = place_of(mnt, root);
	if (used)
		place = place_below(place, top.first);
	if (used > 1)
		place = place_below(place, top.second);
	quiet_places[place >> (64 - QUIET_BITS)] = place + now;
	return 0;
}

#endif
