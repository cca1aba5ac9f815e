/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The cgroups of a task: in version 2, and in one hierarchy of version 1. */
#ifndef PROBES_CORE_CGROUP_BPF_H
#define PROBES_CORE_CGROUP_BPF_H

#include "probes/core/read.bpf.h"

/* struct cgroup_name { struct rcu_head rcu_head; char name[]; }, until 3.15. */
#define CGROUP_NAME_SKIP 16

/*
 * The object that has the name of a cgroup: the cgroup itself until 3.15
 * (2bd59d48ebfb), then its kernfs_node.
 */
INLINE __u64 cgroup_named(const struct layout *layout, __u64 cgroup)
{
	if (OFFSET(layout, CGROUP_NAME) != LAYOUT_ABSENT)
		return cgroup;
	return POINTER(layout, cgroup, CGROUP_KN);
}

/* Of that object: where its parent is, and its name. */
struct cgroup_offsets {
	__u32 parent, name, skip;
};

/* Non-zero: an offset is absent. */
INLINE int cgroup_offsets_find(const struct layout *layout, struct cgroup_offsets *ret)
{
	__u32 parent = VALUE(layout, CGROUP_PARENT), name = VALUE(layout, CGROUP_NAME);

	ret->parent = VALUE(layout, KERNFS_PARENT);
	ret->name = VALUE(layout, KERNFS_NAME);
	ret->skip = 0;
	if (name != LAYOUT_ABSENT) {
		ret->parent = parent;
		ret->name = name;
		ret->skip = CGROUP_NAME_SKIP;
	}
	return (ret->parent == LAYOUT_ABSENT) | (ret->name == LAYOUT_ABSENT);
}

INLINE __u64 cgroup_v2(const struct layout *layout, __u64 task)
{
	__u64 set = POINTER(layout, task, TASK_CGROUPS);

	return cgroup_named(layout, POINTER(layout, set, CSS_SET_DFL_CGRP));
}

/*
 * The cgroup of the memory controller, or that of the CPU controller on kernels
 * without it.
 */
INLINE __u64 cgroup_v1(const struct layout *layout, __u64 task)
{
	__u64 set = POINTER(layout, task, TASK_CGROUPS), css;
	__u32 subsys = VALUE(layout, CSS_SET_SUBSYS), id = VALUE(layout, CGROUP_ID_MEMORY);
	__u32 cpu = VALUE(layout, CGROUP_ID_CPU);

	if (id == LAYOUT_ABSENT)
		id = cpu;
	if (subsys == LAYOUT_ABSENT || id == LAYOUT_ABSENT)
		return 0;
	css = read_pointer(set, subsys + id * sizeof(css));
	return cgroup_named(layout, POINTER(layout, css, CSS_CGROUP));
}

#endif
