/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "tracefs.h"
#include "variants.h"

static const struct tails walk = { "tail_calls", { { "t1_exec_walk", TAIL_EXEC_WALK } } };
static const struct tails walk_kprobe = { "kprobe_tail_calls",
	                                  { { "t1_exec_walk_kprobe", TAIL_EXEC_WALK } } };
static const struct tails parts = { "tail_calls",
	                            { { "t2_parts_argv", TAIL_PARTS_ARGV },
	                              { "t2_parts_texts", TAIL_PARTS_TEXTS } } };
static const struct tails parts_kprobe = { "kprobe_tail_calls",
	                                   { { "t3_parts_argv_kprobe", TAIL_PARTS_ARGV },
	                                     { "t3_parts_texts_kprobe", TAIL_PARTS_TEXTS } } };

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
static const struct tracefs_field newtask_fields[] = {
	{ "pid", 8, 4 },
	{ "clone_flags", 32, 8 },
	{ NULL, 0, 0 },
};

/* Name and hook of a variant. */
/* clang-format off */
#define TRACEPOINT(group, name, fields) \
	"tracepoint " group ":" name, { HOOK_TRACEPOINT, group, name, fields }
#define KPROBE(function) \
	"kprobe " function, { HOOK_KPROBE, NULL, function, NULL }
#define EXEC_TRACEPOINT TRACEPOINT("sched", "sched_process_exec", exec_fields)
#define EXEC_KPROBE     KPROBE("proc_exec_connector")
#define ATTEMPT_KPROBE  KPROBE("security_bprm_check")
#define FORK_TRACEPOINT TRACEPOINT("task", "task_newtask", newtask_fields)
#define FORK_KPROBE     KPROBE("uprobe_copy_process")
#define EXIT_TRACEPOINT TRACEPOINT("sched", "sched_process_exit", NULL)
#define EXIT_KPROBE     KPROBE("acct_process")
#define CREDENTIALS_KPROBE KPROBE("commit_creds")
#define NAMESPACES_KPROBE  KPROBE("switch_task_namespaces")
#define PTRACE_KPROBE      KPROBE("proc_ptrace_connector")
#define ACCESS_KPROBE      KPROBE("security_ptrace_access_check")
#define SIGNAL_KPROBE      KPROBE("security_task_kill")
#define MEMFD_KPROBE       KPROBE("shmem_file_setup")
#define MEMFD_INNER_KPROBE KPROBE("__shmem_file_setup")
#define BPF_KPROBE         KPROBE("security_bpf")
#define MODULE_LOAD        TRACEPOINT("module", "module_load", module_load_fields)
#define MODULE_FREE        TRACEPOINT("module", "module_free", module_free_fields)
/* clang-format on */

#define T1 (1 << 1)
#define T2 (1 << 2)
#define T3 (1 << 3)

#define EXECS 1 << EVENT_EXEC
#define FORKS 1 << EVENT_FORK | 1 << EVENT_THREAD
#define EXITS 1 << EVENT_EXIT

#define CREDENTIALS 1 << EVENT_CREDENTIALS
#define NAMESPACES  1 << EVENT_NAMESPACES
#define MODULES     1 << EVENT_MODULE

/* Programs for tiers 1 and 2, and for 3. */
#define ACTION(type, hook, program)                                     \
	{ T1 | T2, 1 << type, hook, "t2_" program, NULL, NULL, { 0 } }, \
	{                                                               \
		T3, 1 << type, hook, "t3_" program, NULL, NULL,         \
		{                                                       \
			BY_STACK                                        \
		}                                                       \
	}

#define BINPRM LAYOUT_BINPRM_FILENAME, LAYOUT_BINPRM_INTERP

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
	{ T1 | T2, CREDENTIALS, CREDENTIALS_KPROBE, "t2_credentials_kprobe", NULL, NULL, { 0 } },
	{ T3, CREDENTIALS, CREDENTIALS_KPROBE, "t3_credentials_kprobe", NULL, NULL, { BY_STACK } },
	{ T1 | T2 | T3, NAMESPACES, NAMESPACES_KPROBE, "t3_namespaces_kprobe", NULL, NULL, { 0 } },
	ACTION(EVENT_PTRACE, PTRACE_KPROBE, "ptrace_kprobe"),
	ACTION(EVENT_PROCESS_ACCESS, ACCESS_KPROBE, "access_kprobe"),
	ACTION(EVENT_SIGNAL, SIGNAL_KPROBE, "signal_kprobe"),
	/* The inner one first: until 4.18 memfd_create() is beside it, and the other one inlined. */
	ACTION(EVENT_MEMFD, MEMFD_INNER_KPROBE, "memfd_kprobe"),
	ACTION(EVENT_MEMFD, MEMFD_KPROBE, "memfd_kprobe"),
	ACTION(EVENT_BPF, BPF_KPROBE, "bpf_kprobe"),
	{ T1 | T2, MODULES, MODULE_LOAD, "t2_module_load", NULL, NULL, { 0 } },
	{ T1 | T2, MODULES | ADDS, MODULE_FREE, "t2_module_free", NULL, NULL, { 0 } },
};
/* clang-format on */

const size_t variants_count = sizeof(variants) / sizeof(variants[0]);
_Static_assert(sizeof(variants) / sizeof(variants[0]) <= VARIANTS_MAX, "a bit for each");
