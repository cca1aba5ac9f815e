/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * chroot (tier 1): reported just before the process gets its new root directory,
 * where nothing can fail any more, or at the end of the system call. The record is
 * that of a file, the new root. file_report.bpf.c has the programs that walk paths.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/file_call.bpf.h"
#include "probes/core/file_event.bpf.h"
#include "probes/core/kept.bpf.h"

/*
 * root: the struct path of the new root directory. first: FILE_ROOT, if the
 * process still has its old one; else FILE_PATH.
 */
INLINE int chroot_report(void *ctx, const struct layout *layout, __u64 root, __u32 first,
                         void *tails)
{
	struct scratch *s = call_begin(layout, EVENT_CHROOT, FILE_CHROOT);

	if (!s)
		return 0;
	call_path(layout, &s->call, root);
	s->call.dentry = POINTER(layout, root, PATH_DENTRY);
	s = message_begin(EVENT_CHROOT, sizeof(struct file_event));
	if (!s)
		return 0;
	file_event_fill(layout, s);
	s->text = first;
	bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
	s->head.header.unread |= 1U << FIELD_CHROOT_ROOT | 1U << FIELD_CHROOT_PATH;
	message_send(ctx, s, EVENT_CHROOT, sizeof(struct file_event));
	return 0;
}

/*
 * int security_path_chroot(const struct path *path), which chroot(2) alone
 * calls, last before set_fs_root().
 */
SEC("kprobe/security_path_chroot")
int t1_chroot_begins_kprobe(struct pt_regs *ctx)
{
	return keep(EVENT_CHROOT, P1, 0, 0);
}

/* void set_fs_root(struct fs_struct *fs, const struct path *path): setns(2) calls it, too. */
SEC("kprobe/set_fs_root")
int t1_chroot_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	const struct kept_call *kept = kept_find(EVENT_CHROOT);

	if (!layout || !kept || kept->subject != P2)
		return 0;
	kept_forget(EVENT_CHROOT);
	return chroot_report(ctx, layout, P2, FILE_ROOT, &kprobe_tail_calls);
}

SEC("tracepoint/syscalls/sys_exit_chroot")
int t1_chroot(struct syscall_exit_context *ctx)
{
	const struct layout *layout = layout_find();
	__u64 fs;

	if (!layout || ctx->result || OFFSET(layout, FS_ROOT) == LAYOUT_ABSENT)
		return 0;
	fs = POINTER(layout, bpf_get_current_task(), TASK_FS);
	if (!fs)
		return 0;
	return chroot_report(ctx, layout, fs + OFFSET(layout, FS_ROOT), FILE_PATH, &tail_calls);
}
