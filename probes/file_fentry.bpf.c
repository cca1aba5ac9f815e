/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * File operations by fentry and fexit: the same two halves as in
 * file_kprobe.bpf.c. From 5.17 on, as the programs use bpf_loop()
 * (e6f2dd0f8067) and bpf_get_func_ret() (f92c1e183604), and only on kernels
 * with BTF, without which the kernel attaches no such program.
 */
#include "probes/core/claim.bpf.h"
#include "probes/core/fentry.bpf.h"
#include "probes/core/file_call.bpf.h"
#include "probes/core/file_trampoline.bpf.h"
#include "probes/core/opened.bpf.h"

/* ---- at the permission check ------------------------------------------- */

/* path: a struct path, of which only the mount is used. */
INLINE int trampoline_enter(void *ctx, __u32 operation, __u64 path, __u64 dentry, __u64 other,
                            __u64 string)
{
	if (!class_here())
		return 0;
	return trampoline_begin(ctx, operation, LOAD(__u64, PLACE(path, PATH_MNT)), dentry, other,
	                        string, 0);
}

#define FENTRY(name, function, operation, path, dentry, other, string)                \
	SEC("fentry/" function)                                                       \
	int f1_file_##name(__u64 *ctx)                                                \
	{                                                                             \
		return trampoline_enter(ctx, operation, path, dentry, other, string); \
	}

#define ERROR_FIRST (-4095ULL) /* MAX_ERRNO, include/linux/err.h */

/*
 * struct dentry *filename_create(int dfd, struct filename *name, struct path
 * *path, ...): for mknod, and also for mkdir, symlink and link, which the
 * programs below replace with more detail. security_path_mknod() also handles
 * each open that makes a file.
 */
SEC("fexit/filename_create")
int f1_file_mknod(__u64 *ctx)
{
	__u64 made = 0;

	bpf_get_func_ret(ctx, &made);
	if (made >= ERROR_FIRST)
		return 0;
	return trampoline_enter(ctx, FILE_MKNOD, ctx[2], ctx[4], 0, 0);
}

FENTRY(mkdir, "security_path_mkdir", FILE_MKDIR, ctx[0], ctx[1], 0, 0)
FENTRY(unlink, "security_path_unlink", FILE_UNLINK, ctx[0], ctx[1], 0, 0)
FENTRY(rmdir, "security_path_rmdir", FILE_RMDIR, ctx[0], ctx[1], 0, 0)
FENTRY(symlink, "security_path_symlink", FILE_SYMLINK, ctx[0], ctx[1], 0, ctx[2])
FENTRY(link, "security_path_link", FILE_LINK, ctx[1], ctx[2], ctx[0], 0)
FENTRY(rename, "security_path_rename", FILE_RENAME, ctx[0], ctx[1], ctx[3], 0)

/* An operation on the file of a struct path: truncate, chmod, chown. */
INLINE int trampoline_change(void *ctx, __u32 operation, __u64 path)
{
	return trampoline_enter(ctx, operation, path, LOAD(__u64, PLACE(path, PATH_DENTRY)), 0, 0);
}

#define FENTRY_CHANGE(name, function, operation, path)          \
	SEC("fentry/" function)                                 \
	int f1_file_##name(__u64 *ctx)                          \
	{                                                       \
		return trampoline_change(ctx, operation, path); \
	}

FENTRY_CHANGE(truncate, "security_path_truncate", FILE_TRUNCATE, ctx[0])
FENTRY_CHANGE(chmod, "security_path_chmod", FILE_CHMOD, ctx[0])
FENTRY_CHANGE(chown, "security_path_chown", FILE_CHOWN, ctx[0])
FENTRY_CHANGE(ftruncate, "security_file_truncate", FILE_TRUNCATE, PLACE(ctx[0], FILE_PATH))

/* ---- where the operation has succeeded --------------------------------- */

INLINE int trampoline_done(void *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task();

	trampoline_report(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/* The call in progress, if it is on this dentry. */
INLINE struct file_call *call_of(__u64 dentry)
{
	struct file_call *call = marked(dentry) ? call_find() : 0;

	return call && call->dentry == dentry ? call : 0;
}

/*
 * The same as t1_file_open_kprobe(); here FMODE_CREATED shows that this open
 * has made the file.
 */
SEC("fentry/security_file_open")
int f1_file_open(__u64 *ctx)
{
	__u64 file = ctx[0], path = PLACE(file, FILE_PATH);
	__u32 mode = LOAD(__u32, PLACE(file, FILE_MODE));

	if (!(mode & (MODE_WRITE | MODE_CREATED)) || mode & MODE_NOACCOUNT)
		return 0;
	if (!class_here())
		return 0;
	return trampoline_begin(ctx, mode & MODE_CREATED ? FILE_CREATE : FILE_OPEN,
	                        LOAD(__u64, PLACE(path, PATH_MNT)),
	                        LOAD(__u64, PLACE(path, PATH_DENTRY)), 0, 0, file);
}

/*
 * The same as file_written(), in a frame of its own: with those of f1_send() it has
 * 512 bytes. True: *call is to be reported.
 */
SUBPROGRAM int f1_written(__u64 file, struct file_call *call)
{
	const struct layout *layout;
	struct opened_file opened;

	if (!opened_take(file, &opened))
		return 0;
	layout = layout_find();
	if (!layout || !event_wanted(layout, bpf_get_current_task(), EVENT_FILE))
		return 0;
	__builtin_memset(call, 0, sizeof(*call));
	call->operation = FILE_WRITE;
	call->mount = opened.mount;
	call->dentry = opened.dentry;
	return 1;
}

/* It may be in the map: another sensor has not marked what it kept. */
INLINE int may_be_kept(__u64 file)
{
	return marked(file) || SETTINGS->adopted;
}

INLINE int trampoline_written(void *ctx, __u64 file)
{
	struct file_call call;

	if (may_be_kept(file) && f1_written(file, &call))
		trampoline_report(ctx, &call);
	return 0;
}

#define WRITTEN(name, function, file)                 \
	SEC("fentry/" function)                       \
	int f1_file_##name(__u64 *ctx)                \
	{                                             \
		return trampoline_written(ctx, file); \
	}

/* The same as t1_file_write_kprobe() and t1_file_kiocb_kprobe(). */
WRITTEN(remove_privs, "file_remove_privs", ctx[0])
WRITTEN(modified, "file_modified", ctx[0])
WRITTEN(kiocb, "kiocb_modified", LOAD(__u64, ctx[0]))

/* The same as t1_file_closed_kprobe(). */
SEC("fentry/security_file_free")
int f1_file_closed(__u64 *ctx)
{
	return may_be_kept(ctx[0]) ? opened_forget(ctx[0]) : 0;
}

/* The same as t1_file_mapped_kprobe(). */
SEC("fentry/security_mmap_file")
int f1_file_mapped(__u64 *ctx)
{
	return maps_to_write(ctx[0], ctx[1], ctx[2]) ? trampoline_written(ctx, ctx[0]) : 0;
}

SEC("fentry/d_delete")
int f1_file_deleted(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	if (!call || (call->operation != FILE_UNLINK && call->operation != FILE_RMDIR))
		return 0;
	return trampoline_done(ctx, call);
}

SEC("fentry/d_move")
int f1_file_moved(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	return call && call->operation == FILE_RENAME ? trampoline_done(ctx, call) : 0;
}

SEC("fentry/d_exchange")
int f1_file_exchanged(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	if (!call || call->operation != FILE_RENAME)
		return 0;
	call->operation = FILE_EXCHANGE;
	return trampoline_done(ctx, call);
}

/*
 * The return of a function that makes a name; it was given the dentry that was kept. It
 * has failed if the dentry has no inode. The functions of layers are given other dentries.
 */
INLINE int is_made(const struct file_call *call, __u32 operation)
{
	const struct layout *layout = layout_find();

	return layout && call->operation == operation &&
	       POINTER(layout, call->dentry, DENTRY_INODE);
}

#define FEXIT_MADE(name, function, operation, dentry)                                     \
	SEC("fexit/" function)                                                            \
	int f1_file_##name##_made(__u64 *ctx)                                             \
	{                                                                                 \
		struct file_call *call = call_of(dentry);                                 \
                                                                                          \
		return call && is_made(call, operation) ? trampoline_done(ctx, call) : 0; \
	}

/*
 * (struct mnt_idmap *, struct inode *dir, struct dentry *, ...), since 5.12;
 * link: (struct dentry *old, struct mnt_idmap *, struct inode *dir, struct dentry *, ...).
 */
FEXIT_MADE(mkdir, "vfs_mkdir", FILE_MKDIR, ctx[2])
FEXIT_MADE(mknod, "vfs_mknod", FILE_MKNOD, ctx[2])
FEXIT_MADE(symlink, "vfs_symlink", FILE_SYMLINK, ctx[2])
FEXIT_MADE(link, "vfs_link", FILE_LINK, ctx[3])

/*
 * mknod of a regular file. 7.2 has no parameter for the directory, so that the dentry is
 * where an inode was, and the mode where a dentry was, which number_of() does not take.
 */
SEC("fexit/vfs_create")
int f1_file_create_made(__u64 *ctx)
{
	struct file_call *call = call_find();

	if (!call || (call->dentry != ctx[1] && call->dentry != ctx[2]) ||
	    !is_made(call, FILE_MKNOD))
		return 0;
	call->operation = FILE_CREATE;
	return trampoline_done(ctx, call);
}

/* The end of a call that has a result. */
INLINE int trampoline_returns(__u64 *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task(), result = 0;

	bpf_get_func_ret(ctx, &result);
	if (!(__u32)result)
		return trampoline_done(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/*
 * (struct mnt_idmap *, struct dentry *, ...), since 5.12 (2f221d6f7b88). The
 * calls of layers have other dentries.
 */
SEC("fexit/notify_change")
int f1_file_changed(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[1]);

	return call && changes(call) ? trampoline_returns(ctx, call) : 0;
}

/* ---- attributes -------------------------------------------------------- */

/*
 * (struct mnt_idmap *, struct dentry *, const char *name, ...); the same as
 * attribute_enter().
 */
INLINE int trampoline_attribute(__u64 *ctx, __u32 operation)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct file_call *call = call_find();
	struct scratch *claimed;
	const struct layout *layout = layout_find();
	__u64 word = 0;

	if (!layout || !class_here())
		return 0;
	if (call && (call->depth || changes(call)) &&
	    bpf_ktime_get_ns() - call->time_ns < STALE_NS) {
		call->depth += call->operation == operation;
		return 0;
	}
	bpf_probe_read(&word, sizeof(word), (void *)ctx[2]);
	if (word != SECURITY_PREFIX)
		return 0;
	claimed = claim_begin(&cpu, EVENT_FILE);
	if (!claimed)
		return 0;
	__builtin_memset(&claimed->call, 0, sizeof(claimed->call));
	claimed->call.operation = operation;
	claimed->call.dentry = ctx[1];
	claimed->call.string = ctx[2];
	claimed->call.depth = 1;
	call_any_mount(layout, &claimed->call);
	f1_check(claimed);
	claim_end(&cpu);
	return 0;
}

#define FEXIT_ATTRIBUTE(name, function, what)                             \
	SEC("fentry/" function)                                           \
	int f1_file_##name(__u64 *ctx)                                    \
	{                                                                 \
		return trampoline_attribute(ctx, what);                   \
	}                                                                 \
                                                                          \
	SEC("fexit/" function)                                            \
	int f1_file_##name##_done(__u64 *ctx)                             \
	{                                                                 \
		struct file_call *call = call_find();                     \
                                                                          \
		return call && call->operation == what && outermost(call) \
		               ? trampoline_returns(ctx, call)            \
		               : 0;                                       \
	}

FEXIT_ATTRIBUTE(setxattr, "vfs_setxattr", FILE_SETXATTR)
FEXIT_ATTRIBUTE(removexattr, "vfs_removexattr", FILE_REMOVEXATTR)
