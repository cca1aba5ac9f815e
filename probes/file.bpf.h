/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What is done to files (tier 1), in two halves. At the check of rights,
 * security_path_*(), which has the path as the caller reached it, and before any
 * layer below: is it watched? Then it is kept by task (map "file_calls"). And
 * where it has succeeded, while its dentries are held: d_move(), d_delete(),
 * the return of vfs_*(). Known by their dentry, so that what overlayfs does to
 * the layer below is passed over.
 */
#ifndef PROBES_FILE_BPF_H
#define PROBES_FILE_BPF_H

#include "probes/descriptor.bpf.h"
#include "probes/inode.bpf.h"
#include "probes/kept.bpf.h"
#include "probes/texts.bpf.h"
#include "probes/watch.bpf.h"

/* ---- what is under way ------------------------------------------------ */

/* The mount of a struct path. */
INLINE void call_path(const struct layout *layout, struct file_call *call, __u64 path)
{
	__u64 mnt = POINTER(layout, path, PATH_MNT);

	call->mount = 0;
	if (mnt && OFFSET(layout, MOUNT_MNT) != LAYOUT_ABSENT)
		call->mount = mnt - OFFSET(layout, MOUNT_MNT);
}

/* The call to be filled in message memory; NULL: not wanted. */
INLINE struct scratch *call_begin(const struct layout *layout, __u32 type, __u32 operation)
{
	struct scratch *s;

	if (!event_wanted(layout, bpf_get_current_task(), type))
		return 0;
	s = scratch_find();
	if (!s)
		return 0;
	__builtin_memset(&s->call, 0, sizeof(s->call));
	s->call.operation = operation;
	s->call.time_ns = bpf_ktime_get_ns();
	return s;
}

/* On to the check: first the path, then the other one. */
INLINE int call_check(void *ctx, struct scratch *s, void *tails)
{
	__builtin_memset(&s->check, 0, sizeof(s->check));
	s->check.walk.dentry = s->call.dentry;
	s->check.walk.mount = s->call.mount;
	bpf_tail_call(ctx, tails, TAIL_FILE_CHECK);
	return 0;
}

/* path: struct path, of which the mount counts. NULL: not wanted. */
INLINE struct scratch *file_begin(const struct layout *layout, __u32 operation, __u64 path,
                                  __u64 dentry)
{
	struct scratch *s = call_begin(layout, EVENT_FILE, operation);

	if (!s)
		return 0;
	call_path(layout, &s->call, path);
	s->call.dentry = dentry;
	return s;
}

/* A struct path: is it seen at a glance that nobody wants to know? dentry 0: its own. */
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

INLINE __u32 file_task_slot(__u64 task)
{
	return task * SPREAD >> 50 & (FILE_TASKS - 1);
}

INLINE int changes(const struct file_call *call)
{
	return call->operation >= FILE_TRUNCATE && call->operation <= FILE_CHOWN;
}

INLINE void call_put(const struct file_call *call)
{
	__u64 task = bpf_get_current_task();
	__u32 slot = file_task_slot(task), one = 1;

	bpf_map_update_elem(&file_tasks, &slot, &one, BPF_ANY);
	bpf_map_update_elem(&file_calls, &task, call, BPF_ANY);
}

/* Through the stack: kernels before 4.18 take no map memory as a value. */
INLINE void call_keep(struct scratch *s)
{
	struct file_call call = s->call;

	call_put(&call);
}

INLINE int file_check(void *ctx, void *tails)
{
	const struct layout *layout;
	struct scratch *s = scratch_find();
	__u32 key = 0;
	struct settings *settings_now = bpf_map_lookup_elem(&settings, &key);
	int result;

	if (!s || !settings_now)
		return 0;
	result = watch_run(settings_now, &s->check);
	if (result == WATCH_NO) {
		if (!s->call.other || s->check.second)
			return 0;
		s->check.walk.dentry = s->call.other;
		s->check.walk.mount = s->call.mount;
		s->check.second = 1;
		s->check.begun = 0;
		bpf_tail_call(ctx, tails, TAIL_FILE_CHECK);
	}
	if (result == WATCH_MORE) /* Or 32 tail calls are used up: it is taken as watched. */
		bpf_tail_call(ctx, tails, TAIL_FILE_CHECK);
	layout = layout_find();
	if (!layout)
		return 0;
	owner_fill(layout, &s->call.before, POINTER(layout, s->call.dentry, DENTRY_INODE));
	if (s->call.operation == FILE_OPEN || s->call.late)
		bpf_tail_call(ctx, tails, TAIL_FILE_REPORT);
	call_keep(s);
	return 0;
}

SEC("kprobe")
int t1_file_check_kprobe(void *ctx)
{
	return file_check(ctx, &kprobe_tail_calls);
}

SEC("tracepoint")
int t1_file_check(void *ctx)
{
	return file_check(ctx, &tail_calls);
}

/* False: nothing is under way, as in most tasks. */
INLINE int call_possible(__u64 task)
{
	__u32 slot = file_task_slot(task), *may = bpf_map_lookup_elem(&file_tasks, &slot);

	return may && *may;
}

/* What the task has under way. */
INLINE struct file_call *call_find(void)
{
	__u64 task = bpf_get_current_task();

	return call_possible(task) ? bpf_map_lookup_elem(&file_calls, &task) : 0;
}

INLINE int call_done(void *ctx, const struct file_call *call)
{
	struct scratch *s = scratch_find();
	__u64 task = bpf_get_current_task();

	if (!s)
		return 0;
	s->call = *call;
	bpf_map_delete_elem(&file_calls, &task);
	bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_FILE_REPORT);
	return 0;
}

/* The end of a call that has its result; one that failed must not be taken for the next one. */
INLINE int call_returns(struct pt_regs *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task();

	if (!PT_REGS_RC(ctx))
		return call_done(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/* ---- what is open for writing ----------------------------------------- */

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
	bpf_map_update_elem(&opened_files, &file, &opened, BPF_ANY);
}

/* What was open in this struct file, and is no more, if it is another file's by now: false. */
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

/* The first write is told. */
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

/* ---- the event -------------------------------------------------------- */

/* FIELD_EXE_INODE stands for the file. */
INLINE void file_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB), name;
	int failed = inode_numbers_fill(layout, e, inode);

	name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	if (name)
		bpf_probe_read_str(e->type, sizeof(e->type), (void *)name);
	unread_if(&e->header, failed, FIELD_EXE_INODE);
}

INLINE void replaced_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u32 device;
	int unknown;

	if (READ(layout, &e->replaced_inode, inode, INODE_INO))
		return;
	inode_as_stat(layout, inode, &e->replaced_inode, &device, &unknown);
	if (unknown)
		e->replaced_inode = 0;
}

/* All but the paths, which are next. */
INLINE void file_event_fill(const struct layout *layout, struct scratch *s)
{
	const struct file_call *call = &s->call;
	struct file_event *e = &s->file;
	__u64 task = bpf_get_current_task(), fs;

	s->cursor = sizeof(*e);
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->operation = call->operation;
	e->flags = call->flags;
	e->before = call->before;
	unread_if(&e->header, call->late && changes(call), FIELD_BEFORE);
	file_fill(layout, e, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->file)
		opened_keep(layout, call->file, call->mount, call->dentry);
	string_fill(s, FILE_STRING, call->string, PATH_BYTES_MAX + 1);
	string_fill(s, FILE_TYPE, call->type, NAME_BYTES);

	fs = POINTER(layout, task, TASK_FS);
	walk_init(layout, &s->walks[FILE_ROOT], fs, OFFSET(layout, FS_ROOT));
	s->walks[FILE_PATH].dentry = call->dentry;
	s->walks[FILE_OTHER_PATH].dentry = call->other;
	if (call->operation == FILE_RENAME || call->operation == FILE_EXCHANGE) {
		s->walks[FILE_PATH].dentry = call->other;
		s->walks[FILE_OTHER_PATH].dentry = call->dentry;
		replaced_fill(layout, e, POINTER(layout, call->other, DENTRY_INODE));
	}
	s->walks[FILE_PATH].mount = s->walks[FILE_OTHER_PATH].mount = call->mount;
	s->text = FILE_ROOT;
	s->start = s->cursor;
}

INLINE int file_report(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u32 type = EVENT_FILE;

	if (!layout || !s)
		return 0;
	if (s->call.operation >= FILE_MOUNT)
		type = EVENT_MOUNT;
	s = message_begin(type, sizeof(struct file_event));
	if (!s)
		return 0;
	file_event_fill(layout, s);
	bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
	s->head.header.unread |= 1U << (FIELD_TEXTS + FILE_ROOT) | 1U << (FIELD_TEXTS + FILE_PATH) |
	                         1U << (FIELD_TEXTS + FILE_OTHER_PATH);
	message_send(ctx, s, type, sizeof(struct file_event));
	return 0;
}

INLINE int file_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u64 size, type;
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
	walk_end(s, result);
	if (s->text == FILE_ROOT || (s->text == FILE_PATH && s->call.other)) {
		s->text = s->text == FILE_ROOT ? FILE_PATH : FILE_OTHER_PATH;
		bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
		s->head.header.unread |= 1U << (FIELD_TEXTS + s->text);
	}
	type = s->head.header.type;
	size = texts_end(s, s->file.text_size, sizeof(s->file));
	if (size)
		message_send(ctx, s, type, size);
	return 0;
}

SEC("kprobe")
int t1_file_report_kprobe(void *ctx)
{
	return file_report(ctx, &kprobe_tail_calls);
}

SEC("kprobe")
int t1_file_walk_kprobe(void *ctx)
{
	return file_walk(ctx, &kprobe_tail_calls);
}

SEC("tracepoint")
int t1_file_report(void *ctx)
{
	return file_report(ctx, &tail_calls);
}

SEC("tracepoint")
int t1_file_walk(void *ctx)
{
	return file_walk(ctx, &tail_calls);
}

/* ---- first halves ----------------------------------------------------- */

#define P1 PT_REGS_PARM1(ctx)
#define P2 PT_REGS_PARM2(ctx)
#define P3 PT_REGS_PARM3(ctx)
#define P4 PT_REGS_PARM4(ctx)

#define ENTER(name, function, operation, path, dentry, other, string)           \
	SEC("kprobe/" function)                                                 \
	int t1_file_##name##_kprobe(struct pt_regs *ctx)                        \
	{                                                                       \
		return file_enter(ctx, operation, path, dentry, other, string); \
	}

/* (const struct path *dir, struct dentry *dentry, ...); mknod also of an open that makes a file. */
ENTER(mknod, "security_path_mknod", FILE_MKNOD, P1, P2, 0, 0)
ENTER(mkdir, "security_path_mkdir", FILE_MKDIR, P1, P2, 0, 0)
ENTER(unlink, "security_path_unlink", FILE_UNLINK, P1, P2, 0, 0)
ENTER(rmdir, "security_path_rmdir", FILE_RMDIR, P1, P2, 0, 0)
ENTER(symlink, "security_path_symlink", FILE_SYMLINK, P1, P2, 0, P3)
/* (struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry) */
ENTER(link, "security_path_link", FILE_LINK, P2, P3, P1, 0)
/* (old_dir, old_dentry, new_dir, new_dentry, ...); an exchange is known by d_exchange(). */
ENTER(rename, "security_path_rename", FILE_RENAME, P1, P2, P4, 0)

/* The file itself by a struct path. */
ENTER(truncate, "security_path_truncate", FILE_TRUNCATE, P1, 0, 0, 0)
ENTER(chmod, "security_path_chmod", FILE_CHMOD, P1, 0, 0, 0)
ENTER(chown, "security_path_chown", FILE_CHOWN, P1, 0, 0, 0)

/* int security_file_truncate(struct file *file): ftruncate and O_TRUNC, from 6.2 (3350607dc563) */
SEC("kprobe/security_file_truncate")
int t1_file_ftruncate_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();

	return layout ? file_enter(ctx, FILE_TRUNCATE, file_path(layout, P1), 0, 0, 0) : 0;
}

/* ---- where it has succeeded ------------------------------------------- */

#define MODE_WRITE     0x2        /* FMODE_WRITE, include/linux/fs.h */
#define MODE_CREATED   0x100000   /* FMODE_CREATED, from 4.19 (73a09dd94377) */
#define MODE_NOACCOUNT 0x20000000 /* FMODE_NOACCOUNT, from 4.19 (d3b1084dfd62) */
#define FLAG_CREATE    0100       /* O_CREAT, include/uapi/asm-generic/fcntl.h */

/*
 * int security_file_open(struct file *file, ...), once its dentry is known and
 * its inode is there. A file that this call has made was kept as a mknod. What
 * overlayfs opens below bears the same path, and is not counted by the kernel.
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
	int told;

	if (!settings_now || !settings_now->file_mode ||
	    bpf_probe_read(&mode, sizeof(mode), (void *)(file + settings_now->file_mode)) ||
	    mode & MODE_NOACCOUNT)
		return 0;
	/* One that was made just now has been decided upon. */
	told = mode & MODE_WRITE && !(mode & MODE_CREATED) &&
	       !unwatched(settings_now, file + settings_now->file_path, 0, 0);
	if (!told && !call_possible(bpf_get_current_task()))
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
		if (call->operation == FILE_CREATE) { /* reported by vfs_create() */
			call->operation = 0;
			if (mode & MODE_WRITE)
				opened_keep(layout, file, call->mount, dentry);
			return 0;
		}
	}
	if (!told)
		return 0;
	s = file_begin(layout, FILE_OPEN, path, dentry);
	if (!s)
		return 0;
	s->call.flags = flags;
	s->call.file = file;
	return call_check(ctx, s, &kprobe_tail_calls);
}

/*
 * int file_remove_privs(struct file *file), int file_modified(struct file *file)
 * (from 5.4 on, e38f7f53c352) and int kiocb_modified(struct kiocb *iocb) (6.0,
 * 66fa3cedf16a; iocb->ki_filp is its first member): what file systems call before
 * they write, of which each uses one, or one that calls another.
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

#define PROT_WRITE 0x2 /* include/uapi/asm-generic/mman-common.h */
#define MAP_SHARED 0x1 /* MAP_SHARED_VALIDATE has it too */

INLINE int maps_to_write(__u64 file, __u64 prot, __u64 flags)
{
	return file && prot & PROT_WRITE && flags & MAP_SHARED;
}

/*
 * int security_mmap_file(struct file *file, unsigned long prot, unsigned long flags): what is
 * written by the mapping has no other hook on each file system.
 */
SEC("kprobe/security_mmap_file")
int t1_file_mapped_kprobe(struct pt_regs *ctx)
{
	return maps_to_write(P1, P2, P3) ? file_written(ctx, P1) : 0;
}

/* void d_delete(struct dentry *dentry): of unlink and rmdir, while the dentry has its inode */
SEC("kprobe/d_delete")
int t1_file_deleted_kprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	if (!call || call->dentry != P1 ||
	    (call->operation != FILE_UNLINK && call->operation != FILE_RMDIR))
		return 0;
	return call_done(ctx, call);
}

/* void d_move(struct dentry *dentry, struct dentry *target): both still have their old names */
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
 * The return of a function that makes a name: done when the dentry that was kept
 * has an inode, which in overlayfs it has after those of the layers below return.
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
 * vfs_create(): mknod of a regular file; until 4.8 (6fbd07142b68) an open comes
 * here too, which then finds that it has been reported.
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

/* notify_change() of the kept dentry, and below it those of layers: the outermost return counts. */
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

/* True: the outermost one has returned. */
INLINE int outermost(struct file_call *call)
{
	if (!call->depth)
		return 0;
	return !--call->depth;
}

SEC("kretprobe/notify_change")
int t1_file_change_kretprobe(struct pt_regs *ctx)
{
	struct file_call *call = call_find();

	return call && changes(call) && outermost(call) ? call_returns(ctx, call) : 0;
}

/* ---- by descriptor, where there are no kprobes -------------------------- */

/* What was done to a file, when it is done. */
INLINE int late_report(void *ctx, const struct layout *layout, __u64 file, __u32 operation,
                       __u32 flags)
{
	__u64 path = file_path(layout, file);
	struct scratch *s = file_begin(layout, operation, path, POINTER(layout, path, PATH_DENTRY));

	if (!s)
		return 0;
	s->call.flags = flags;
	s->call.late = 1;
	return call_check(ctx, s, &tail_calls);
}

/* open, creat, openat, openat2: which has made the file is known from 4.19 on. */
SEC("tracepoint/syscalls/sys_exit_openat")
int t1_file_opened(struct syscall_exit_context *ctx)
{
	const struct layout *layout = layout_find();
	__u32 mode = 0, flags = 0;
	__u64 file;

	if (!layout || ctx->result < 0)
		return 0;
	file = descriptor_file(layout, bpf_get_current_task(), ctx->result);
	if (!file || READ(layout, &mode, file, FILE_MODE) || !(mode & (MODE_WRITE | MODE_CREATED)))
		return 0;
	READ(layout, &flags, file, FILE_FLAGS);
	return late_report(ctx, layout, file, mode & MODE_CREATED ? FILE_CREATE : FILE_OPEN, flags);
}

#define DESCRIPTOR(name, operation)                                       \
	SEC("tracepoint/syscalls/sys_enter_" #name)                       \
	int t1_file_##name##_begins(struct syscall_enter_context *ctx)    \
	{                                                                 \
		return keep(EVENT_FILE, ctx->arguments[0], 0, operation); \
	}

DESCRIPTOR(ftruncate, FILE_TRUNCATE)
DESCRIPTOR(fchmod, FILE_CHMOD)
DESCRIPTOR(fchown, FILE_CHOWN)

SEC("tracepoint/syscalls/sys_exit_fchmod")
int t1_file_changed(struct syscall_exit_context *ctx)
{
	const struct layout *layout = layout_find();
	struct kept_call *kept = kept_find(EVENT_FILE);
	__u64 file;

	if (!layout || !kept)
		return 0;
	kept->type = KEPT_NOTHING;
	file = descriptor_file(layout, bpf_get_current_task(), kept->subject);
	return file && !ctx->result ? late_report(ctx, layout, file, kept->number, 0) : 0;
}

/* ---- attributes ------------------------------------------------------- */

#define SECURITY_PREFIX 0x7974697275636573ULL /* "security" */
#define STALE_NS        1000000000ULL

/* By the first mount of the file system: the function knows the dentry alone. */
INLINE void call_any_mount(const struct layout *layout, struct file_call *call)
{
	__u64 sb = POINTER(layout, POINTER(layout, call->dentry, DENTRY_INODE), INODE_SB);
	__u64 instance = POINTER(layout, sb, SB_MOUNTS);

	call->mount = 0;
	if (instance && OFFSET(layout, MOUNT_INSTANCE) != LAYOUT_ABSENT)
		call->mount = instance - OFFSET(layout, MOUNT_INSTANCE);
}

/*
 * int vfs_setxattr(..., struct dentry *dentry, const char *name, ...), and
 * vfs_removexattr(), whose parameters are at the same places: "security." names alone.
 */
INLINE int attribute_enter(struct pt_regs *ctx, __u32 operation)
{
	const struct layout *layout = layout_find();
	struct file_call *call = call_find();
	struct scratch *s;
	__u64 name, word = 0;

	if (!layout)
		return 0;
	/* Inside of what is under way: by a layer, or after chmod by IMA, which removes its own. */
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

#endif
