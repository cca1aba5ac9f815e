/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * File operations by kprobes (tier 1), in two halves. At the permission check,
 * security_path_*(), the path is as the caller reached it, above any layer of
 * overlayfs: does a watch rule match? Then the operation is kept by task (map
 * "file_calls"). It is reported where it has succeeded, while its dentries are
 * held: at d_move(), d_delete() and the return of vfs_*(). The dentry
 * identifies the operation, so what overlayfs does to the layers below is
 * skipped.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/descriptor.bpf.h"
#include "probes/core/file_call.bpf.h"
#include "probes/core/glance.bpf.h"
#include "probes/core/opened.bpf.h"

/* ---- at the permission check ------------------------------------------- */

/* The start of a struct path. */
struct path_part {
	__u64 mnt, dentry;
};

/*
 * True: the quick check shows that no rule matches. path: struct path. dentry
 * 0: that of the path.
 */
INLINE int unwatched(const struct settings *s, __u64 path, __u64 dentry, __u64 other)
{
	struct path_part part;

	if (!(s->classes & 1U << EVENT_FILE))
		return 1;
	if (s->watched & WATCH_ALL || bpf_probe_read(&part, sizeof(part), (void *)path))
		return 0;
	return !path_glance(s, dentry ? dentry : part.dentry, part.mnt - s->mount_mnt, other);
}

INLINE int file_enter(void *ctx, __u32 operation, __u64 path, __u64 dentry, __u64 other,
                      __u64 string)
{
	__u32 key = 0;
	const struct settings *settings_now = bpf_map_lookup_elem(&settings, &key);
	const struct layout *layout;
	struct scratch *s;

	if (!settings_now || unwatched(settings_now, path, dentry, other))
		return 0;
	layout = layout_find();
	if (!layout)
		return 0;
	s = file_begin(layout, operation, path,
	               dentry ? dentry : POINTER(layout, path, PATH_DENTRY));
	if (!s)
		return 0;
	s->call.other = other;
	s->call.string = string;
	return call_check(ctx, s, &kprobe_tail_calls);
}

#define ENTER(name, function, operation, path, dentry, other, string)           \
	SEC("kprobe/" function)                                                 \
	int t1_file_##name##_kprobe(struct pt_regs *ctx)                        \
	{                                                                       \
		return file_enter(ctx, operation, path, dentry, other, string); \
	}

/*
 * (const struct path *dir, struct dentry *dentry, ...)
 * mknod: also for an open that makes a file.
 * link: (struct dentry *old_dentry, const struct path *new_dir,
 *	  struct dentry *new_dentry)
 * rename: (old_dir, old_dentry, new_dir, new_dentry, ...); d_exchange() shows
 * an exchange.
 */
ENTER(mknod, "security_path_mknod", FILE_MKNOD, P1, P2, 0, 0)
ENTER(mkdir, "security_path_mkdir", FILE_MKDIR, P1, P2, 0, 0)
ENTER(unlink, "security_path_unlink", FILE_UNLINK, P1, P2, 0, 0)
ENTER(rmdir, "security_path_rmdir", FILE_RMDIR, P1, P2, 0, 0)
ENTER(symlink, "security_path_symlink", FILE_SYMLINK, P1, P2, 0, P3)
ENTER(link, "security_path_link", FILE_LINK, P2, P3, P1, 0)
ENTER(rename, "security_path_rename", FILE_RENAME, P1, P2, P4, 0)

/* (const struct path *path, ...) */
ENTER(truncate, "security_path_truncate", FILE_TRUNCATE, P1, 0, 0, 0)
ENTER(chmod, "security_path_chmod", FILE_CHMOD, P1, 0, 0, 0)
ENTER(chown, "security_path_chown", FILE_CHOWN, P1, 0, 0, 0)

/*
 * int security_file_truncate(struct file *file): ftruncate and O_TRUNC, from
 * 6.2 on (3350607dc563).
 */
SEC("kprobe/security_file_truncate")
int t1_file_ftruncate_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? file_enter(ctx, FILE_TRUNCATE, file_path(layout, P1), 0, 0, 0) : 0;
}

/* ---- where the operation has succeeded --------------------------------- */

#define FLAG_CREATE 0100 /* O_CREAT, include/uapi/asm-generic/fcntl.h */

/*
 * int security_file_open(struct file *file, ...), once the dentry is known and
 * its inode exists. A file that this call has made was kept as a mknod. What
 * overlayfs opens in a layer below has the same path, but the kernel does not
 * account for it.
 */
SEC("kprobe/security_file_open")
int t1_file_open_kprobe(struct pt_regs *ctx)
{
	__u32 mode = 0, flags = 0, key = 0;
	struct settings *settings_now = bpf_map_lookup_elem(&settings, &key);
	const struct layout *layout;
	struct file_call *call;
	struct scratch *s;
	__u64 file = P1, path, dentry;
	int wanted;

	if (!settings_now || !settings_now->file_mode ||
	    bpf_probe_read(&mode, sizeof(mode), (void *)(file + settings_now->file_mode)) ||
	    mode & MODE_NOACCOUNT)
		return 0;
	/* A file that was just made has been checked already. */
	wanted = mode & MODE_WRITE && !(mode & MODE_CREATED) &&
	         !unwatched(settings_now, file + settings_now->file_path, 0, 0);
	if (!wanted && !call_possible(bpf_get_current_task()))
		return 0;
	layout = layout_find();
	if (!layout)
		return 0;
	READ(layout, &flags, file, FILE_FLAGS);
	path = file_path(layout, file);
	dentry = POINTER(layout, path, PATH_DENTRY);
	call = call_find();
	if (call && call->dentry == dentry && flags & FLAG_CREATE) {
		if (call->operation == FILE_MKNOD) {
			call->operation = FILE_CREATE;
			call->flags = flags;
			call->file = mode & MODE_WRITE ? file : 0;
			return call_done(ctx, call);
		}
		if (call->operation == FILE_CREATE) { /* vfs_create() has reported it */
			call->operation = 0;
			if (mode & MODE_WRITE)
				opened_keep(layout, file, call->mount, dentry);
			return 0;
		}
	}
	if (!wanted)
		return 0;
	s = file_begin(layout, FILE_OPEN, path, dentry);
	if (!s)
		return 0;
	s->call.flags = flags;
	s->call.file = file;
	return call_check(ctx, s, &kprobe_tail_calls);
}

/* The first write is reported. */
INLINE int file_written(void *ctx, __u64 file)
{
	const struct layout *layout;
	struct opened_file opened;
	struct scratch *s;

	if (!opened_take(file, &opened))
		return 0;
	layout = layout_find();
	if (!layout)
		return 0;
	s = call_begin(layout, EVENT_FILE, FILE_WRITE);
	if (!s)
		return 0;
	s->call.mount = opened.mount;
	s->call.dentry = opened.dentry;
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_FILE_REPORT);
	return 0;
}

/*
 * int file_remove_privs(struct file *file), int file_modified(struct file
 * *file) (from 5.4 on, e38f7f53c352) and int kiocb_modified(struct kiocb *iocb)
 * (from 6.0 on, 66fa3cedf16a; iocb->ki_filp is its first member): a file system
 * calls one of them before it writes, or one that calls another.
 */
SEC("kprobe/file_remove_privs")
int t1_file_write_kprobe(struct pt_regs *ctx)
{
	return file_written(ctx, P1);
}

SEC("kprobe/kiocb_modified")
int t1_file_kiocb_kprobe(struct pt_regs *ctx)
{
	return file_written(ctx, read_pointer(P1, 0));
}

/* void security_file_free(struct file *file): its last descriptor and mapping are gone. */
SEC("kprobe/security_file_free")
int t1_file_closed_kprobe(struct pt_regs *ctx)
{
	return opened_forget(P1);
}

/*
 * int security_mmap_file(struct file *file, unsigned long prot, unsigned long
 * flags): writes to a mapping have no hook that every file system calls.
 */
SEC("kprobe/security_mmap_file")
int t1_file_mapped_kprobe(struct pt_regs *ctx)
{
	return maps_to_write(P1, P2, P3) ? file_written(ctx, P1) : 0;
}

/*
 * void d_delete(struct dentry *dentry): by unlink and rmdir, while the dentry
 * has its inode.
 */
SEC("kprobe/d_delete")
int t1_file_deleted_kprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	if (!call || call->dentry != P1 ||
	    (call->operation != FILE_UNLINK && call->operation != FILE_RMDIR))
		return 0;
	return call_done(ctx, call);
}

/*
 * void d_move(struct dentry *dentry, struct dentry *target): both still have
 * their old names.
 */
SEC("kprobe/d_move")
int t1_file_moved_kprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	if (!call || call->dentry != P1 || call->operation != FILE_RENAME)
		return 0;
	return call_done(ctx, call);
}

SEC("kprobe/d_exchange")
int t1_file_exchanged_kprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	if (!call || call->dentry != P1 || call->operation != FILE_RENAME)
		return 0;
	call->operation = FILE_EXCHANGE;
	return call_done(ctx, call);
}

/*
 * The return of a function that makes a name: done once the dentry that was
 * kept has an inode. In overlayfs it gets one after the functions of the layers
 * below have returned.
 */
INLINE int made(void *ctx, __u32 operation)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();

	if (!layout || !call || call->operation != operation ||
	    !POINTER(layout, call->dentry, DENTRY_INODE))
		return 0;
	return call_done(ctx, call);
}

#define MADE(name, function, operation)                     \
	SEC("kretprobe/" function)                          \
	int t1_file_##name##_kretprobe(struct pt_regs *ctx) \
	{                                                   \
		return made(ctx, operation);                \
	}

MADE(mkdir, "vfs_mkdir", FILE_MKDIR)
MADE(mknod, "vfs_mknod", FILE_MKNOD)
MADE(symlink, "vfs_symlink", FILE_SYMLINK)
MADE(link, "vfs_link", FILE_LINK)

/*
 * vfs_create(): mknod of a regular file. Until 4.8 (6fbd07142b68) an open comes
 * here too, and finds later that it has been reported.
 */
SEC("kretprobe/vfs_create")
int t1_file_create_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();
	struct scratch *s = scratch_find();

	if (!layout || !s || !call || call->operation != FILE_MKNOD ||
	    !POINTER(layout, call->dentry, DENTRY_INODE))
		return 0;
	call->operation = FILE_CREATE;
	s->call = *call;
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_FILE_REPORT);
	return 0;
}

#define MODE_TYPE    0170000 /* S_IFMT, include/uapi/linux/stat.h */
#define MODE_REGULAR 0100000

/*
 * void done_path_create(struct path *path, struct dentry *dentry): the end of
 * mkdir, mknod, symlink and link, which have failed if the dentry has no inode.
 * A file system may let the functions above sleep for ever, and return probes
 * have few instances; this one does not sleep before it has been reported.
 */
SEC("kprobe/done_path_create")
int t1_file_made_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();
	__u64 task = bpf_get_current_task(), inode;
	__u16 mode = 0;

	if (!layout || !call || call->dentry != P2)
		return 0;
	inode = POINTER(layout, call->dentry, DENTRY_INODE);
	/* The return of vfs_create() leaves what it has reported, for an open. */
	if (!inode || call->operation == FILE_CREATE) {
		bpf_map_delete_elem(&file_calls, &task);
		return 0;
	}
	READ(layout, &mode, inode, INODE_MODE);
	if (call->operation == FILE_MKNOD && (mode & MODE_TYPE) == MODE_REGULAR)
		call->operation = FILE_CREATE;
	return call_done(ctx, call);
}

/*
 * void mnt_drop_write(struct vfsmount *mnt): the same once more, as the compiler may
 * have put done_path_create() into its callers, and no other file calls this one. The
 * dentry has been released here, but while this program runs its memory is not given to others.
 * The first call for the mount after the permission check is the operation's own: layers
 * of overlayfs have other mounts. One that has failed must not be taken for a later one,
 * when another process has made the same name. A regular file may be one that open()
 * makes: security_file_open() comes later.
 */
SEC("kprobe/mnt_drop_write")
int t1_file_dropped_kprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();
	__u64 task = bpf_get_current_task(), inode;
	const struct layout *layout;
	__u16 mode = 0;

	if (!call || call->operation < FILE_MKDIR || call->operation > FILE_LINK)
		return 0;
	layout = layout_find();
	if (!layout || P1 - OFFSET(layout, MOUNT_MNT) != call->mount)
		return 0;
	inode = POINTER(layout, call->dentry, DENTRY_INODE);
	if (!inode) {
		bpf_map_delete_elem(&file_calls, &task);
		return 0;
	}
	READ(layout, &mode, inode, INODE_MODE);
	if (call->operation == FILE_MKNOD && (mode & MODE_TYPE) == MODE_REGULAR)
		return 0;
	return call_done(ctx, call);
}

/*
 * Behind a change that has succeeded, for the same reason; of layers they are
 * given other dentries. They are called, before the function returns that does it, by
 * notify_change() (until 6.8), vfs_setxattr() and vfs_removexattr() (until 6.8).
 */
INLINE int changed(struct pt_regs *ctx, __u32 first, __u32 last)
{
	struct file_call *call = call_find();

	return call && call->dentry == P1 && call->operation >= first && call->operation <= last
	               ? call_done(ctx, call)
	               : 0;
}

#define CHANGED(name, function, first, last)             \
	SEC("kprobe/" function)                          \
	int t1_file_##name##_kprobe(struct pt_regs *ctx) \
	{                                                \
		return changed(ctx, first, last);        \
	}

CHANGED(changed, "evm_inode_post_setattr", FILE_TRUNCATE, FILE_CHOWN)
CHANGED(xattr_set, "security_inode_post_setxattr", FILE_SETXATTR, FILE_SETXATTR)
CHANGED(xattr_removed, "evm_inode_post_removexattr", FILE_REMOVEXATTR, FILE_REMOVEXATTR)

/*
 * notify_change() of the dentry that was kept, and below it those of layers:
 * only the outermost return counts.
 */
INLINE int deeper(struct file_call *call, __u64 dentry)
{
	if (call->depth || call->dentry == dentry)
		call->depth++;
	return 0;
}

SEC("kprobe/notify_change")
int t1_file_change_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();

	if (!layout || !call || !changes(call))
		return 0;
	return deeper(call, parameter(ctx, OFFSET(layout, NOTIFY_CHANGE_DENTRY)));
}

SEC("kretprobe/notify_change")
int t1_file_change_kretprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	return call && changes(call) && outermost(call) ? call_returns(ctx, call) : 0;
}

/*
 * void exit_signals(struct task_struct *tsk): each thread that ends comes here.
 * A call that it has kept is none of the next task in the same memory.
 */
SEC("kprobe/exit_signals")
int t1_file_ends_kprobe(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_task();

	(void)ctx;
	if (!call_possible(task))
		return 0;
	call_missed(task);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/* ---- attributes -------------------------------------------------------- */

/*
 * int vfs_setxattr(..., struct dentry *dentry, const char *name, ...), and
 * vfs_removexattr(), which has these parameters at the same positions. Only
 * names that begin with "security.".
 */
INLINE int attribute_enter(struct pt_regs *ctx, __u32 operation)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();
	struct scratch *s;
	__u64 name, word = 0;

	if (!layout)
		return 0;
	/* Inside of another call: by a layer, or by IMA after chmod, which removes its own. */
	if (call && call->depth && bpf_ktime_get_ns() - call->time_ns < STALE_NS) {
		call->depth += call->operation == operation;
		return 0;
	}
	name = parameter(ctx, OFFSET(layout, VFS_SETXATTR_NAME));
	bpf_probe_read(&word, sizeof(word), (void *)name);
	if (word != SECURITY_PREFIX)
		return 0;
	s = call_begin(layout, EVENT_FILE, operation);
	if (!s)
		return 0;
	s->call.dentry = parameter(ctx, OFFSET(layout, VFS_SETXATTR_DENTRY));
	s->call.string = name;
	s->call.depth = 1;
	call_any_mount(layout, &s->call);
	return call_check(ctx, s, &kprobe_tail_calls);
}

#define ATTRIBUTE(name, function, what)                                   \
	SEC("kprobe/" function)                                           \
	int t1_file_##name##_kprobe(struct pt_regs *ctx)                  \
	{                                                                 \
		return attribute_enter(ctx, what);                        \
	}                                                                 \
                                                                          \
	SEC("kretprobe/" function)                                        \
	int t1_file_##name##_kretprobe(struct pt_regs *ctx)               \
	{                                                                 \
		struct file_call *call = call_find();                     \
                                                                          \
		return call && call->operation == what && outermost(call) \
		               ? call_returns(ctx, call)                  \
		               : 0;                                       \
	}

ATTRIBUTE(setxattr, "vfs_setxattr", FILE_SETXATTR)
ATTRIBUTE(removexattr, "vfs_removexattr", FILE_REMOVEXATTR)
