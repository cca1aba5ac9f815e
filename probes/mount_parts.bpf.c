/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Mounts and unmounts of tiers 2 and 3, in parts (core/parting.bpf.h). */
#include "probes/core/context.bpf.h"
#include "probes/core/inode.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/parting.bpf.h"
#include "probes/core/pathwalk.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

/* The type of the file system, and nothing that lies behind the name. */
INLINE void type_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB), alive = -1;
	__u64 name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	__u64 words[sizeof(e->type) / 8] = { 0, 0 };

	bpf_probe_read(words, sizeof(words), (void *)name);
	((__u64 *)e->type)[0] = word_keep(words[0], &alive);
	((__u64 *)e->type)[1] = word_keep(words[1], &alive);
}

/* call: what is reported, on the stack. */
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
	unread_if(&e.header, inode_numbers_fill(layout, &e, inode), FIELD_FILE_STAT);
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
	kept_missed(EVENT_MOUNT);
	return keep_names(EVENT_MOUNT, POINTER(layout, P2, PATH_DENTRY),
	                  mnt - OFFSET(layout, MOUNT_MNT), P4, P1, P3);
}

INLINE int mount_returns(struct pt_regs *ctx,
                         __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	struct kept_call call;

	if (!kept_take(EVENT_MOUNT, &call) || !layout || PT_REGS_RC(ctx))
		return 0;
	CHECKED(layout);
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
