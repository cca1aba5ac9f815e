/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Number and device as stat() shows them, where these are not what the inode
 * has: in btrfs the device is the subvolume's; in overlayfs the number is that
 * of the file in the upper layer, if it is there, else this one's own.
 */
#ifndef PROBES_INODE_BPF_H
#define PROBES_INODE_BPF_H

#include "read.bpf.h"

/* The first four bytes of the name of a type of file systems. */
#define FS_BTRFS   0x66727462U
#define FS_OVERLAY 0x7265766fU

INLINE __u32 fs_word(const struct layout *layout, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB);
	__u64 name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	__u32 word = 0;

	bpf_probe_read(&word, sizeof(word), (void *)name);
	return word;
}

INLINE void btrfs_device_read(const struct layout *layout, __u64 inode, __u32 *ret)
{
	__u64 btrfs = inode - OFFSET(layout, BTRFS_INODE_VFS_INODE);

	if (OFFSET(layout, BTRFS_ROOT_ANON_DEV) != LAYOUT_ABSENT)
		READ(layout, ret, POINTER(layout, btrfs, BTRFS_INODE_ROOT), BTRFS_ROOT_ANON_DEV);
}

/* From 4.13 on (13cf199d0088); before that what is open is the layer's file itself. */
INLINE void overlay_number_read(const struct layout *layout, __u64 inode, __u64 *ret)
{
	__u64 overlay = inode - OFFSET(layout, OVL_INODE_VFS_INODE), upper;

	if (OFFSET(layout, OVL_INODE_VFS_INODE) == LAYOUT_ABSENT)
		return;
	upper = POINTER(layout, POINTER(layout, overlay, OVL_INODE_UPPER), DENTRY_INODE);
	READ(layout, ret, upper, INODE_INO);
}

/* number and device are those of the inode before, and stay so where no more is known. */
INLINE void inode_as_stat(const struct layout *layout, __u64 inode, __u64 *number, __u32 *device)
{
	__u32 word = fs_word(layout, inode);

	if (word == FS_BTRFS)
		btrfs_device_read(layout, inode, device);
	if (word == FS_OVERLAY)
		overlay_number_read(layout, inode, number);
}

#endif
