/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Number and device of a file as stat() shows them, where they differ from
 * those in the inode: in btrfs the device is that of the subvolume; in
 * overlayfs the number is that of the file in the upper layer, if it is there,
 * unless it was copied there and kept its number; otherwise the inode's own.
 */
#ifndef PROBES_CORE_INODE_BPF_H
#define PROBES_CORE_INODE_BPF_H

#include "probes/core/read.bpf.h"

/* The first four bytes of the name of a file system type. */
#define FS_BTRFS   0x66727462U
#define FS_OVERLAY 0x7265766fU
#define FS_HUGETLB 0x65677568U

INLINE __u32 fs_word(const struct layout *layout, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB);
	__u64 name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	__u32 word = 0;

	bpf_probe_read(&word, sizeof(word), (void *)name);
	return word;
}

INLINE int btrfs_device_read(const struct layout *layout, __u64 inode, __u32 *ret)
{
	__u32 inside = VALUE(layout, BTRFS_INODE_VFS_INODE), root = VALUE(layout, BTRFS_INODE_ROOT);
	__u32 device = VALUE(layout, BTRFS_ROOT_ANON_DEV);

	return device == LAYOUT_ABSENT ||
	       read_at(ret, sizeof(*ret), read_pointer(inode - inside, root), device);
}

/*
 * The inode in the upper layer; 0: none. From 4.13 on (13cf199d0088), and in
 * RHEL7.
 */
INLINE __u64 overlay_upper(const struct layout *layout, __u64 inode, __u32 inside)
{
	__u32 upper = VALUE(layout, OVL_INODE_UPPER), inode_of = VALUE(layout, DENTRY_INODE);

	return read_pointer(read_pointer(inode - inside, upper), inode_of);
}

#define TYPE_BITS      0170000 /* S_IFMT, include/uapi/linux/stat.h */
#define TYPE_DIRECTORY 0040000

/*
 * Does stat() show this number, that of the overlay's own inode, because the file
 * in the lower layer has it? As ovl_getattr() does from 4.12 on (72b608f08528),
 * of names that were one file below only with the index, which is not read here.
 */
INLINE int lower_has(const struct layout *layout, __u64 lower, __u64 number)
{
	__u64 own;
	__u32 links, mode;

	if (!is_kernel(lower))
		return 0;
	own = follow(lower, VALUE(layout, INODE_INO));
	links = follow(lower, VALUE(layout, INODE_NLINK));
	mode = follow(lower, VALUE(layout, INODE_MODE));
	return own == number && (links == 1 || (mode & TYPE_BITS) == TYPE_DIRECTORY);
}

/*
 * Behind the upper dentry a struct ovl_inode has the inode in the lower layer,
 * from 5.19 on (ffa5723c6d25) a struct ovl_path with its dentry, from 6.5 on
 * (0af950f57fef) a pointer to a struct ovl_entry, whose second word begins such a
 * struct. Only what has the very number is taken for it.
 */
INLINE int overlay_kept_number(const struct layout *layout, __u64 inode, __u32 inside, __u64 number)
{
	__u64 upper = inode - inside + VALUE(layout, OVL_INODE_UPPER), next = follow(upper, 8);
	__u32 inode_of = VALUE(layout, DENTRY_INODE);

	return lower_has(layout, next, number) ||
	       lower_has(layout, kernel_follow(follow(upper, 16), inode_of), number) ||
	       lower_has(layout, kernel_follow(kernel_follow(next, 16), inode_of), number);
}

/*
 * Corrects *number and *device, which are those of the inode. *failed: stat()
 * shows others that are not known, as the offsets of the file system's module
 * are missing. Returns the inode that has the size: that of overlayfs has it
 * from 4.19 on.
 */
INLINE __u64 inode_as_stat(const struct layout *layout, __u64 inode, __u64 *number, __u32 *device,
                           int *failed)
{
	__u32 word = fs_word(layout, inode), ino = VALUE(layout, INODE_INO);
	__u32 inside = VALUE(layout, OVL_INODE_VFS_INODE);
	__u64 upper;

	*failed = 0;
	if (word == FS_BTRFS)
		*failed = btrfs_device_read(layout, inode, device);
	if (word != FS_OVERLAY)
		return inode;
	*failed = inside == LAYOUT_ABSENT;
	if (*failed)
		return inode;
	upper = overlay_upper(layout, inode, inside);
	if (!overlay_kept_number(layout, inode, inside, *number))
		read_at(number, sizeof(*number), upper, ino);
	return upper ? upper : inode;
}

INLINE void owner_fill(const struct layout *layout, struct file_owner *owner, __u64 inode)
{
	__u16 mode = 0;

	READ(layout, &mode, inode, INODE_MODE);
	owner->mode = mode;
	READ(layout, &owner->uid, inode, INODE_UID);
	READ(layout, &owner->gid, inode, INODE_GID);
}

/* The file as it is now. Non-zero: a field could not be read. */
INLINE int inode_numbers_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	int failed, unknown;
	__u64 sized;

	failed = READ(layout, &e->inode, inode, INODE_INO);
	failed |= READ(layout, &e->device, POINTER(layout, inode, INODE_SB), SB_DEV);
	failed |= READ(layout, &e->nlink, inode, INODE_NLINK);
	FRESH(layout);
	sized = inode_as_stat(layout, inode, &e->inode, &e->device, &unknown);
	unread_if(&e->header, unknown, FIELD_FILE_NUMBERS);
	READ(layout, &e->size, sized, INODE_SIZE);
	FRESH(layout);
	READ(layout, &e->rdev, inode, INODE_RDEV);
	owner_fill(layout, &e->after, inode);
	return failed;
}

#endif
