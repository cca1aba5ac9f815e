/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Files that a rule matches by one of their names (hard links): what is done to
 * them by another name matches as well.
 */
#ifndef PROBES_CORE_LINKED_BPF_H
#define PROBES_CORE_LINKED_BPF_H

#include "probes/core/watch_name.bpf.h"

/* Most hosts have none. */
INLINE int links_exist(void)
{
	__u32 any = LINK_ANY, *mark = bpf_map_lookup_elem(&link_marks, &any);

	return mark && *mark;
}

/* inode 0: there is no file. */
INLINE int is_linked(const struct settings *s, __u64 inode)
{
	struct linked_file key = { .number = 0 };
	__u32 slot, *mark;

	if (!inode || !links_exist())
		return 0;
	bpf_probe_read(&key.number, sizeof(key.number), (void *)(inode + s->inode_ino));
	slot = link_slot(key.number);
	mark = bpf_map_lookup_elem(&link_marks, &slot);
	if (!mark || !*mark)
		return 0;
	key.device = device_of(s, inode);
	return bpf_map_lookup_elem(&linked_files, &key) != 0;
}

/* The same of the inode that a pointer there leads to. */
INLINE int is_linked_at(const struct settings *s, __u64 at)
{
	__u64 inode = 0;

	if (!links_exist())
		return 0;
	bpf_probe_read(&inode, sizeof(inode), (void *)at);
	return is_linked(s, inode);
}

INLINE int linked_key(const struct layout *layout, struct linked_file *key, __u64 inode)
{
	key->zero = 0;
	return READ(layout, &key->number, inode, INODE_INO) |
	       READ(layout, &key->device, POINTER(layout, inode, INODE_SB), SB_DEV);
}

INLINE void linked_keep(const struct layout *layout, __u64 inode)
{
	__u32 one = 1, any = LINK_ANY, lost = LINK_LOST, slot, *count;
	struct linked_file key;

	if (linked_key(layout, &key, inode))
		return;
	slot = link_slot(key.number);
	bpf_map_update_elem(&link_marks, &slot, &one, BPF_ANY);
	bpf_map_update_elem(&link_marks, &any, &one, BPF_ANY);
	if (!bpf_map_update_elem(&linked_files, &key, &one, BPF_ANY))
		return;
	count = bpf_map_lookup_elem(&link_marks, &lost);
	if (count)
		__sync_fetch_and_add(count, 1);
}

/* Its last name is gone. */
INLINE void linked_drop(const struct layout *layout, __u64 inode)
{
	struct linked_file key;

	if (!linked_key(layout, &key, inode))
		bpf_map_delete_elem(&linked_files, &key);
}

#endif
