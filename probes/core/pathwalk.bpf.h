/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * How a path leads to its root: from a dentry to its parent, from a mount's
 * root to its mount point, and so on to the root of the mount namespace; from a
 * cgroup to its parent.
 */
#ifndef PROBES_CORE_PATHWALK_BPF_H
#define PROBES_CORE_PATHWALK_BPF_H

#include "probes/abi/maps.h"
#include "probes/core/cgroup.bpf.h"
#include "probes/core/read.bpf.h"

/* Starts a walk at the struct path at base + offset. */
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

/* The offsets that a step needs, summed if two always go together. */
struct walk_offsets {
	__u32 parent, name, skip, mount_parent, mountpoint, mount_root;
	__u32 top; /* what WALK_TOP means: DONE for a cgroup, FAILED for a dentry */
};

enum walk_result {
	WALK_MORE, /* the program has no steps left */
	WALK_DONE,
	WALK_TOP,  /* no parent: walk_offsets.top says what that means */
	WALK_LONG, /* no room: the path is cut at its root */
	WALK_FAILED,
};

/* Non-zero: an offset is absent. */
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
	struct cgroup_offsets at;
	int absent = cgroup_offsets_find(layout, &at);

	o->parent = at.parent;
	o->name = at.name;
	o->skip = at.skip;
	o->top = WALK_DONE;
	return absent;
}

INLINE int walk_offsets_init(const struct layout *layout, struct walk_offsets *o, __u64 text)
{
	int absent = path_offsets_init(layout, o);

	if (text == TEXT_CGROUP || text == TEXT_CGROUP_V1)
		absent = cgroup_offsets_init(layout, o);
	return absent;
}

/* Where a walk is. root and parent are those of the mount. */
struct position {
	__u64 dentry, mount, root, parent;
};

/* False: the dentry has a mount whose root cannot be read. */
INLINE int position_init(struct position *at, const struct walk_offsets *o)
{
	at->root = at->parent = 0;
	if (!at->mount)
		return 1;
	at->root = follow(at->mount, o->mount_root);
	at->parent = follow(at->mount, o->mount_parent);
	return at->root != 0;
}

/* From the root of a mount to its mount point. */
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
