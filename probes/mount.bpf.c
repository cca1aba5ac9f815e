/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Mounts (tier 1), reported once they have succeeded, and unmounts: as
 * operations on the directory that is the mount point. file_report.bpf.c sends
 * them as one message.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/file_call.bpf.h"

/*
 * int security_sb_mount(const char *dev_name, const struct path *path, const
 * char *type, flags, ...).
 */
SEC("kprobe/security_sb_mount")
int t1_mount_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct scratch *s = layout ? call_begin(layout, EVENT_MOUNT, FILE_MOUNT) : 0;

	if (!s)
		return 0;
	call_path(layout, &s->call, P2);
	s->call.dentry = POINTER(layout, P2, PATH_DENTRY);
	s->call.string = P1;
	s->call.type = P3;
	s->call.flags = P4;
	call_keep(s);
	return 0;
}

/*
 * int security_move_mount(const struct path *from_path, const struct path
 * *to_path), from 5.2 on (2db154b3ea8e): a mount that fsmount() or open_tree()
 * has made gets its place, or a mount gets another place.
 */
SEC("kprobe/security_move_mount")
int t1_move_mount_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct scratch *s = layout ? call_begin(layout, EVENT_MOUNT, FILE_MOUNT) : 0;
	__u64 sb;

	if (!s)
		return 0;
	call_path(layout, &s->call, P1);
	s->call.string = POINTER(layout, s->call.mount, MOUNT_DEVNAME);
	sb = POINTER(layout, POINTER(layout, POINTER(layout, P1, PATH_DENTRY), DENTRY_INODE),
	             INODE_SB);
	s->call.type = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	call_path(layout, &s->call, P2);
	s->call.dentry = POINTER(layout, P2, PATH_DENTRY);
	call_keep(s);
	return 0;
}

/*
 * path_mount() from 5.9 on (a1e6aaa3743e), before that do_mount();
 * do_move_mount(), or sys_move_mount() where the compiler has renamed it: then
 * the mount is in its place.
 */
SEC("kretprobe/path_mount")
int t1_mounted_kretprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	return call && call->operation == FILE_MOUNT ? call_returns(ctx, call) : 0;
}

/*
 * int security_sb_umount(struct vfsmount *mnt, int flags): before the mount is
 * removed, so an attempt is reported.
 */
SEC("kprobe/security_sb_umount")
int t1_umount_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct scratch *s = layout ? call_begin(layout, EVENT_MOUNT, FILE_UMOUNT) : 0;

	if (!s || OFFSET(layout, MOUNT_MNT) == LAYOUT_ABSENT)
		return 0;
	s->call.mount = P1 - OFFSET(layout, MOUNT_MNT);
	s->call.dentry = POINTER(layout, P1, VFSMOUNT_ROOT);
	s->call.string = POINTER(layout, s->call.mount, MOUNT_DEVNAME);
	s->call.flags = P2;
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_FILE_REPORT);
	return 0;
}
