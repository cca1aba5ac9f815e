/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Where the texts of an exec begin, and how paths lead upwards: from a dentry to
 * its parent, at a mount's root on to where it is mounted, up to the root of the
 * mount namespace; from a cgroup to its parent.
 */
#ifndef PROBES_WALK_BPF_H
#define PROBES_WALK_BPF_H

#include "probes/attempt.bpf.h"
#include "probes/exec.bpf.h"
#include "probes/filter.bpf.h"

/* A struct path at base + offset becomes a walk. */
INLINE void walk_init(const struct layout *layout, struct walk *walk, __u64 base, __u32 offset)
{
	__u64 path = base && offset != LAYOUT_ABSENT ? base + offset : 0;
	__u64 mnt = POINTER(layout, path, PATH_MNT);

	walk->dentry = walk->mount = 0;
	if (mnt && OFFSET(layout, MOUNT_MNT) != LAYOUT_ABSENT) {
		walk->dentry = POINTER(layout, path, PATH_DENTRY);
		walk->mount = mnt - OFFSET(layout, MOUNT_MNT);
	}
}

/* Offsets that a step needs, summed where two always go together. */
struct walk_offsets {
	__u32 parent, name, skip, mount_parent, mountpoint, mount_root;
	__u32 top; /* DONE for a cgroup, FAILED for a dentry: each has one */
};

enum walk_result {
	WALK_MORE, /* the program's steps are used up */
	WALK_DONE,
	WALK_TOP,  /* no parent: walk_offsets.top says what that means */
	WALK_LONG, /* no room: the path is cut at the root's side */
	WALK_FAILED,
};

/* Non-zero: a fact is absent. */
INLINE int path_offsets_init(const struct layout *layout, struct walk_offsets *o)
{
	__u32 d_name = VALUE(layout, DENTRY_NAME), name = VALUE(layout, QSTR_NAME);
	__u32 mnt = VALUE(layout, MOUNT_MNT), root = VALUE(layout, VFSMOUNT_ROOT);

	o->parent = VALUE(layout, DENTRY_PARENT);
	o->mount_parent = VALUE(layout, MOUNT_PARENT);
	o->mountpoint = VALUE(layout, MOUNT_MOUNTPOINT);
	o->name = d_name + name;
	o->skip = 0;
	o->mount_root = mnt + root;
	o->top = WALK_FAILED;
	return (d_name == LAYOUT_ABSENT) | (name == LAYOUT_ABSENT) | (mnt == LAYOUT_ABSENT) |
	       (root == LAYOUT_ABSENT) | (o->parent == LAYOUT_ABSENT) |
	       (o->mount_parent == LAYOUT_ABSENT) | (o->mountpoint == LAYOUT_ABSENT);
}

INLINE int cgroup_offsets_init(const struct layout *layout, struct walk_offsets *o)
{
	__u32 parent = VALUE(layout, CGROUP_PARENT), name = VALUE(layout, CGROUP_NAME);

	o->parent = VALUE(layout, KERNFS_PARENT);
	o->name = VALUE(layout, KERNFS_NAME);
	o->skip = 0;
	o->top = WALK_DONE;
	if (name != LAYOUT_ABSENT) {
		o->parent = parent;
		o->name = name;
		o->skip = CGROUP_NAME_SKIP;
	}
	return (o->parent == LAYOUT_ABSENT) | (o->name == LAYOUT_ABSENT);
}

INLINE int walk_offsets_init(const struct layout *layout, struct walk_offsets *o, __u64 text)
{
	int absent = path_offsets_init(layout, o);

	if (text == TEXT_CGROUP || text == TEXT_CGROUP_V1)
		absent = cgroup_offsets_init(layout, o);
	return absent;
}

/* Where a walk is; root and parent belong to the mount. */
struct position {
	__u64 dentry, mount, root, parent;
};

/* A pointer, or 0: probe_read zeroes what it cannot read. Few instructions: a step has five. */
INLINE __u64 follow(__u64 base, __u32 offset)
{
	__u64 value = 0;

	bpf_probe_read(&value, sizeof(value), (void *)(base + offset));
	return value;
}

/* False: a dentry whose mount says nothing. */
INLINE int position_init(struct position *at, const struct walk_offsets *o)
{
	at->root = at->parent = 0;
	if (!at->mount)
		return 1;
	at->root = follow(at->mount, o->mount_root);
	at->parent = follow(at->mount, o->mount_parent);
	return at->root != 0;
}

/* From a mount's root to where it is mounted. */
INLINE int mount_step(const struct walk_offsets *o, struct position *at)
{
	if (at->parent == at->mount)
		return WALK_DONE; /* the root of the mount namespace */
	at->dentry = follow(at->mount, o->mountpoint);
	at->mount = at->parent;
	at->parent = follow(at->mount, o->mount_parent);
	at->root = follow(at->mount, o->mount_root);
	return at->dentry && at->root ? WALK_MORE : WALK_FAILED;
}

#endif
