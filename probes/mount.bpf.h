/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Mounts, told when they have succeeded, and what is unmounted: as operations on
 * the directory that is mounted upon. In tier 1 as one message (file.bpf.h), in
 * tiers 2 and 3 in parts.
 */
#include "probes/file.bpf.h"
#include "probes/kept.bpf.h"
#include "probes/parts.bpf.h"

/* ---- tier 1 ----------------------------------------------------------- */

/* int security_sb_mount(const char *dev_name, const struct path *path, const char *type, flags,
 * ...) */
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
 * int security_move_mount(const struct path *from_path, const struct path *to_path),
 * from 5.2 on (2db154b3ea8e): what fsmount() or open_tree() has made gets its
 * place, or another one.
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

/* path_mount() from 5.9 on (a1e6aaa3743e), before that do_mount(); do_move_mount(), and where it
 * has another name sys_move_mount(): then what is mounted holds its place. */
SEC("kretprobe/path_mount")
int t1_mounted_kretprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	return call && call->operation == FILE_MOUNT ? call_returns(ctx, call) : 0;
}

/* int security_sb_umount(struct vfsmount *mnt, int flags): before it is taken away, so that it is
 * the attempt that is told. */
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

/* ---- tiers 2 and 3 ---------------------------------------------------- */

/* And nothing of what lies behind the name. */
INLINE void type_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB), alive = -1;
	__u64 name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	__u64 words[sizeof(e->type) / 8] = { 0, 0 };

	bpf_probe_read(words, sizeof(words), (void *)name);
	((__u64 *)e->type)[0] = word_keep(words[0], &alive);
	((__u64 *)e->type)[1] = word_keep(words[1], &alive);
}

/* call: what is told of, on the stack. */
INLINE int mount_parts(void *ctx, const struct layout *layout, __u64 task,
                       const struct kept_call *call, __u32 operation)
{
	struct parting *p = parting_find();
	struct file_event e;
	struct walk root;
	__u64 inode;

	if (!p)
		return 0;
	CHECKED(p);
	if (!event_wanted(layout, task, EVENT_MOUNT))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, PART_MOUNT);
	FRESH(layout);
	unread_if(&e.header, read_process_start(layout, task, &e.process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e.header, task, POINTER(layout, task, TASK_REAL_PARENT), &e.parent);
	e.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	e.operation = operation;
	e.flags = call->number;
	FRESH(layout);
	inode = POINTER(layout, call->subject, DENTRY_INODE);
	unread_if(&e.header, inode_numbers_fill(layout, &e, inode), FIELD_EXE_INODE);
	FRESH(layout);
	type_fill(layout, &e, inode);

	FRESH(layout);
	walk_init(layout, &root, POINTER(layout, task, TASK_FS), OFFSET(layout, FS_ROOT));
	parting_init(p, call->names[1], call->names[0]);
	p->walks[FILE_ROOT - TEXT_INTERP] = root;
	p->walks[FILE_PATH - TEXT_INTERP].dentry = call->subject;
	p->walks[FILE_PATH - TEXT_INTERP].mount = call->value;
	if (stack_send(ctx, &e.header, EVENT_MOUNT, sizeof(e)))
		return 0;
	p->sequence = e.header.sequence;
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_PARTS_TEXTS);
	return 0;
}

SEC("kprobe/security_sb_mount")
int t3_mount_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 mnt;

	if (!layout)
		return 0;
	CHECKED(layout);
	mnt = POINTER(layout, P2, PATH_MNT);
	if (!mnt || OFFSET(layout, MOUNT_MNT) == LAYOUT_ABSENT)
		return 0;
	return keep_names(EVENT_MOUNT, POINTER(layout, P2, PATH_DENTRY),
	                  mnt - OFFSET(layout, MOUNT_MNT), P4, P1, P3);
}

INLINE int mount_returns(struct pt_regs *ctx,
                         __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	struct kept_call *kept, call;

	if (!layout)
		return 0;
	CHECKED(layout);
	kept = kept_find(EVENT_MOUNT);
	if (!kept)
		return 0;
	CHECKED(kept);
	kept->type = KEPT_NOTHING;
	if (PT_REGS_RC(ctx))
		return 0;
	call = *kept;
	return mount_parts(ctx, layout, current(ctx, layout), &call, FILE_MOUNT);
}

INLINE int umount_begins(struct pt_regs *ctx,
                         __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	struct kept_call call;

	if (!layout)
		return 0;
	CHECKED(layout);
	if (OFFSET(layout, MOUNT_MNT) == LAYOUT_ABSENT)
		return 0;
	call.value = P1 - OFFSET(layout, MOUNT_MNT);
	call.subject = POINTER(layout, P1, VFSMOUNT_ROOT);
	call.names[0] = POINTER(layout, call.value, MOUNT_DEVNAME);
	call.names[1] = 0;
	call.number = P2;
	return mount_parts(ctx, layout, current(ctx, layout), &call, FILE_UMOUNT);
}

SEC("kretprobe/do_mount")
int t2_mounted_kretprobe(struct pt_regs *ctx)
{
	return mount_returns(ctx, current_by_helper);
}

SEC("kretprobe/do_mount")
int t3_mounted_kretprobe(struct pt_regs *ctx)
{
	return mount_returns(ctx, current_by_stack);
}

SEC("kprobe/security_sb_umount")
int t2_umount_kprobe(struct pt_regs *ctx)
{
	return umount_begins(ctx, current_by_helper);
}

SEC("kprobe/security_sb_umount")
int t3_umount_kprobe(struct pt_regs *ctx)
{
	return umount_begins(ctx, current_by_stack);
}
