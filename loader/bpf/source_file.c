/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources of operations on files, and of mounts.
 *
 * A program at the check of rights keeps what is asked for, another one reports
 * it where it has succeeded. Most operations share the second one.
 */
#include <stddef.h>

#include "loader/bpf/source_rows.h"

static const struct tracefs_field descriptor_fields[] = { { "fd", 16, 8 }, { NULL, 0, 0 } };

static const struct tails kprobe_tails = { "kprobe_tail_calls",
	                                   { { "t1_file_check_kprobe", TAIL_FILE_CHECK },
	                                     { "t1_file_report_kprobe", TAIL_FILE_REPORT },
	                                     { "t1_file_walk_kprobe", TAIL_FILE_WALK } } };

static const struct tails tracepoint_tails = { "tail_calls",
	                                       { { "t1_file_check", TAIL_FILE_CHECK },
	                                         { "t1_file_report", TAIL_FILE_REPORT },
	                                         { "t1_file_walk", TAIL_FILE_WALK } } };

static const struct tails parts_tails = { "kprobe_tail_calls",
	                                  { { "t3_parts_argv_kprobe", TAIL_PARTS_ARGV },
	                                    { "t3_parts_texts_kprobe", TAIL_PARTS_TEXTS } } };

/* clang-format off */

/* ---- file ------------------------------------------------------------- */

/* How a mount is found where a function has the dentry only. */
#define ANY_MOUNT LAYOUT_SB_MOUNTS, LAYOUT_MOUNT_INSTANCE

/* By fentry and fexit; X: the kernel may not have the function. */
#define ENTRY(function, program, what)   PROGRAM(OPTIONAL, FENTRY(function), program, .lacks = what)
#define ENTRY_X(function, program, what) \
	PROGRAM(IF_HOOK_EXISTS, FENTRY(function), program, .lacks = what)
#define EXIT(function, program, what)    PROGRAM(OPTIONAL, FEXIT(function), program, .lacks = what)
#define BOTH(function, program, what) \
	PROGRAM(OPTIONAL, FEXIT(function), program "_done", .facts = FACTS(ANY_MOUNT), \
	        .lacks = what), \
	PROGRAM(PAIRED, FENTRY(function), program)

#define BY_FENTRY \
	PROGRAM(REQUIRED, FENTRY("security_file_open"), "f1_file_open"), \
	EXIT("filename_create", "f1_file_mknod", "create and mknod"), \
	ENTRY("security_path_mkdir", "f1_file_mkdir", "mkdir"), \
	ENTRY("security_path_unlink", "f1_file_unlink", "unlink"), \
	ENTRY("security_path_rmdir", "f1_file_rmdir", "rmdir"), \
	ENTRY("security_path_symlink", "f1_file_symlink", "symlink"), \
	ENTRY("security_path_link", "f1_file_link", "link"), \
	ENTRY("security_path_rename", "f1_file_rename", "rename and exchange"), \
	ENTRY("security_path_truncate", "f1_file_truncate", "truncate by path"), \
	ENTRY("security_path_chmod", "f1_file_chmod", "chmod"), \
	ENTRY("security_path_chown", "f1_file_chown", "chown"), \
	ENTRY_X("security_file_truncate", "f1_file_ftruncate", "truncate by descriptor"), \
	ENTRY("d_delete", "f1_file_deleted", "unlink and rmdir"), \
	ENTRY("d_move", "f1_file_moved", "rename"), \
	ENTRY("d_exchange", "f1_file_exchanged", "exchange"), \
	EXIT("vfs_create", "f1_file_create_made", "create"), \
	EXIT("vfs_mknod", "f1_file_mknod_made", "mknod"), \
	EXIT("vfs_mkdir", "f1_file_mkdir_made", "mkdir"), \
	EXIT("vfs_symlink", "f1_file_symlink_made", "symlink"), \
	EXIT("vfs_link", "f1_file_link_made", "link"), \
	EXIT("notify_change", "f1_file_changed", "truncate, chmod and chown"), \
	BOTH("vfs_setxattr", "f1_file_setxattr", "setxattr"), \
	BOTH("vfs_removexattr", "f1_file_removexattr", "removexattr"), \
	ENTRY("security_mmap_file", "f1_file_mapped", "writes by shared mappings"), \
	ENTRY("security_file_free", "f1_file_closed", "write, once many files were opened"), \
	ENTRY("file_remove_privs", "f1_file_remove_privs", "write"), \
	ENTRY("file_modified", "f1_file_modified", "write"), \
	ENTRY_X("kiocb_modified", "f1_file_kiocb", "write")

/* The same by kprobes. */
#define KENTRY(function, program, what)   PROGRAM(OPTIONAL, KPROBE(function), program, .lacks = what)
#define KENTRY_X(function, program, what) \
	PROGRAM(IF_HOOK_EXISTS, KPROBE(function), program, .lacks = what)
#define KEXIT(function, program, what) \
	PROGRAM(OPTIONAL, KRETPROBE(function), program, .lacks = what)

/* Behind an operation that has succeeded; without it the return of its function is needed. */
#define DONE(function, program) \
	PROGRAM(IF_HOOK_EXISTS, KPROBE(function), program, \
	        .lacks = "operations beside others that sleep in the same function")

/* With a return: counts those that were missed. */
#define FILE_THREAD_ENDS PROGRAM(PAIRED, KPROBE("exit_signals"), "t1_file_ends_kprobe")

#define SETXATTR_FACTS FACTS(LAYOUT_VFS_SETXATTR_DENTRY, LAYOUT_VFS_SETXATTR_NAME, ANY_MOUNT)

#define BY_KPROBES \
	PROGRAM(REQUIRED, KPROBE("security_file_open"), "t1_file_open_kprobe"), \
	KENTRY("security_path_mknod", "t1_file_mknod_kprobe", "create and mknod"), \
	KENTRY("security_path_mkdir", "t1_file_mkdir_kprobe", "mkdir"), \
	KENTRY("security_path_unlink", "t1_file_unlink_kprobe", "unlink"), \
	KENTRY("security_path_rmdir", "t1_file_rmdir_kprobe", "rmdir"), \
	KENTRY("security_path_symlink", "t1_file_symlink_kprobe", "symlink"), \
	KENTRY("security_path_link", "t1_file_link_kprobe", "link"), \
	KENTRY("security_path_rename", "t1_file_rename_kprobe", "rename and exchange"), \
	KENTRY("security_path_truncate", "t1_file_truncate_kprobe", "truncate by path"), \
	KENTRY("security_path_chmod", "t1_file_chmod_kprobe", "chmod"), \
	KENTRY("security_path_chown", "t1_file_chown_kprobe", "chown"), \
	KENTRY("d_delete", "t1_file_deleted_kprobe", "unlink and rmdir"), \
	KENTRY("d_move", "t1_file_moved_kprobe", "rename"), \
	/* From 3.15 (da1ce0670c14), and 6.2 (3350607dc563). */ \
	KENTRY_X("d_exchange", "t1_file_exchanged_kprobe", "exchange"), \
	KENTRY_X("security_file_truncate", "t1_file_ftruncate_kprobe", "truncate by descriptor"), \
	DONE("done_path_create", "t1_file_made_kprobe"), \
	DONE("mnt_drop_write", "t1_file_dropped_kprobe"), \
	DONE("evm_inode_post_setattr", "t1_file_changed_kprobe"), \
	DONE("security_inode_post_setxattr", "t1_file_xattr_set_kprobe"), \
	DONE("evm_inode_post_removexattr", "t1_file_xattr_removed_kprobe"), \
	KEXIT("vfs_create", "t1_file_create_kretprobe", "create"), \
	KEXIT("vfs_mknod", "t1_file_mknod_kretprobe", "mknod"), \
	KEXIT("vfs_mkdir", "t1_file_mkdir_kretprobe", "mkdir"), \
	KEXIT("vfs_symlink", "t1_file_symlink_kretprobe", "symlink"), \
	KEXIT("vfs_link", "t1_file_link_kretprobe", "link"), \
	PAIR(OPTIONAL, "notify_change", "t1_file_change_kretprobe", "t1_file_change_kprobe", \
	     .facts = FACTS(LAYOUT_NOTIFY_CHANGE_DENTRY), .lacks = "truncate, chmod and chown"), \
	FILE_THREAD_ENDS, \
	PAIR(OPTIONAL, "vfs_setxattr", "t1_file_setxattr_kretprobe", "t1_file_setxattr_kprobe", \
	     .facts = SETXATTR_FACTS, .lacks = "setxattr"), \
	FILE_THREAD_ENDS, \
	PAIR(OPTIONAL, "vfs_removexattr", "t1_file_removexattr_kretprobe", \
	     "t1_file_removexattr_kprobe", .facts = SETXATTR_FACTS, .lacks = "removexattr"), \
	FILE_THREAD_ENDS, \
	KENTRY("security_mmap_file", "t1_file_mapped_kprobe", "writes by shared mappings"), \
	KENTRY("security_file_free", "t1_file_closed_kprobe", "write, once many files were opened"), \
	KENTRY_X("file_remove_privs", "t1_file_write_kprobe", "write"), \
	KENTRY_X("file_modified", "t1_file_write_kprobe", "write"), \
	KENTRY_X("kiocb_modified", "t1_file_kiocb_kprobe", "write")

/* By the end of system calls that return or take a descriptor. */
#define OPENED(needed, call, ...) \
	PROGRAM(needed, TRACEPOINT("syscalls", "sys_exit_" call, exit_fields), "t1_file_opened", \
	        __VA_ARGS__)
#define CHANGED(call) \
	CALL(IF_HOOK_EXISTS, call, "t1_file_changed", "t1_file_" call "_begins", \
	     descriptor_fields, .lacks = call "(2)")

#define BY_DESCRIPTOR \
	OPENED(REQUIRED, "openat"), \
	OPENED(IF_HOOK_EXISTS, "open", .lacks = "open(2)"), \
	OPENED(IF_HOOK_EXISTS, "creat", .lacks = "creat(2)"), \
	OPENED(IF_HOOK_EXISTS, "openat2", .lacks = "openat2(2)"), \
	OPENED(IF_HOOK_EXISTS, "open_by_handle_at", .lacks = "open_by_handle_at(2)"), \
	CHANGED("ftruncate"), CHANGED("fchmod"), CHANGED("fchown")

#define BY_DESCRIPTOR_LACKS \
	"all operations but open, create, ftruncate(2), fchmod(2) and fchown(2), " \
	"so directories that are renamed away and back, and hard links, " \
	"create before Linux 4.19 (reported as open), sextant.before, io_uring, " CALLS_LACK

const struct source file_sources[] = {
	{ .tiers = T1, .maps = MAPS_FILE | MAPS_FENTRY, .checks_paths = true,
	  .facts = FACTS(LAYOUT_FILE_MODE, LAYOUT_FILE_FLAGS, LAYOUT_FILE_PATH,
	                 LAYOUT_VFSMOUNT_ROOT, WALK),
	  .programs = PROGRAMS(BY_FENTRY) },
	{ .tiers = T1, .maps = MAPS_FILE, .checks_paths = true, .tails = &kprobe_tails,
	  .facts = FACTS(LAYOUT_FILE_MODE, LAYOUT_FILE_PATH, WALK),
	  .programs = PROGRAMS(BY_KPROBES) },
	{ .tiers = T1, .maps = MAPS_FILE, .checks_paths = true, .tails = &tracepoint_tails,
	  .facts = FACTS(LAYOUT_FDTABLE_FD, LAYOUT_FILE_MODE, WALK), .lacks = BY_DESCRIPTOR_LACKS,
	  .programs = PROGRAMS(BY_DESCRIPTOR) },
	{ 0 },
};

/* ---- mount ------------------------------------------------------------ */

/* The return reports nothing without what security_sb_mount() was given. */
#define MOUNTED(function, at_return, at_check) \
	PROGRAM(REQUIRED, KRETPROBE(function), at_return), \
	PROGRAM(PAIRED, KPROBE("security_sb_mount"), at_check)
#define UMOUNT(program) \
	PROGRAM(OPTIONAL, KPROBE("security_sb_umount"), program, .lacks = "umount")

/* By the system calls from 5.2 on. */
#define MOVED(function) \
	PROGRAM(IF_HOOK_EXISTS, KRETPROBE(function), "t1_mounted_kretprobe", \
	        .lacks = "mounts by move_mount(2)")
#define MOVES \
	PROGRAM(IF_HOOK_EXISTS, KPROBE("security_move_mount"), "t1_move_mount_kprobe", \
	        .lacks = "mounts by move_mount(2)"), \
	MOVED("do_move_mount"), MOVED("__x64_sys_move_mount"), MOVED("__ia32_sys_move_mount")

const struct source mount_sources[] = {
	{ .tiers = T1, .maps = MAPS_FILE, .tails = &kprobe_tails, .facts = FACTS(WALK),
	  .programs = PROGRAMS(
		MOUNTED("path_mount", "t1_mounted_kretprobe", "t1_mount_kprobe"), FILE_THREAD_ENDS,
		MOVES, UMOUNT("t1_umount_kprobe")) },
	{ .tiers = T1, .maps = MAPS_FILE, .tails = &kprobe_tails, .facts = FACTS(WALK),
	  .programs = PROGRAMS(
		MOUNTED("do_mount", "t1_mounted_kretprobe", "t1_mount_kprobe"), FILE_THREAD_ENDS,
		MOVES, UMOUNT("t1_umount_kprobe")) },
	{ .tiers = T2, .tails = &parts_tails, .facts = FACTS(WALK), .programs = PROGRAMS(
		MOUNTED("do_mount", "t2_mounted_kretprobe", "t3_mount_kprobe"), KEPT_ENDS,
		UMOUNT("t2_umount_kprobe")) },
	{ .tiers = T3, .tails = &parts_tails, .facts = FACTS(WALK, BY_STACK), .programs = PROGRAMS(
		MOUNTED("do_mount", "t3_mounted_kretprobe", "t3_mount_kprobe"), KEPT_ENDS,
		UMOUNT("t3_umount_kprobe")) },
	{ 0 },
};

const struct source chroot_sources[] = {
	{ .tiers = T1, .maps = MAPS_FILE, .tails = &kprobe_tails, .facts = FACTS(WALK),
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, KPROBE("set_fs_root"), "t1_chroot_kprobe"),
		PROGRAM(PAIRED, KPROBE("security_path_chroot"), "t1_chroot_begins_kprobe")) },
	{ .tiers = T1, .maps = MAPS_FILE, .tails = &tracepoint_tails,
	  .lacks = "sextant.root; " CALLS_LACK, .facts = FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, WALK), .programs = PROGRAMS(
		PROGRAM(REQUIRED, TRACEPOINT("syscalls", "sys_exit_chroot", exit_fields), "t1_chroot")) },
	{ 0 },
};
/* clang-format on */
