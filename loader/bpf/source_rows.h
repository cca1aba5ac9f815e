/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the tables of sources are written. Only source_*.c include it.
 *
 *	{ .tiers = T1, .programs = PROGRAMS(
 *		PROGRAM(REQUIRED, KPROBE("commit_creds"), "t2_credentials_kprobe"),
 *		PAIR(OPTIONAL, "arch_ptrace", "t2_ptrace_kretprobe", "t3_ptrace_write_kprobe",
 *		     .lacks = "writes into memory")) },
 *
 * More members of struct program follow the names, with a dot.
 */
#ifndef LOADER_BPF_SOURCE_ROWS_H
#define LOADER_BPF_SOURCE_ROWS_H

#include "loader/bpf/sources.h"

#define T1 (1 << 1)
#define T2 (1 << 2)
#define T3 (1 << 3)

/* clang-format off */
#define FACTS(...)    (const enum layout_id[]){ __VA_ARGS__, FACTS_END }
#define PROGRAMS(...) (const struct program[]){ __VA_ARGS__, { .name = NULL } }

/* Hooks; the last word is for people. */
#define TRACEPOINT(group, event, fields) \
	{ HOOK_TRACEPOINT, group, event, fields, "tracepoint " group ":" event }
#define RAW_TRACEPOINT(group, event) \
	{ HOOK_RAW_TRACEPOINT, group, event, NULL, "raw_tracepoint " group ":" event }
#define KPROBE(function)    { HOOK_KPROBE, NULL, function, NULL, "kprobe " function }
#define KRETPROBE(function) { HOOK_KRETPROBE, NULL, function, NULL, "kretprobe " function }
#define FENTRY(function)    { HOOK_FENTRY, NULL, function, NULL, "fentry " function }
#define FEXIT(function)     { HOOK_FEXIT, NULL, function, NULL, "fexit " function }

#define PROGRAM(needed, at, program, ...) \
	{ .need = needed, .hook = at, .name = program, __VA_ARGS__ }

/* A function's return, and its entry, which keeps what the function was given. */
#define PAIR(needed, function, at_return, at_entry, ...) \
	PROGRAM(needed, KRETPROBE(function), at_return, __VA_ARGS__), \
	PROGRAM(PAIRED, KPROBE(function), at_entry)

/* The same of a call that core/kept.bpf.h keeps: it is counted if its return was missed. */
#define KEPT(needed, function, at_return, at_entry, ...) \
	PAIR(needed, function, at_return, at_entry, __VA_ARGS__), KEPT_ENDS
#define KEPT_ENDS PROGRAM(PAIRED, KPROBE("exit_signals"), "t3_kept_ends_kprobe")

/* The same of a system call. entry_fields: what the program at the entry reads of its context. */
#define CALL(needed, call, at_exit, at_entry, entry_fields, ...) \
	PROGRAM(needed, TRACEPOINT("syscalls", "sys_exit_" call, exit_fields), at_exit, \
	        __VA_ARGS__), \
	PROGRAM(PAIRED, TRACEPOINT("syscalls", "sys_enter_" call, entry_fields), at_entry)
/* clang-format on */

/* How the programs of tier 3 find the task. */
#define BY_STACK LAYOUT_THREAD_UNION_SIZE, LAYOUT_THREAD_INFO_TASK

/* How a path is walked. */
#define WALK LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT

/* What tracepoints of system calls never report. */
#define CALLS_LACK "calls of 32-bit programs"

/* The end of a system call: what its programs read of the context. */
static const struct tracefs_field exit_fields[] __attribute__((unused)) = {
	{ "ret", 16, 8 },
	{ NULL, 0, 0 },
};

#endif
