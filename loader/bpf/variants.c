/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/bpf/tracefs.h"
#include "loader/bpf/variants.h"

static const struct tails walk = { "tail_calls", { { "t1_exec_walk", TAIL_EXEC_WALK } } };
static const struct tails walk_kprobe = { "kprobe_tail_calls",
	                                  { { "t1_exec_walk_kprobe", TAIL_EXEC_WALK } } };
static const struct tails parts = { "tail_calls",
	                            { { "t2_parts_argv", TAIL_PARTS_ARGV },
	                              { "t2_parts_texts", TAIL_PARTS_TEXTS } } };
static const struct tails parts_kprobe = { "kprobe_tail_calls",
	                                   { { "t3_parts_argv_kprobe", TAIL_PARTS_ARGV },
	                                     { "t3_parts_texts_kprobe", TAIL_PARTS_TEXTS } } };

static const struct tails file_tails = { "kprobe_tail_calls",
	                                 { { "t1_file_check_kprobe", TAIL_FILE_CHECK },
	                                   { "t1_file_report_kprobe", TAIL_FILE_REPORT },
	                                   { "t1_file_walk_kprobe", TAIL_FILE_WALK } } };

static const struct tails file_tails_tracepoint = { "tail_calls",
	                                            { { "t1_file_check", TAIL_FILE_CHECK },
	                                              { "t1_file_report", TAIL_FILE_REPORT },
	                                              { "t1_file_walk", TAIL_FILE_WALK } } };

static const struct tracefs_field exit_fields[] = {
	{ "ret", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field descriptor_fields[] = {
	{ "fd", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field ptrace_fields[] = {
	{ "request", 16, 8 },
	{ "pid", 24, 8 },
	{ "addr", 32, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field access_fields[] = {
	{ "pid", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field bpf_fields[] = {
	{ "cmd", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field execve_fields[] = {
	{ "filename", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field execveat_fields[] = {
	{ "filename", 24, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field prctl_fields[] = {
	{ "option", 16, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field exec_fields[] = {
	{ "pid", 12, 4 }, /* filename is before it */
	{ "old_pid", 16, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field module_load_fields[] = {
	{ "taints", 8, 4 },
	{ "name", 12, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field module_free_fields[] = {
	{ "name", 8, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field socket_fields[] = {
	{ "skaddr", 8, 8 },
	{ "newstate", 20, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field newtask_fields[] = {
	{ "pid", 8, 4 },
	{ "clone_flags", 32, 8 },
	{ NULL, 0, 0 },
};

/* Name and hook of a variant. */
/* clang-format off */
#define TRACEPOINT(group, name, fields) \
	"tracepoint " group ":" name, { HOOK_TRACEPOINT, group, name, fields }
#define RAW_TRACEPOINT(group, name) \
	"raw_tracepoint " group ":" name, { HOOK_RAW_TRACEPOINT, group, name, NULL }
#define KPROBE(function) \
	"kprobe " function, { HOOK_KPROBE, NULL, function, NULL }
#define KRETPROBE(function) \
	"kretprobe " function, { HOOK_KRETPROBE, NULL, function, NULL }
#define FENTRY(function) \
	"fentry " function, { HOOK_FENTRY, NULL, function, NULL }
#define FEXIT(function) \
	"fexit " function, { HOOK_FEXIT, NULL, function, NULL }
#define EXEC_TRACEPOINT TRACEPOINT("sched", "sched_process_exec", exec_fields)
#define EXEC_KPROBE     KPROBE("proc_exec_connector")
#define ATTEMPT_KPROBE  KPROBE("security_bprm_check")
#define PREPARED        RAW_TRACEPOINT("sched", "sched_prepare_exec")
#define RENAMED         TRACEPOINT("task", "task_rename", NULL)
#define FORK_TRACEPOINT TRACEPOINT("task", "task_newtask", newtask_fields)
#define FORK_KPROBE     KPROBE("uprobe_copy_process")
#define EXIT_TRACEPOINT TRACEPOINT("sched", "sched_process_exit", NULL)
#define EXIT_KPROBE     KPROBE("acct_process")
#define CREDENTIALS_KPROBE KPROBE("commit_creds")
#define NAMESPACES_KPROBE  KPROBE("switch_task_namespaces")
#define MODULE_LOAD        TRACEPOINT("module", "module_load", module_load_fields)
#define MODULE_FREE        TRACEPOINT("module", "module_free", module_free_fields)
/* clang-format on */

#define T1 (1 << 1)
#define T2 (1 << 2)
#define T3 (1 << 3)

#define EXECS 1 << EVENT_EXEC
#define FORKS 1 << EVENT_FORK | 1 << EVENT_THREAD
#define EXITS 1 << EVENT_EXIT

#define CREDENTIALS  1 << EVENT_CREDENTIALS
#define NAMESPACES   1 << EVENT_NAMESPACES
#define PTRACES      1 << EVENT_PTRACE
#define ACCESSES     1 << EVENT_PROCESS_ACCESS
#define SIGNALS      1 << EVENT_SIGNAL
#define MEMFDS       1 << EVENT_MEMFD
#define PROGRAMS     1 << EVENT_BPF
#define MODULES      1 << EVENT_MODULE
#define FAILED_EXECS 1 << EVENT_EXEC_FAILED
#define FILES        1 << EVENT_FILE
#define MOUNTS       1 << EVENT_MOUNT
#define SOCKETS      1 << EVENT_SOCKET
#define QUESTIONS    1 << EVENT_DNS

/* clang-format off */
/* Programs for tiers 1 and 2, and for 3. */
#define ACTION(classes, hook, program) \
	{ T1 | T2, classes, hook, "t2_" program, NULL, NULL, { 0 } }, \
	{ T3, classes, hook, "t3_" program, NULL, NULL, { BY_STACK } }

/* What the function was given, kept for the program that tells how it has returned. */
#define KEEP(classes, function, program) \
	{ T1 | T2 | T3, classes | ADDS | IF_THERE, KPROBE(function), program, NULL, NULL, { 0 } }

/* An exec that fails: the functions by which it is called, which kernels name in their way. */
#define EXEC_FAILED(function) \
	ACTION(FAILED_EXECS, KRETPROBE(function), "exec_failed_kretprobe")
#define EXEC_FAILED_TOO(function) \
	ACTION(FAILED_EXECS | ADDS | IF_THERE, KRETPROBE(function), "exec_failed_kretprobe")

/* An operation on files: the first half, or the second. */
#define FILE_KPROBE(function, program) \
	{ T1, FILES | ADDS, KPROBE(function), program, &file_tails, "file_calls", { WALK } }
#define FILE_KRETPROBE(function, program) \
	{ T1, FILES | ADDS, KRETPROBE(function), program, &file_tails, "file_calls", { 0 } }

#define FILE_WRITE_KPROBE(function, program) \
	{ T1, FILES | ADDS | IF_THERE, KPROBE(function), program, &file_tails, "file_calls", \
	  { LAYOUT_FILE_PATH, WALK } }

/* The same by fentry and fexit. */
#define FILE_BY(hook, program) \
	{ T1, FILES | ADDS | BESIDE_FENTRY, hook, program, NULL, "claims", { WALK } }
#define FILE_BY_IF(hook, program) \
	{ T1, FILES | ADDS | BESIDE_FENTRY | IF_THERE, hook, program, NULL, "claims", { WALK } }

/* The same by the end of system calls that have a descriptor. */
#define BY_DESCRIPTOR LAYOUT_FDTABLE_FD, LAYOUT_FILE_MODE, WALK
#define FILE_EXIT(call, program, more) \
	{ T1, FILES | more, TRACEPOINT("syscalls", "sys_exit_" call, exit_fields), program, \
	  &file_tails_tracepoint, "file_calls", { BY_DESCRIPTOR } }
#define FILE_EXIT_TOO(call, program) \
	FILE_EXIT(call, program, ADDS | IF_THERE | BESIDE_TRACEPOINT)
#define FILE_ENTER(call) \
	{ T1, FILES | ADDS | IF_THERE | BESIDE_TRACEPOINT, \
	  TRACEPOINT("syscalls", "sys_enter_" call, descriptor_fields), "t1_file_" call "_begins", \
	  &file_tails_tracepoint, "file_calls", { BY_DESCRIPTOR } }

/* By the beginning and the end of system calls, where no function can be hooked. */
#define CALL_ENTER(classes, call, fields, program) \
	{ T1, classes | ADDS | IF_THERE | BESIDE_TRACEPOINT, \
	  TRACEPOINT("syscalls", "sys_enter_" call, fields), program, NULL, NULL, { 0 } }
#define CALL_EXIT(classes, call, program) \
	{ T1, classes, TRACEPOINT("syscalls", "sys_exit_" call, exit_fields), program, NULL, NULL, \
	  { 0 } }
#define CALL_EXIT_TOO(classes, call, program) \
	CALL_EXIT(classes | ADDS | IF_THERE | BESIDE_TRACEPOINT, call, program)

/* The same of what changes the caller, which has to be kept. */
#define STATE_ENTER(classes, call) \
	{ T1, classes | ADDS | IF_THERE | BESIDE_TRACEPOINT, \
	  TRACEPOINT("syscalls", "sys_enter_" call, NULL), "t1_change_begins", NULL, "kept_states", { 0 } }
#define STATE_EXIT(classes, call, program) \
	{ T1, classes, TRACEPOINT("syscalls", "sys_exit_" call, NULL), program, NULL, "kept_states", { 0 } }
#define CREDENTIALS_CALL(call) \
	STATE_ENTER(CREDENTIALS, call), \
	STATE_EXIT(CREDENTIALS | ADDS | IF_THERE | BESIDE_TRACEPOINT, call, "t1_credentials")

/* A mount by the system calls from 5.2 on has its result. */
#define MOVED(function) \
	{ T1, MOUNTS | ADDS | IF_THERE, KRETPROBE(function), "t1_mounted_kretprobe", &file_tails, \
	  "file_calls", { WALK } }

/* Adds to what the states of TCP tell. */
#define SOCKET_MORE(hook, program, map, ...) \
	{ T1, SOCKETS | ADDS, hook, program, NULL, map, { __VA_ARGS__ } }
#define SOCKET_IF(hook, program, map, ...) \
	{ T1, SOCKETS | ADDS | IF_THERE, hook, program, NULL, map, { __VA_ARGS__ } }
/* clang-format on */

/* To find a path. */
#define WALK LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT

#define BINPRM LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP

/* The name of a memfd, by its descriptor. */
#define BY_MEMFD LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME

/* How tier 3 finds the task. */
#define BY_STACK LAYOUT_THREAD_UNION_SIZE, LAYOUT_THREAD_INFO_TASK

/* Per class in the order of choice. Facts with index 0 (task_struct.pid) cannot be needs. */
/* clang-format off */
const struct variant variants[] = {
	/* The function first: a file name of 2,000 bytes makes older kernels drop the tracepoint's record. */
	{ T1, EXECS, EXEC_KPROBE, "t1_exec_kprobe", &walk_kprobe, NULL, { 0 } },
	{ T1, EXECS, EXEC_TRACEPOINT, "t1_exec", &walk, NULL, { 0 } },
	{ T2, EXECS, EXEC_KPROBE, "t2_exec_kprobe", &parts_kprobe, NULL, { 0 } },
	{ T2, EXECS, EXEC_TRACEPOINT, "t2_exec", &parts, NULL, { 0 } },
	{ T3, EXECS, EXEC_KPROBE, "t3_exec_kprobe", &parts_kprobe, NULL, { BY_STACK } },
	{ T1 | T2, EXECS | ADDS, ATTEMPT_KPROBE, "t2_attempt_kprobe", NULL, NULL, { BINPRM } },
	{ T3, EXECS | ADDS, ATTEMPT_KPROBE, "t3_attempt_kprobe", NULL, NULL, { BINPRM, BY_STACK } },
	/* From 6.10 on. */
	{ T1, EXECS | ADDS | IF_THERE | BESIDE_TRACEPOINT, PREPARED, "t1_prepared", NULL, NULL, { BINPRM } },
	{ T1 | T2, EXECS | ADDS | IF_THERE | BESIDE_TRACEPOINT, RENAMED, "t2_renamed", NULL, NULL, { 0 } },
	{ T1, FORKS, FORK_TRACEPOINT, "t1_fork", NULL, NULL, { 0 } },
	{ T1, FORKS, FORK_KPROBE, "t1_fork_kprobe", NULL, NULL, { 0 } },
	{ T2, FORKS, FORK_TRACEPOINT, "t2_fork", NULL, NULL, { 0 } },
	{ T2, FORKS, FORK_KPROBE, "t2_fork_kprobe", NULL, NULL, { 0 } },
	{ T3, FORKS, FORK_KPROBE, "t3_fork_kprobe", NULL, NULL, { BY_STACK } },
	{ T1, EXITS, EXIT_TRACEPOINT, "t1_exit", NULL, "exited",
	  { LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE } },
	{ T1, EXITS, EXIT_KPROBE, "t1_exit_kprobe", NULL, NULL, { LAYOUT_TASK_SIGNAL } },
	{ T2, EXITS, EXIT_KPROBE, "t2_exit_kprobe", NULL, NULL, { LAYOUT_TASK_SIGNAL } },
	{ T3, EXITS, EXIT_KPROBE, "t3_exit_kprobe", NULL, NULL, { LAYOUT_TASK_SIGNAL, BY_STACK } },
	{ T1 | T2 | T3, NAMESPACES, NAMESPACES_KPROBE, "t3_namespaces_kprobe", NULL, NULL, { 0 } },
	/* Before those of credentials: until 4.15 (e87c6bc3852b) a tracepoint takes one program. */
	STATE_EXIT(NAMESPACES, "setns", "t1_namespaces"),
	STATE_EXIT(NAMESPACES | ADDS | IF_THERE | BESIDE_TRACEPOINT, "unshare", "t1_namespaces"),
	{ T1 | T2, CREDENTIALS, CREDENTIALS_KPROBE, "t2_credentials_kprobe", NULL, NULL, { 0 } },
	{ T3, CREDENTIALS, CREDENTIALS_KPROBE, "t3_credentials_kprobe", NULL, NULL, { BY_STACK } },
	STATE_EXIT(CREDENTIALS, "setuid", "t1_credentials"),
	STATE_ENTER(CREDENTIALS, "setuid"),
	CREDENTIALS_CALL("setreuid"), CREDENTIALS_CALL("setresuid"), CREDENTIALS_CALL("setfsuid"),
	CREDENTIALS_CALL("setgid"), CREDENTIALS_CALL("setregid"), CREDENTIALS_CALL("setresgid"),
	CREDENTIALS_CALL("setfsgid"), CREDENTIALS_CALL("capset"),
	{ T1, CREDENTIALS | ADDS | IF_THERE | BESIDE_TRACEPOINT,
	  TRACEPOINT("syscalls", "sys_enter_prctl", prctl_fields), "t1_prctl_begins", NULL, "kept_states", { 0 } },
	STATE_EXIT(CREDENTIALS | ADDS | IF_THERE | BESIDE_TRACEPOINT, "prctl", "t1_credentials"),
	STATE_EXIT(CREDENTIALS | ADDS | IF_THERE | BESIDE_TRACEPOINT, "setns", "t1_credentials"),
	STATE_EXIT(CREDENTIALS | ADDS | IF_THERE | BESIDE_TRACEPOINT, "unshare", "t1_credentials"),
	STATE_ENTER(CREDENTIALS | NAMESPACES, "setns"),
	STATE_ENTER(CREDENTIALS | NAMESPACES, "unshare"),
	ACTION(PTRACES, KRETPROBE("ptrace_attach"), "ptrace_kretprobe"),
	ACTION(PTRACES, KPROBE("proc_ptrace_connector"), "ptrace_kprobe"),
	CALL_EXIT(PTRACES, "ptrace", "t1_ptrace"),
	CALL_ENTER(PTRACES, "ptrace", ptrace_fields, "t1_ptrace_begins"),
	ACTION(PTRACES | ADDS, KRETPROBE("arch_ptrace"), "ptrace_kretprobe"),
	ACTION(PTRACES | ADDS | IF_THERE, KRETPROBE("compat_arch_ptrace"), "ptrace_kretprobe"),
	KEEP(PTRACES, "ptrace_attach", "t3_ptrace_attach_kprobe"),
	KEEP(PTRACES, "arch_ptrace", "t3_ptrace_write_kprobe"),
	KEEP(PTRACES, "compat_arch_ptrace", "t3_ptrace_write_kprobe"),
	ACTION(ACCESSES, KRETPROBE("ptrace_may_access"), "access_kretprobe"),
	KEEP(ACCESSES, "ptrace_may_access", "t3_access_kprobe"),
	CALL_EXIT(ACCESSES, "process_vm_writev", "t1_access"),
	CALL_EXIT_TOO(ACCESSES, "process_vm_readv", "t1_access"),
	CALL_ENTER(ACCESSES, "process_vm_writev", access_fields, "t1_access_begins"),
	CALL_ENTER(ACCESSES, "process_vm_readv", access_fields, "t1_access_begins"),
	ACTION(SIGNALS, KRETPROBE("check_kill_permission"), "signal_kretprobe"),
	ACTION(SIGNALS, KPROBE("security_task_kill"), "signal_kprobe"),
	{ T1, SIGNALS, RAW_TRACEPOINT("signal", "signal_generate"), "t1_signal", NULL, NULL, { 0 } },
	KEEP(SIGNALS, "check_kill_permission", "t3_signal_check_kprobe"),
	{ T1 | T2, MEMFDS, KRETPROBE("sys_memfd_create"), "t2_memfd_kretprobe", NULL, NULL, { BY_MEMFD } },
	{ T3, MEMFDS, KRETPROBE("sys_memfd_create"), "t3_memfd_kretprobe", NULL, NULL, { BY_MEMFD, BY_STACK } },
	ACTION(MEMFDS, KPROBE("__shmem_file_setup"), "memfd_kprobe"),
	ACTION(MEMFDS, KPROBE("shmem_file_setup"), "memfd_kprobe"),
	{ T1, MEMFDS, TRACEPOINT("syscalls", "sys_exit_memfd_create", exit_fields), "t1_memfd", NULL, NULL,
	  { BY_MEMFD } },
	ACTION(MEMFDS | ADDS | IF_THERE, KPROBE("hugetlb_file_setup"), "memfd_kprobe"),
	ACTION(PROGRAMS, KRETPROBE("bpf_check"), "bpf_kretprobe"),
	KEEP(PROGRAMS, "bpf_check", "t3_bpf_kprobe"),
	KEEP(PROGRAMS, "security_bpf", "t3_bpf_size_kprobe"),
	CALL_EXIT(PROGRAMS, "bpf", "t1_bpf"),
	CALL_ENTER(PROGRAMS, "bpf", bpf_fields, "t1_bpf_begins"),
	EXEC_FAILED("__x64_sys_execve"),
	EXEC_FAILED("sys_execve"),
	CALL_EXIT(FAILED_EXECS, "execve", "t1_exec_failed"),
	CALL_EXIT_TOO(FAILED_EXECS, "execveat", "t1_exec_failed"),
	CALL_ENTER(FAILED_EXECS, "execve", execve_fields, "t1_execve_begins"),
	CALL_ENTER(FAILED_EXECS, "execveat", execveat_fields, "t1_execveat_begins"),
	EXEC_FAILED_TOO("__x64_sys_execveat"),
	EXEC_FAILED_TOO("sys_execveat"),
	EXEC_FAILED_TOO("__ia32_compat_sys_execve"),
	EXEC_FAILED_TOO("__ia32_compat_sys_execveat"),
	EXEC_FAILED_TOO("compat_sys_execve"),
	EXEC_FAILED_TOO("compat_sys_execveat"),
	KEEP(FAILED_EXECS, "__x64_sys_execve", "t3_exec_x64_kprobe"),
	KEEP(FAILED_EXECS, "__x64_sys_execveat", "t3_execat_x64_kprobe"),
	KEEP(FAILED_EXECS, "__ia32_compat_sys_execve", "t3_exec_ia32_kprobe"),
	KEEP(FAILED_EXECS, "__ia32_compat_sys_execveat", "t3_execat_ia32_kprobe"),
	KEEP(FAILED_EXECS, "sys_execve", "t3_exec_call_kprobe"),
	KEEP(FAILED_EXECS, "sys_execveat", "t3_execat_call_kprobe"),
	KEEP(FAILED_EXECS, "compat_sys_execve", "t3_exec_call_kprobe"),
	KEEP(FAILED_EXECS, "compat_sys_execveat", "t3_execat_call_kprobe"),
	{ T1 | T2, MODULES, MODULE_LOAD, "t2_module_load", NULL, NULL, { 0 } },
	{ T1 | T2, MODULES | ADDS, MODULE_FREE, "t2_module_free", NULL, NULL, { 0 } },
	{ T3, MODULES, KPROBE("do_init_module"), "t3_module_begins_kprobe", NULL, NULL, { LAYOUT_MODULE_NAME, BY_STACK } },
	{ T3, MODULES | ADDS, KPROBE("module_arch_cleanup"), "t3_module_ends_kprobe", NULL, NULL, { LAYOUT_MODULE_NAME, BY_STACK } },
	{ T1, FILES, FENTRY("security_file_open"), "f1_file_open", NULL, "claims",
	  { LAYOUT_FILE_MODE, LAYOUT_FILE_FLAGS, LAYOUT_FILE_PATH, LAYOUT_VFSMOUNT_ROOT, WALK } },
	FILE_BY(FEXIT("filename_create"), "f1_file_mknod"),
	FILE_BY(FENTRY("security_path_mkdir"), "f1_file_mkdir"),
	FILE_BY(FENTRY("security_path_unlink"), "f1_file_unlink"),
	FILE_BY(FENTRY("security_path_rmdir"), "f1_file_rmdir"),
	FILE_BY(FENTRY("security_path_symlink"), "f1_file_symlink"),
	FILE_BY(FENTRY("security_path_link"), "f1_file_link"),
	FILE_BY(FENTRY("security_path_rename"), "f1_file_rename"),
	FILE_BY(FENTRY("security_path_truncate"), "f1_file_truncate"),
	FILE_BY(FENTRY("security_path_chmod"), "f1_file_chmod"),
	FILE_BY(FENTRY("security_path_chown"), "f1_file_chown"),
	FILE_BY_IF(FENTRY("security_file_truncate"), "f1_file_ftruncate"),
	FILE_BY(FENTRY("d_delete"), "f1_file_deleted"),
	FILE_BY(FENTRY("d_move"), "f1_file_moved"),
	FILE_BY(FENTRY("d_exchange"), "f1_file_exchanged"),
	FILE_BY(FEXIT("vfs_create"), "f1_file_create_made"),
	FILE_BY(FEXIT("vfs_mknod"), "f1_file_mknod_made"),
	FILE_BY(FEXIT("vfs_mkdir"), "f1_file_mkdir_made"),
	FILE_BY(FEXIT("vfs_symlink"), "f1_file_symlink_made"),
	FILE_BY(FEXIT("vfs_link"), "f1_file_link_made"),
	FILE_BY(FEXIT("notify_change"), "f1_file_changed"),
	FILE_BY(FENTRY("vfs_setxattr"), "f1_file_setxattr"),
	FILE_BY(FEXIT("vfs_setxattr"), "f1_file_setxattr_done"),
	FILE_BY(FENTRY("vfs_removexattr"), "f1_file_removexattr"),
	FILE_BY(FEXIT("vfs_removexattr"), "f1_file_removexattr_done"),
	FILE_BY(FENTRY("security_mmap_file"), "f1_file_mapped"),
	FILE_BY(FENTRY("file_remove_privs"), "f1_file_remove_privs"),
	FILE_BY(FENTRY("file_modified"), "f1_file_modified"),
	FILE_BY_IF(FENTRY("kiocb_modified"), "f1_file_kiocb"),
	{ T1, FILES, KPROBE("security_file_open"), "t1_file_open_kprobe", &file_tails, "file_calls",
	  { LAYOUT_FILE_MODE, LAYOUT_FILE_PATH, WALK } },
	FILE_EXIT("openat", "t1_file_opened", 0),
	FILE_EXIT_TOO("open", "t1_file_opened"),
	FILE_EXIT_TOO("creat", "t1_file_opened"),
	FILE_EXIT_TOO("openat2", "t1_file_opened"),
	FILE_ENTER("ftruncate"), FILE_EXIT_TOO("ftruncate", "t1_file_changed"),
	FILE_ENTER("fchmod"), FILE_EXIT_TOO("fchmod", "t1_file_changed"),
	FILE_ENTER("fchown"), FILE_EXIT_TOO("fchown", "t1_file_changed"),
	FILE_KPROBE("security_path_mknod", "t1_file_mknod_kprobe"),
	FILE_KPROBE("security_path_mkdir", "t1_file_mkdir_kprobe"),
	FILE_KPROBE("security_path_unlink", "t1_file_unlink_kprobe"),
	FILE_KPROBE("security_path_rmdir", "t1_file_rmdir_kprobe"),
	FILE_KPROBE("security_path_symlink", "t1_file_symlink_kprobe"),
	FILE_KPROBE("security_path_link", "t1_file_link_kprobe"),
	FILE_KPROBE("security_path_rename", "t1_file_rename_kprobe"),
	FILE_KPROBE("security_path_truncate", "t1_file_truncate_kprobe"),
	FILE_KPROBE("security_path_chmod", "t1_file_chmod_kprobe"),
	FILE_KPROBE("security_path_chown", "t1_file_chown_kprobe"),
	FILE_KPROBE("d_delete", "t1_file_deleted_kprobe"),
	FILE_KPROBE("d_move", "t1_file_moved_kprobe"),
	/* From 3.15 (da1ce0670c14), and 6.2 (3350607dc563). */
	{ T1, FILES | ADDS | IF_THERE, KPROBE("d_exchange"), "t1_file_exchanged_kprobe",
	  &file_tails, "file_calls", { WALK } },
	{ T1, FILES | ADDS | IF_THERE, KPROBE("security_file_truncate"),
	  "t1_file_ftruncate_kprobe", &file_tails, "file_calls", { WALK } },
	FILE_KRETPROBE("vfs_create", "t1_file_create_kretprobe"),
	FILE_KRETPROBE("vfs_mknod", "t1_file_mknod_kretprobe"),
	FILE_KRETPROBE("vfs_mkdir", "t1_file_mkdir_kretprobe"),
	FILE_KRETPROBE("vfs_symlink", "t1_file_symlink_kretprobe"),
	FILE_KRETPROBE("vfs_link", "t1_file_link_kretprobe"),
	{ T1, FILES | ADDS, KPROBE("notify_change"), "t1_file_change_kprobe", &file_tails,
	  "file_calls", { LAYOUT_NOTIFY_CHANGE_DENTRY } },
	FILE_KRETPROBE("notify_change", "t1_file_change_kretprobe"),
	{ T1, FILES | ADDS, KPROBE("vfs_setxattr"), "t1_file_setxattr_kprobe", &file_tails,
	  "file_calls", { LAYOUT_VFS_SETXATTR_DENTRY, LAYOUT_VFS_SETXATTR_NAME } },
	FILE_KRETPROBE("vfs_setxattr", "t1_file_setxattr_kretprobe"),
	{ T1, FILES | ADDS, KPROBE("vfs_removexattr"), "t1_file_removexattr_kprobe", &file_tails,
	  "file_calls", { LAYOUT_VFS_SETXATTR_DENTRY, LAYOUT_VFS_SETXATTR_NAME } },
	FILE_KRETPROBE("vfs_removexattr", "t1_file_removexattr_kretprobe"),
	FILE_KPROBE("security_mmap_file", "t1_file_mapped_kprobe"),
	FILE_WRITE_KPROBE("file_remove_privs", "t1_file_write_kprobe"),
	FILE_WRITE_KPROBE("file_modified", "t1_file_write_kprobe"),
	FILE_WRITE_KPROBE("kiocb_modified", "t1_file_kiocb_kprobe"),
	{ T1, MOUNTS, KRETPROBE("path_mount"), "t1_mounted_kretprobe", &file_tails, "file_calls",
	  { WALK } },
	{ T1, MOUNTS, KRETPROBE("do_mount"), "t1_mounted_kretprobe", &file_tails, "file_calls",
	  { WALK } },
	{ T1, MOUNTS | ADDS, KPROBE("security_sb_mount"), "t1_mount_kprobe", &file_tails,
	  "file_calls", { WALK } },
	{ T1, MOUNTS | ADDS | IF_THERE, KPROBE("security_move_mount"), "t1_move_mount_kprobe",
	  &file_tails, "file_calls", { WALK } },
	MOVED("do_move_mount"), MOVED("__x64_sys_move_mount"), MOVED("__ia32_sys_move_mount"),
	{ T1, MOUNTS | ADDS, KPROBE("security_sb_umount"), "t1_umount_kprobe", &file_tails,
	  "file_calls", { WALK } },
	{ T2, MOUNTS, KRETPROBE("do_mount"), "t2_mounted_kretprobe", &parts_kprobe, NULL, { WALK } },
	{ T3, MOUNTS, KRETPROBE("do_mount"), "t3_mounted_kretprobe", &parts_kprobe, NULL,
	  { WALK, BY_STACK } },
	{ T2 | T3, MOUNTS | ADDS, KPROBE("security_sb_mount"), "t3_mount_kprobe", &parts_kprobe,
	  NULL, { WALK } },
	{ T2, MOUNTS | ADDS, KPROBE("security_sb_umount"), "t2_umount_kprobe", &parts_kprobe,
	  NULL, { WALK } },
	{ T3, MOUNTS | ADDS, KPROBE("security_sb_umount"), "t3_umount_kprobe", &parts_kprobe,
	  NULL, { WALK, BY_STACK } },
	{ T1, SOCKETS, TRACEPOINT("sock", "inet_sock_set_state", socket_fields), "t1_socket", NULL,
	  "connections", { LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DPORT } },
	{ T1, SOCKETS, KPROBE("tcp_set_state"), "t1_socket_kprobe", NULL, "connections",
	  { LAYOUT_SOCK_FAMILY, LAYOUT_SOCK_DPORT } },
	/* To listen is no change of tcp_set_state()'s. */
	{ T1, SOCKETS | ADDS, KPROBE("inet_csk_listen_start"), "t1_listen_kprobe", NULL,
	  "connections", { LAYOUT_SOCK_FAMILY } },
	SOCKET_MORE(KRETPROBE("inet_csk_accept"), "t1_accept_kretprobe", "connections",
	            LAYOUT_SOCK_FAMILY),
	SOCKET_MORE(KPROBE("tcp_v4_connect"), "t1_connect_kprobe", "connections",
	            LAYOUT_SOCK_FAMILY),
	SOCKET_IF(KPROBE("tcp_v6_connect"), "t1_connect_kprobe", "connections",
	          LAYOUT_SOCK_FAMILY),
	SOCKET_MORE(KRETPROBE("tcp_v4_connect"), "t1_socket_kretprobe", "connections",
	            LAYOUT_SOCK_FAMILY),
	SOCKET_IF(KRETPROBE("tcp_v6_connect"), "t1_socket_kretprobe", "connections",
	          LAYOUT_SOCK_FAMILY),
	SOCKET_MORE(KPROBE("inet_bind"), "t1_bind_kprobe", "connections", LAYOUT_SOCKET_SK),
	SOCKET_IF(KPROBE("inet6_bind"), "t1_bind_kprobe", "connections", LAYOUT_SOCKET_SK),
	SOCKET_MORE(KRETPROBE("inet_bind"), "t1_socket_kretprobe", "connections",
	            LAYOUT_SOCKET_SK),
	SOCKET_IF(KRETPROBE("inet6_bind"), "t1_socket_kretprobe", "connections",
	          LAYOUT_SOCKET_SK),
	SOCKET_MORE(KPROBE("udp_sendmsg"), "t1_udp_send_kprobe", "flows",
	            LAYOUT_UDP_SENDMSG_MSG, LAYOUT_MSGHDR_NAME),
	SOCKET_IF(KPROBE("udpv6_sendmsg"), "t1_udp6_send_kprobe", "flows",
	          LAYOUT_UDPV6_SENDMSG_MSG, LAYOUT_MSGHDR_NAME),
	/* From 4.10 on (ba6b918ab234), and before. */
	SOCKET_IF(KPROBE("skb_consume_udp"), "t1_udp_receive_kprobe", "flows",
	          LAYOUT_SKB_HEAD, LAYOUT_SOCK_PROTOCOL),
	SOCKET_IF(KPROBE("skb_free_datagram_locked"), "t1_udp_receive_kprobe", "flows",
	          LAYOUT_SKB_HEAD, LAYOUT_SOCK_PROTOCOL),
	{ T1, QUESTIONS, KPROBE("ip_send_skb"), "t1_dns_kprobe", NULL, NULL,
	  { LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN } },
	{ T1, QUESTIONS | ADDS | IF_THERE, KPROBE("ip6_send_skb"), "t1_dns6_kprobe", NULL, NULL,
	  { LAYOUT_SKB_HEAD, LAYOUT_SKB_DATA_LEN } },
	SOCKET_MORE(KPROBE("unix_stream_connect"), "t1_unix_kprobe", "unix_calls",
	            LAYOUT_SOCKET_SK),
	SOCKET_MORE(KRETPROBE("unix_stream_connect"), "t1_unix_kretprobe", "unix_calls",
	            LAYOUT_SOCKET_SK),
	SOCKET_IF(KPROBE("unix_dgram_connect"), "t1_unix_kprobe", "unix_calls", LAYOUT_SOCKET_SK),
	SOCKET_IF(KRETPROBE("unix_dgram_connect"), "t1_unix_kretprobe", "unix_calls",
	          LAYOUT_SOCKET_SK),
};
/* clang-format on */

const size_t variants_count = sizeof(variants) / sizeof(variants[0]);
_Static_assert(sizeof(variants) / sizeof(variants[0]) <= VARIANTS_MAX, "a bit for each");
