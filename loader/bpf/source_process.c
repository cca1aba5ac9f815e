/* SPDX-License-Identifier: BSD-2-Clause */
/* Sources of what processes are: exec, fork and thread, exit, credentials, namespaces. */
#include <stddef.h>

#include "loader/bpf/source_rows.h"

static const struct tracefs_field execve_fields[] = { { "filename", 16, 8 }, { NULL, 0, 0 } };
static const struct tracefs_field execveat_fields[] = { { "filename", 24, 8 }, { NULL, 0, 0 } };
static const struct tracefs_field prctl_fields[] = { { "option", 16, 8 }, { NULL, 0, 0 } };
static const struct tracefs_field exec_fields[] = {
	{ "pid", 12, 4 }, /* filename is before it */
	{ "old_pid", 16, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field newtask_fields[] = {
	{ "pid", 8, 4 },
	{ "clone_flags", 32, 8 },
	{ NULL, 0, 0 },
};

static const struct tails walk = { "tail_calls", { { "t1_exec_walk", TAIL_EXEC_WALK } } };
static const struct tails walk_kprobe = { "kprobe_tail_calls",
	                                  { { "t1_exec_walk_kprobe", TAIL_EXEC_WALK } } };
static const struct tails parts = { "tail_calls",
	                            { { "t2_parts_begin", TAIL_PARTS_BEGIN },
	                              { "t2_parts_argv", TAIL_PARTS_ARGV },
	                              { "t2_parts_texts", TAIL_PARTS_TEXTS } } };
static const struct tails parts_kprobe = { "kprobe_tail_calls",
	                                   { { "t2_parts_begin_kprobe", TAIL_PARTS_BEGIN },
	                                     { "t3_parts_argv_kprobe", TAIL_PARTS_ARGV },
	                                     { "t3_parts_texts_kprobe", TAIL_PARTS_TEXTS } } };
static const struct tails parts_old = { "kprobe_tail_calls",
	                                { { "t3_parts_begin_kprobe", TAIL_PARTS_BEGIN },
	                                  { "t3_parts_argv_kprobe", TAIL_PARTS_ARGV },
	                                  { "t3_parts_texts_kprobe", TAIL_PARTS_TEXTS } } };

/* clang-format off */

/* ---- exec ------------------------------------------------------------- */

#define EXEC_KPROBE     KPROBE("proc_exec_connector")
#define EXEC_TRACEPOINT TRACEPOINT("sched", "sched_process_exec", exec_fields)

#define BINPRM LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP

/* Keeps what is known only before an exec. */
#define ATTEMPT(program, what) \
	PROGRAM(OPTIONAL, KPROBE("security_bprm_check"), program, .facts = FACTS(BINPRM), \
	        .attempts = ATTEMPTS_COMM | ATTEMPTS_BPRM, .lacks = what)

#define ATTEMPT_GIVES \
	"sextant.interpreter, sextant.interpreters, sextant.script, process.previous and process.thread.id"

/* The same where there are no kprobes; the raw tracepoint is there from 6.10 on. */
#define PREPARED \
	PROGRAM(IF_HOOK_EXISTS, RAW_TRACEPOINT("sched", "sched_prepare_exec"), "t1_prepared", \
	        .facts = FACTS(BINPRM), .attempts = ATTEMPTS_COMM | ATTEMPTS_BPRM, \
	        .lacks = "sextant.interpreter")
#define RENAMED \
	PROGRAM(IF_HOOK_EXISTS, TRACEPOINT("task", "task_rename", NULL), "t2_renamed", \
	        .attempts = ATTEMPTS_COMM, .lacks = "process.previous")

#define BY_TRACEPOINT_GIVES \
	"sextant.interpreters and sextant.script (before Linux 6.10 sextant.interpreter too)"

/*
 * A tracepoint's record has 2,048 bytes (PERF_MAX_TRACE_SIZE) until 5.16, and the name is
 * in it. For a longer one the kernel warns (perf_trace_buf_alloc(): WARN_ONCE), so the
 * tracepoint has to be the last choice.
 */
#define LONG_NAMES \
	"execs by a file name of more than some 2,000 bytes before Linux 5.16: there the first " \
	"one makes the kernel print a warning (and panic, with kernel.panic_on_warn)"

const struct source exec_sources[] = {
	{ .tiers = T1, .tails = &walk_kprobe, .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXEC_KPROBE, "t1_exec_kprobe"),
		ATTEMPT("t2_attempt_kprobe", ATTEMPT_GIVES)) },
	{ .tiers = T1, .tails = &walk, .lacks = LONG_NAMES, .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXEC_TRACEPOINT, "t1_exec"),
		ATTEMPT("t2_attempt_kprobe", BY_TRACEPOINT_GIVES),
		PREPARED,
		RENAMED) },
	{ .tiers = T2, .tails = &parts_kprobe, .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXEC_KPROBE, "t2_exec_kprobe"),
		ATTEMPT("t2_attempt_kprobe", ATTEMPT_GIVES)) },
	{ .tiers = T2, .tails = &parts, .lacks = LONG_NAMES, .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXEC_TRACEPOINT, "t2_exec"),
		ATTEMPT("t2_attempt_kprobe", BY_TRACEPOINT_GIVES),
		RENAMED) },
	{ .tiers = T3, .tails = &parts_old, .facts = FACTS(BY_STACK), .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXEC_KPROBE, "t3_exec_kprobe"),
		ATTEMPT("t3_attempt_kprobe", ATTEMPT_GIVES)) },
	{ 0 },
};

/* ---- fork, thread, exit ----------------------------------------------- */

#define FORK_TRACEPOINT TRACEPOINT("task", "task_newtask", newtask_fields)
#define FORK_KPROBE     KPROBE("uprobe_copy_process")
#define EXIT_TRACEPOINT TRACEPOINT("sched", "sched_process_exit", NULL)
#define EXIT_KPROBE     KPROBE("acct_process")

const struct source fork_sources[] = {
	{ .tiers = T1, .programs = PROGRAMS(PROGRAM(REQUIRED, FORK_TRACEPOINT, "t1_fork")) },
	{ .tiers = T1, .programs = PROGRAMS(PROGRAM(REQUIRED, FORK_KPROBE, "t1_fork_kprobe")) },
	{ .tiers = T2, .programs = PROGRAMS(PROGRAM(REQUIRED, FORK_TRACEPOINT, "t2_fork")) },
	{ .tiers = T2, .programs = PROGRAMS(PROGRAM(REQUIRED, FORK_KPROBE, "t2_fork_kprobe")) },
	{ .tiers = T3, .facts = FACTS(BY_STACK), .programs = PROGRAMS(
		PROGRAM(REQUIRED, FORK_KPROBE, "t3_fork_kprobe")) },
	{ 0 },
};

const struct source exit_sources[] = {
	{ .tiers = T1, .maps = MAPS_EXITED,
	  .facts = FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE), .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXIT_TRACEPOINT, "t1_exit")) },
	{ .tiers = T1, .facts = FACTS(LAYOUT_TASK_SIGNAL), .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXIT_KPROBE, "t1_exit_kprobe")) },
	{ .tiers = T2, .facts = FACTS(LAYOUT_TASK_SIGNAL), .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXIT_KPROBE, "t2_exit_kprobe")) },
	{ .tiers = T3, .facts = FACTS(LAYOUT_TASK_SIGNAL, BY_STACK), .programs = PROGRAMS(
		PROGRAM(REQUIRED, EXIT_KPROBE, "t3_exit_kprobe")) },
	{ 0 },
};

/* ---- credentials, namespaces ------------------------------------------ */

/* A system call that may change the caller: its entry keeps what was before. */
#define CHANGE_FROM(needed, call, at_exit, at_entry, entry_fields, what) \
	PROGRAM(needed, TRACEPOINT("syscalls", "sys_exit_" call, NULL), at_exit, .lacks = what), \
	PROGRAM(PAIRED, TRACEPOINT("syscalls", "sys_enter_" call, entry_fields), at_entry)
#define NAMESPACES_CALL(needed, call, what) \
	CHANGE_FROM(needed, call, "t1_namespaces", "t1_namespaces_begin", NULL, what)
#define CREDENTIALS_CHANGE(needed, call, what) \
	CHANGE_FROM(needed, call, "t1_credentials", "t1_credentials_begin", NULL, what)
#define CREDENTIALS_CALL(call) CREDENTIALS_CHANGE(IF_HOOK_EXISTS, call, "changes by " call "(2)")
#define USER_NAMESPACE(call) \
	CREDENTIALS_CHANGE(IF_HOOK_EXISTS, call, "changes of the user namespace by " call "(2)")

const struct source namespaces_sources[] = {
	{ .tiers = T1 | T2 | T3, .programs = PROGRAMS(
		PROGRAM(REQUIRED, KPROBE("switch_task_namespaces"), "t3_namespaces_kprobe")) },
	{ .tiers = T1, .maps = MAPS_KEPT_STATES, .lacks = CALLS_LACK, .programs = PROGRAMS(
		NAMESPACES_CALL(REQUIRED, "setns", NULL),
		NAMESPACES_CALL(IF_HOOK_EXISTS, "unshare", "changes by unshare(2)")) },
	{ 0 },
};

#define CREDENTIALS_KPROBE KPROBE("commit_creds")

const struct source credentials_sources[] = {
	{ .tiers = T1 | T2, .programs = PROGRAMS(
		PROGRAM(REQUIRED, CREDENTIALS_KPROBE, "t2_credentials_kprobe")) },
	{ .tiers = T3, .facts = FACTS(BY_STACK), .programs = PROGRAMS(
		PROGRAM(REQUIRED, CREDENTIALS_KPROBE, "t3_credentials_kprobe")) },
	{ .tiers = T1, .maps = MAPS_KEPT_STATES, .lacks = "changes by keyctl(2), " CALLS_LACK,
	  .programs = PROGRAMS(
		CREDENTIALS_CHANGE(REQUIRED, "setuid", NULL),
		CREDENTIALS_CALL("setreuid"), CREDENTIALS_CALL("setresuid"),
		CREDENTIALS_CALL("setfsuid"),
		CREDENTIALS_CALL("setgid"), CREDENTIALS_CALL("setregid"),
		CREDENTIALS_CALL("setresgid"), CREDENTIALS_CALL("setfsgid"),
		CREDENTIALS_CALL("capset"),
		CHANGE_FROM(IF_HOOK_EXISTS, "prctl", "t1_credentials", "t1_prctl_begins",
		            prctl_fields, "changes by prctl(2)"),
		USER_NAMESPACE("setns"), USER_NAMESPACE("unshare")) },
	{ 0 },
};

/* ---- exec_failed ------------------------------------------------------ */

/*
 * An exec that fails returns from the function of its system call. Kernels
 * from 4.17 on (fa697140f9a2) have those of the first group, others of the second.
 */
#define FAILED(needed, tier, function, at_entry, ...) \
	KEPT(needed, function, tier "exec_failed_kretprobe", at_entry, __VA_ARGS__)
#define FAILED_OTHERS(tier) \
	PROGRAM(IF_HOOK_EXISTS, KPROBE("proc_exec_connector"), "t3_exec_succeeds_kprobe", \
	        .lacks = "a right count of missed returns"), \
	FAILED(IF_HOOK_EXISTS, tier, "__x64_sys_execveat", "t3_execat_x64_kprobe", \
	       .lacks = "execveat(2)"), \
	FAILED(IF_HOOK_EXISTS, tier, "sys_execveat", "t3_execat_call_kprobe", \
	       .lacks = "execveat(2)"), \
	FAILED(IF_HOOK_EXISTS, tier, "__ia32_compat_sys_execve", "t3_exec_ia32_kprobe", \
	       .lacks = CALLS_LACK), \
	FAILED(IF_HOOK_EXISTS, tier, "__ia32_compat_sys_execveat", "t3_execat_ia32_kprobe", \
	       .lacks = CALLS_LACK), \
	FAILED(IF_HOOK_EXISTS, tier, "compat_sys_execve", "t3_exec_call_kprobe", \
	       .lacks = CALLS_LACK), \
	FAILED(IF_HOOK_EXISTS, tier, "compat_sys_execveat", "t3_execat_call_kprobe", \
	       .lacks = CALLS_LACK)

const struct source exec_failed_sources[] = {
	{ .tiers = T1 | T2, .programs = PROGRAMS(
		FAILED(REQUIRED, "t2_", "__x64_sys_execve", "t3_exec_x64_kprobe"),
		FAILED_OTHERS("t2_")) },
	{ .tiers = T3, .facts = FACTS(BY_STACK), .programs = PROGRAMS(
		FAILED(REQUIRED, "t3_", "__x64_sys_execve", "t3_exec_x64_kprobe"),
		FAILED_OTHERS("t3_")) },
	{ .tiers = T1 | T2, .programs = PROGRAMS(
		FAILED(REQUIRED, "t2_", "sys_execve", "t3_exec_call_kprobe"),
		FAILED_OTHERS("t2_")) },
	{ .tiers = T3, .facts = FACTS(BY_STACK), .programs = PROGRAMS(
		FAILED(REQUIRED, "t3_", "sys_execve", "t3_exec_call_kprobe"),
		FAILED_OTHERS("t3_")) },
	{ .tiers = T1, .lacks = CALLS_LACK, .programs = PROGRAMS(
		CALL(REQUIRED, "execve", "t1_exec_failed", "t1_execve_begins", execve_fields),
		CALL(IF_HOOK_EXISTS, "execveat", "t1_exec_failed", "t1_execveat_begins",
		     execveat_fields, .lacks = "execveat(2)")) },
	{ 0 },
};
/* clang-format on */
