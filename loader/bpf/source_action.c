/* SPDX-License-Identifier: BSD-2-Clause */
/* Sources of what a process does to another one or to the kernel. */
#include <stddef.h>

#include "loader/bpf/source_rows.h"

static const struct tracefs_field ptrace_fields[] = {
	{ "request", 16, 8 },
	{ "pid", 24, 8 },
	{ "addr", 32, 8 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field access_fields[] = { { "pid", 16, 8 }, { NULL, 0, 0 } };
static const struct tracefs_field bpf_fields[] = { { "cmd", 16, 8 }, { NULL, 0, 0 } };
static const struct tracefs_field module_load_fields[] = {
	{ "taints", 8, 4 },
	{ "name", 12, 4 },
	{ NULL, 0, 0 },
};
static const struct tracefs_field module_free_fields[] = { { "name", 8, 4 }, { NULL, 0, 0 } };

static const struct tails module_tails = { "kprobe_tail_calls",
	                                   { { "t1_module_walk_kprobe", TAIL_MODULE_WALK } } };

/*
 * By functions most classes have two equal sources: one by the programs of
 * tiers 1 and 2 (t2_), and one by those of tier 3 (t3_), which need BY_STACK.
 */
#define TIER_12 .tiers = T1 | T2
#define TIER_3  .tiers = T3, .facts = FACTS(BY_STACK)

/* clang-format off */

/* ---- ptrace ----------------------------------------------------------- */

#define ATTACHES(tier) \
	KEPT(REQUIRED, "ptrace_attach", tier "ptrace_kretprobe", "t3_ptrace_attach_kprobe")
#define CONNECTOR(tier) \
	PROGRAM(REQUIRED, KPROBE("proc_ptrace_connector"), tier "ptrace_kprobe")
#define WRITES(tier) \
	KEPT(OPTIONAL, "arch_ptrace", tier "ptrace_kretprobe", "t3_ptrace_write_kprobe", \
	     .lacks = "poke_memory, poke_user and set_registers"), \
	KEPT(IF_HOOK_EXISTS, "compat_arch_ptrace", tier "ptrace_kretprobe", \
	     "t3_ptrace_write_kprobe", \
	     .lacks = "poke_memory, poke_user and set_registers by 32-bit tracers")

/* A process that makes its parent its tracer. */
#define PTRACE_LACKS "PTRACE_TRACEME"

/* The target is what the caller has named. */
#define TARGET_LACKS \
	"start and name of the target, its identity where the caller is in a pid namespace, " \
	CALLS_LACK

const struct source ptrace_sources[] = {
	{ TIER_12, .lacks = PTRACE_LACKS, .programs = PROGRAMS(ATTACHES("t2_"), WRITES("t2_")) },
	{ TIER_3, .lacks = PTRACE_LACKS, .programs = PROGRAMS(ATTACHES("t3_"), WRITES("t3_")) },
	{ TIER_12, .lacks = PTRACE_LACKS, .programs = PROGRAMS(CONNECTOR("t2_"), WRITES("t2_")) },
	{ TIER_3, .lacks = PTRACE_LACKS, .programs = PROGRAMS(CONNECTOR("t3_"), WRITES("t3_")) },
	{ .tiers = T1, .lacks = PTRACE_LACKS ", " TARGET_LACKS, .programs = PROGRAMS(
		CALL(REQUIRED, "ptrace", "t1_ptrace", "t1_ptrace_begins", ptrace_fields)) },
	{ 0 },
};

/* ---- process_access --------------------------------------------------- */

#define MAY_ACCESS(tier) \
	KEPT(REQUIRED, "ptrace_may_access", tier "access_kretprobe", "t3_access_kprobe")

const struct source process_access_sources[] = {
	{ TIER_12, .programs = PROGRAMS(MAY_ACCESS("t2_")) },
	{ TIER_3, .programs = PROGRAMS(MAY_ACCESS("t3_")) },
	{ .tiers = T1, .lacks = "access by /proc/PID/mem, " TARGET_LACKS, .programs = PROGRAMS(
		CALL(REQUIRED, "process_vm_writev", "t1_access", "t1_access_begins", access_fields),
		CALL(IF_HOOK_EXISTS, "process_vm_readv", "t1_access", "t1_access_begins",
		     access_fields, .lacks = "process_vm_readv(2)")) },
	{ 0 },
};

/* ---- signal ----------------------------------------------------------- */

#define PERMISSION(tier) \
	KEPT(REQUIRED, "check_kill_permission", tier "signal_kretprobe", "t3_signal_check_kprobe")
#define TASK_KILL(tier) PROGRAM(REQUIRED, KPROBE("security_task_kill"), tier "signal_kprobe")
#define OUTCOME_LACKS   "event.outcome, and signals that are refused"

const struct source signal_sources[] = {
	{ TIER_12, .programs = PROGRAMS(PERMISSION("t2_")) },
	{ TIER_3, .programs = PROGRAMS(PERMISSION("t3_")) },
	{ TIER_12, .lacks = OUTCOME_LACKS, .programs = PROGRAMS(TASK_KILL("t2_")) },
	{ TIER_3, .lacks = OUTCOME_LACKS, .programs = PROGRAMS(TASK_KILL("t3_")) },
	{ .tiers = T1, .lacks = "signals that are refused, signal 0, signals with a forged si_code",
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, RAW_TRACEPOINT("signal", "signal_generate"), "t1_signal")) },
	{ 0 },
};

/* ---- memfd ------------------------------------------------------------ */

/* The name of a memfd is found by its descriptor. */
#define BY_MEMFD LAYOUT_FDTABLE_FD, LAYOUT_FILE_PATH, LAYOUT_DENTRY_NAME, LAYOUT_QSTR_NAME

/* Until 4.16 the call itself: compilers inline what it calls. */
#define MEMFD_CALL(tier) \
	KEPT(REQUIRED, "sys_memfd_create", tier "memfd_kretprobe", "t3_memfd_begins_kprobe"), \
	HUGE_PAGES(tier)
#define MEMFD_SETUP(tier, function) \
	PROGRAM(REQUIRED, KPROBE(function), tier "memfd_kprobe"), HUGE_PAGES(tier)
#define HUGE_PAGES(tier) \
	PROGRAM(IF_HOOK_EXISTS, KPROBE("hugetlb_file_setup"), tier "memfd_kprobe", \
	        .lacks = "memfds of huge pages")

const struct source memfd_sources[] = {
	{ .tiers = T1 | T2, .facts = FACTS(BY_MEMFD), .programs = PROGRAMS(MEMFD_CALL("t2_")) },
	{ .tiers = T3, .facts = FACTS(BY_MEMFD, BY_STACK), .programs = PROGRAMS(MEMFD_CALL("t3_")) },
	{ TIER_12, .programs = PROGRAMS(MEMFD_SETUP("t2_", "__shmem_file_setup")) },
	{ TIER_3, .programs = PROGRAMS(MEMFD_SETUP("t3_", "__shmem_file_setup")) },
	{ TIER_12, .programs = PROGRAMS(MEMFD_SETUP("t2_", "shmem_file_setup")) },
	{ TIER_3, .programs = PROGRAMS(MEMFD_SETUP("t3_", "shmem_file_setup")) },
	{ .tiers = T1, .facts = FACTS(BY_MEMFD), .lacks = CALLS_LACK, .programs = PROGRAMS(
		PROGRAM(REQUIRED, TRACEPOINT("syscalls", "sys_exit_memfd_create", exit_fields),
		        "t1_memfd")) },
	{ 0 },
};

/* ---- bpf -------------------------------------------------------------- */

/* security_bpf() is there from 4.15 on, as the names of programs are. */
#define VERIFIER(tier) \
	KEPT(REQUIRED, "bpf_check", tier "bpf_kretprobe", "t3_bpf_kprobe"), \
	PROGRAM(IF_HOOK_EXISTS, KPROBE("security_bpf"), "t3_bpf_size_kprobe", \
	        .lacks = "names of programs")

const struct source bpf_sources[] = {
	{ TIER_12, .programs = PROGRAMS(VERIFIER("t2_")) },
	{ TIER_3, .programs = PROGRAMS(VERIFIER("t3_")) },
	{ .tiers = T1, .lacks = "sextant.program, " CALLS_LACK, .programs = PROGRAMS(
		CALL(REQUIRED, "bpf", "t1_bpf", "t1_bpf_begins", bpf_fields)) },
	{ 0 },
};

/* ---- module ----------------------------------------------------------- */

#define ENDS_LACK "modules that are removed"

#define IMAGES_LACK "sextant.module.image, file and its hash"

#define MODULE_EVENTS \
	PROGRAM(REQUIRED, TRACEPOINT("module", "module_load", module_load_fields), \
	        "t2_module_load"), \
	PROGRAM(OPTIONAL, TRACEPOINT("module", "module_free", module_free_fields), \
	        "t2_module_free", .lacks = ENDS_LACK)

/*
 * Where the kernel reads the image of a module. Without the last one the image of a call that
 * has failed stays until the next one, and is wrong if that one's probe is missed.
 */
#define MODULE_BY(...) \
	PROGRAMS(MODULE_EVENTS, __VA_ARGS__, \
		PROGRAM(IF_HOOK_EXISTS, TRACEPOINT("syscalls", "sys_exit_finit_module", NULL), \
		        "t2_module_call_ends", \
		        .lacks = "a right image after a call that failed"))

#define MODULE_FILES FACTS(LAYOUT_FILE_PATH, WALK)

const struct source module_sources[] = {
	{ .tiers = T1, .tails = &module_tails, .facts = MODULE_FILES, .programs = MODULE_BY(
		PROGRAM(REQUIRED, KPROBE("security_kernel_read_file"), "t1_module_read_kprobe"),
		PROGRAM(PAIRED, KPROBE("security_kernel_load_data"), "t1_module_memory_kprobe")) },
	{ .tiers = T1, .maps = MAPS_FENTRY, .facts = MODULE_FILES, .programs = MODULE_BY(
		PROGRAM(REQUIRED, FENTRY("security_kernel_read_file"), "f1_module_read"),
		PROGRAM(PAIRED, FENTRY("security_kernel_load_data"), "f1_module_memory")) },
	/* Before 4.18 one function is called for images in memory, too. */
	{ .tiers = T1, .tails = &module_tails, .facts = MODULE_FILES, .programs = MODULE_BY(
		PROGRAM(REQUIRED, KPROBE("security_kernel_read_file"), "t1_module_read_kprobe")) },
	{ .tiers = T1, .tails = &module_tails, .facts = MODULE_FILES, .programs = MODULE_BY(
		PROGRAM(REQUIRED, KPROBE("security_kernel_module_from_file"),
		        "t1_module_from_file_kprobe")) },
	{ .tiers = T1 | T2, .lacks = IMAGES_LACK, .programs = PROGRAMS(MODULE_EVENTS) },
	{ .tiers = T3, .facts = FACTS(LAYOUT_MODULE_NAME, BY_STACK), .lacks = IMAGES_LACK,
	  .programs = PROGRAMS(
		PROGRAM(REQUIRED, KPROBE("do_init_module"), "t3_module_begins_kprobe"),
		PROGRAM(OPTIONAL, KPROBE("module_arch_cleanup"), "t3_module_ends_kprobe",
		        .lacks = ENDS_LACK)) },
	{ 0 },
};
/* clang-format on */
