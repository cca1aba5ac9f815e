/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Files that are open for writing (map "opened_files"): their first write is
 * reported. They leave the map when they are written or closed.
 */
#ifndef PROBES_CORE_OPENED_BPF_H
#define PROBES_CORE_OPENED_BPF_H

#include "probes/core/count.bpf.h"
#include "probes/core/descriptor.bpf.h"

#define MODE_WRITE     0x2        /* FMODE_WRITE, include/linux/fs.h */
#define MODE_CREATED   0x100000   /* FMODE_CREATED, from 4.19 (73a09dd94377) */
#define MODE_NOACCOUNT 0x20000000 /* FMODE_NOACCOUNT, from 4.19 (d3b1084dfd62) */

#define PROT_WRITE 0x2 /* include/uapi/asm-generic/mman-common.h */
#define MAP_SHARED 0x1 /* MAP_SHARED_VALIDATE has this bit too */

INLINE void opened_fill(const struct layout *layout, struct opened_file *ret, __u64 dentry)
{
	ret->dentry = dentry;
	ret->inode = POINTER(layout, dentry, DENTRY_INODE);
	ret->number = 0;
	READ(layout, &ret->number, ret->inode, INODE_INO);
}

INLINE void opened_keep(const struct layout *layout, __u64 file, __u64 mount, __u64 dentry)
{
	struct opened_file opened = { .mount = mount };

	opened_fill(layout, &opened, dentry);
	if (bpf_map_update_elem(&opened_files, &file, &opened, BPF_ANY))
		keep_count(EVENT_FILE); /* its write */
}

/* It is closed. Most files are not in the map, and the look-up takes no lock. */
INLINE int opened_forget(__u64 file)
{
	if (bpf_map_lookup_elem(&opened_files, &file))
		bpf_map_delete_elem(&opened_files, &file);
	return 0;
}

/*
 * Takes the entry of a struct file out of the map. False: there is none, or the
 * memory is another file's by now.
 */
INLINE int opened_take(__u64 file, struct opened_file *ret)
{
	struct opened_file *opened = bpf_map_lookup_elem(&opened_files, &file), now;
	const struct layout *layout;

	if (!opened)
		return 0;
	layout = layout_find();
	if (!layout)
		return 0;
	*ret = *opened;
	bpf_map_delete_elem(&opened_files, &file);
	opened_fill(layout, &now, POINTER(layout, file_path(layout, file), PATH_DENTRY));
	return now.dentry == ret->dentry && now.inode == ret->inode && now.number == ret->number;
}

/* A shared mapping that may be written. */
INLINE int maps_to_write(__u64 file, __u64 prot, __u64 flags)
{
	return file && prot & PROT_WRITE && flags & MAP_SHARED;
}

#endif
