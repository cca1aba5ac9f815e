/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What one process does to another, or to the kernel: ptrace, access to its
 * memory, signals into other sessions, modules, BPF programs, memfds. One
 * record for all (struct action_event). Each program keeps to the rules of tier
 * 2 or 3, and serves the tiers above as well. What is read are arguments that
 * the kernel has copied, none of the caller's memory. Where a call has a result
 * its arguments are kept (map "kept_calls"), and it is told at its return.
 */
#include "probes/descriptor.bpf.h"
#include "probes/filter.bpf.h"
#include "probes/inode.bpf.h"
#include "probes/kept.bpf.h"
#include "probes/stack.bpf.h"

/* Fills what is particular; false: this call is not reported. */
typedef int (*action_fn)(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                         struct action_event *e);

INLINE int action_report(void *ctx, const struct layout *layout, __u64 task, __u32 type,
                         action_fn fill)
{
	struct action_event e;

	if (!event_wanted(layout, task, type))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, type);
	if (!fill(ctx, layout, task, &e))
		return 0;
	e.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	FRESH(layout);
	unread_if(&e.header, read_process_start(layout, task, &e.process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e.header, task, POINTER(layout, task, TASK_REAL_PARENT), &e.parent);
	stack_send(ctx, &e.header, type, sizeof(e));
	return 0;
}

INLINE int action_run(struct pt_regs *ctx,
                      __u64 (*current)(struct pt_regs *, const struct layout *), __u32 type,
                      action_fn fill)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	CHECKED(layout);
	return action_report(ctx, layout, current(ctx, layout), type, fill);
}

/* A program for tiers 1 and 2, and one for tier 3: they find the task in different ways. */
#define ACTION(probe, name, function, type, when, fill)                           \
	SEC(#probe "/" function)                                                  \
	int t2_##name##_##probe(struct pt_regs *ctx)                              \
	{                                                                         \
		return when ? action_run(ctx, current_by_helper, type, fill) : 0; \
	}                                                                         \
                                                                                  \
	SEC(#probe "/" function)                                                  \
	int t3_##name##_##probe(struct pt_regs *ctx)                              \
	{                                                                         \
		return when ? action_run(ctx, current_by_stack, type, fill) : 0;  \
	}

/* A call that is reported when it returns. */
#define ACTION_RETURNS(name, function, type) \
	ACTION(kretprobe, name, function, type, kept_find(type), name##_returns)

/* The process that it is done to. */
INLINE void target_fill(const struct layout *layout, struct action_event *e, __u64 target)
{
	int failed = READ(layout, &e->target.pid, target, TASK_TGID);

	failed |= read_process_start(layout, target, &e->target.start_boottime_ns);
	failed |= READ(layout, &e->target.comm, target, TASK_COMM);
	unread_if(&e->header, failed, FIELD_TARGET);
}

/* A string of the kernel's, up to its NUL; 0: it cannot be read. */
INLINE int text_fill(struct action_event *e, __u64 string)
{
	__u64 *words = (__u64 *)e->text, alive = -1;
	int failed = bpf_probe_read(e->text, sizeof(e->text), (void *)string);
	unsigned int i;

#pragma unroll
	for (i = 0; i < sizeof(e->text) / sizeof(*words); i++)
		words[i] = word_keep(words[i], &alive);
	unread_if(&e->header, failed, FIELD_OBJECT);
	return !failed;
}

/* ---- on other processes ------------------------------------------------ */

#define REQUEST_POKETEXT  4 /* include/uapi/linux/ptrace.h */
#define REQUEST_POKEUSR   6
#define REQUEST_SETREGS   13 /* arch/x86/include/uapi/asm/ptrace-abi.h */
#define REQUEST_SETFPREGS 15
#define REQUEST_ATTACH    16
#define REQUEST_SETREGSET 0x4205

INLINE void error_fill(struct action_event *e, __s32 result)
{
	e->error = result < 0 ? -result : 0;
}

INLINE int ptrace_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_PTRACE);

	(void)task;
	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	e->number = kept->number;
	e->value = kept->value;
	error_fill(e, PT_REGS_RC(ctx));
	target_fill(layout, e, kept->subject);
	return 1;
}

/* int ptrace_attach(struct task_struct *task, long request, ...): also a seize */
SEC("kprobe/ptrace_attach")
int t3_ptrace_attach_kprobe(struct pt_regs *ctx)
{
	return keep(EVENT_PTRACE, PT_REGS_PARM1(ctx), 0, PT_REGS_PARM2(ctx));
}

INLINE int request_writes(__u32 request)
{
	return (request >= REQUEST_POKETEXT && request <= REQUEST_POKEUSR) ||
	       request == REQUEST_SETREGS || request == REQUEST_SETFPREGS ||
	       request == REQUEST_SETREGSET;
}

/*
 * long arch_ptrace(struct task_struct *child, long request, unsigned long addr, ...),
 * and compat_arch_ptrace(): what is written into a tracee's memory or registers.
 */
SEC("kprobe/arch_ptrace")
int t3_ptrace_write_kprobe(struct pt_regs *ctx)
{
	__u32 request = PT_REGS_PARM2(ctx);

	if (request_writes(request))
		return keep(EVENT_PTRACE, PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx), request);
	return kept_forget(EVENT_PTRACE);
}

/*
 * void proc_ptrace_connector(struct task_struct *task, int which_id): once the
 * tracer has its process, by attach or seize (then too it says attach).
 */
INLINE int ptrace_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	(void)task;
	e->number = PT_REGS_PARM2(ctx);
	target_fill(layout, e, PT_REGS_PARM1(ctx));
	return e->number == REQUEST_ATTACH;
}

ACTION_RETURNS(ptrace, "ptrace_attach", EVENT_PTRACE)
ACTION(kprobe, ptrace, "proc_ptrace_connector", EVENT_PTRACE, 1, ptrace_fill)

#define ACCESS_ATTACH  0x02 /* PTRACE_MODE_ATTACH, include/linux/ptrace.h */
#define ACCESS_REFUSED 13   /* EACCES, as mm_access() has it */

/* bool ptrace_may_access(struct task_struct *task, unsigned int mode); what ptrace_attach() asks is
 * another. */
SEC("kprobe/ptrace_may_access")
int t3_access_kprobe(struct pt_regs *ctx)
{
	__u32 mode = PT_REGS_PARM2(ctx);

	if (mode & ACCESS_ATTACH)
		return keep(EVENT_PROCESS_ACCESS, PT_REGS_PARM1(ctx), 0, mode);
	return kept_forget(EVENT_PROCESS_ACCESS);
}

INLINE int access_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_PROCESS_ACCESS);

	(void)task;
	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	e->number = kept->number;
	e->error = (__u8)PT_REGS_RC(ctx) ? 0 : ACCESS_REFUSED;
	target_fill(layout, e, kept->subject);
	return e->target.pid != e->process.pid;
}

ACTION_RETURNS(access, "ptrace_may_access", EVENT_PROCESS_ACCESS)

/* The kernel's own signals: SEND_SIG_PRIV and, until 4.20, SEND_SIG_FORCED,
 * include/linux/sched/signal.h */
#define SIGNAL_OF_KERNEL 2
#define SIGINFO_CODE     8 /* si_code, of every struct siginfo: > 0 of the kernel's own */

#define CODE_KERNEL 0x80 /* SI_KERNEL, include/uapi/asm-generic/siginfo.h */

/* Without info it is a signal of kill(). */
INLINE __s32 signal_code(__u64 info)
{
	__s32 code = 0;

	if (info && info <= SIGNAL_OF_KERNEL)
		return CODE_KERNEL;
	if (info)
		bpf_probe_read(&code, sizeof(code), (void *)(info + SIGINFO_CODE));
	return code;
}

/* int check_kill_permission(int sig, struct siginfo *info, struct task_struct *t) */
SEC("kprobe/check_kill_permission")
int t3_signal_check_kprobe(struct pt_regs *ctx)
{
	if (signal_code(PT_REGS_PARM2(ctx)) <= 0)
		return keep(EVENT_SIGNAL, PT_REGS_PARM3(ctx), 0, PT_REGS_PARM1(ctx));
	return kept_forget(EVENT_SIGNAL);
}

/* Only to processes of another session. */
INLINE int signal_target_fill(const struct layout *layout, __u64 task, struct action_event *e,
                              __u64 target)
{
	__u32 type = OFFSET(layout, PIDTYPE_SID), own = 0, its = 0;

	group_read(layout, task, type, &own);
	FRESH(layout);
	group_read(layout, target, type, &its);
	target_fill(layout, e, target);
	return own != its;
}

INLINE int signal_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                          struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_SIGNAL);

	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	e->number = kept->number;
	error_fill(e, PT_REGS_RC(ctx));
	return signal_target_fill(layout, task, e, kept->subject);
}

/*
 * int security_task_kill(struct task_struct *p, struct siginfo *info, int sig, ...):
 * past the check of ids. Those of the kernel's own do not come here.
 */
INLINE int signal_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	e->number = PT_REGS_PARM3(ctx);
	e->header.unread |= 1U << FIELD_OUTCOME;
	return signal_target_fill(layout, task, e, PT_REGS_PARM1(ctx));
}

/* SI_USER, SI_QUEUE and SI_TKILL: kill(), sigqueue(), tgkill() */
#define CODE_USER  0
#define CODE_QUEUE (-1)
#define CODE_TKILL (-6)

/*
 * Where no function can be hooked: once a signal is allowed. What the kernel sends
 * is here too, in whatever process is interrupted, so that only the codes of the
 * system calls count.
 */
INLINE int signal_of_call(__u64 info)
{
	__s32 code = signal_code(info);

	return code == CODE_USER || code == CODE_QUEUE || code == CODE_TKILL;
}

INLINE int signal_generated_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                                 struct action_event *e)
{
	const struct bpf_raw_tracepoint_args *c = (const void *)ctx;

	e->number = c->args[0];
	return signal_target_fill(layout, task, e, c->args[2]);
}

/* Its arguments: signal, info, task, whether the whole group, what became of it. */
SEC("raw_tracepoint/signal_generate")
int t1_signal(struct bpf_raw_tracepoint_args *ctx)
{
	return signal_of_call(ctx->args[1]) ? action_run((void *)ctx, current_by_helper,
	                                                 EVENT_SIGNAL, signal_generated_fill)
	                                    : 0;
}

ACTION_RETURNS(signal, "check_kill_permission", EVENT_SIGNAL)
ACTION(kprobe, signal, "security_task_kill", EVENT_SIGNAL, 1, signal_fill)

/* ---- on the kernel ----------------------------------------------------- */

#define MEMFD_PREFIX 0x3a64666d656dULL /* "memfd:", mm/memfd.c */
#define MEMFD_BYTES  6

INLINE int is_memfd(__u64 name)
{
	__u64 first = 0;

	bpf_probe_read(&first, sizeof(first), (void *)name);
	return (first & ((1ULL << MEMFD_BYTES * 8) - 1)) == MEMFD_PREFIX;
}

/*
 * struct file *shmem_file_setup(const char *name, loff_t size, unsigned long flags),
 * __shmem_file_setup(name, ...), from 4.15 on __shmem_file_setup(mnt, name, ...);
 * struct file *hugetlb_file_setup(const char *name, ...), from 4.14 on (749df87bd7be).
 */
INLINE int memfd_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                      struct action_event *e)
{
	__u64 name = PT_REGS_PARM1(ctx);

	(void)layout, (void)task;
	if (!is_memfd(name))
		name = PT_REGS_PARM2(ctx);
	if (!is_memfd(name))
		return 0;
	text_fill(e, name + MEMFD_BYTES);
	return 1;
}

/* Its name is that of its dentry. */
INLINE void memfd_file_fill(const struct layout *layout, struct action_event *e, __u64 file)
{
	__u64 dentry = POINTER(layout, file_path(layout, file), PATH_DENTRY);
	__u64 name = dentry ? read_pointer(dentry,
	                                   OFFSET(layout, DENTRY_NAME) + OFFSET(layout, QSTR_NAME))
	                    : 0;

	text_fill(e, name ? name + MEMFD_BYTES : 0);
}

/*
 * long sys_memfd_create(), until 4.16. Until 4.17 it lies beside shmem_file_setup(),
 * which compilers inline there (gcc 9 does). Of huge pages by hugetlb_file_setup().
 */
INLINE int memfd_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                         struct action_event *e)
{
	__u64 file = descriptor_file(layout, task, PT_REGS_RC(ctx));

	FRESH(layout);
	if (fs_word(layout, POINTER(layout, file, FILE_INODE)) == FS_HUGETLB)
		return 0;
	FRESH(layout);
	memfd_file_fill(layout, e, file);
	return 1;
}

ACTION(kretprobe, memfd, "sys_memfd_create", EVENT_MEMFD, (__s64)PT_REGS_RC(ctx) >= 0,
       memfd_returns)

/* Where no function can be hooked. */
INLINE int memfd_made_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                           struct action_event *e)
{
	const struct syscall_exit_context *c = (void *)ctx;

	memfd_file_fill(layout, e, descriptor_file(layout, task, c->result));
	return 1;
}

SEC("tracepoint/syscalls/sys_exit_memfd_create")
int t1_memfd(struct syscall_exit_context *ctx)
{
	return ctx->result < 0
	               ? 0
	               : action_run((void *)ctx, current_by_helper, EVENT_MEMFD, memfd_made_fill);
}

#define PROG_LOAD      5 /* BPF_PROG_LOAD, include/uapi/linux/bpf.h */
#define ATTR_PROG_TYPE 0 /* in union bpf_attr */
#define ATTR_INSN_CNT  4
#define ATTR_PROG_NAME 48 /* from 4.15 (cb4d2b3f03d8) */
#define ATTR_NAME_END  64

/* int security_bpf(int cmd, union bpf_attr *attr, unsigned int size), from 4.15 on: the kernel's
 * copy, and how much of it the caller gave. */
SEC("kprobe/security_bpf")
int t3_bpf_size_kprobe(struct pt_regs *ctx)
{
	if ((__u32)PT_REGS_PARM1(ctx) != PROG_LOAD)
		return 0;
	return keep(EVENT_BPF, PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), 0);
}

/* int bpf_check(struct bpf_prog **prog, union bpf_attr *attr, ...): the verifier */
SEC("kprobe/bpf_check")
int t3_bpf_kprobe(struct pt_regs *ctx)
{
	struct kept_call *kept = kept_find(EVENT_BPF);

	if (kept && kept->subject == PT_REGS_PARM2(ctx))
		return 0;
	return keep(EVENT_BPF, PT_REGS_PARM2(ctx), 0, 0);
}

INLINE int bpf_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_BPF);
	__u32 instructions = 0;
	__u64 attr;

	(void)layout, (void)task;
	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	attr = kept->subject;
	if (bpf_probe_read(&e->number, sizeof(e->number), (void *)(attr + ATTR_PROG_TYPE)) ||
	    bpf_probe_read(&instructions, sizeof(instructions), (void *)(attr + ATTR_INSN_CNT)))
		e->header.unread |= 1U << FIELD_OBJECT;
	e->value = instructions;
	error_fill(e, PT_REGS_RC(ctx));
	if (kept->value >= ATTR_NAME_END)
		bpf_probe_read(e->text, ATTR_NAME_END - ATTR_PROG_NAME,
		               (void *)(attr + ATTR_PROG_NAME));
	return 1;
}

ACTION(kprobe, memfd, "shmem_file_setup", EVENT_MEMFD, 1, memfd_fill)
ACTION_RETURNS(bpf, "bpf_check", EVENT_BPF)

/* ---- execs that fail --------------------------------------------------- */

/* The name is read after it has failed: then its page is there, and nothing was decided by what we
 * read. */
INLINE int exec_call_keep(__u64 name)
{
	return keep(EVENT_EXEC_FAILED, name, 0, 0);
}

/* long sys_execve(const char __user *filename, ...) */
SEC("kprobe/sys_execve")
int t3_exec_call_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep(PT_REGS_PARM1(ctx));
}

/* long sys_execveat(int fd, const char __user *filename, ...) */
SEC("kprobe/sys_execveat")
int t3_execat_call_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep(PT_REGS_PARM2(ctx));
}

/* From 4.17 on (fa697140f9a2) the caller's registers are the one parameter. */
INLINE int exec_call_keep_register(struct pt_regs *ctx, __u64 offset)
{
	__u64 name = 0;

	bpf_probe_read(&name, sizeof(name), (void *)(PT_REGS_PARM1(ctx) + offset));
	return exec_call_keep(name);
}

#define REGISTER(name) __builtin_offsetof(struct pt_regs, name)

SEC("kprobe/__x64_sys_execve")
int t3_exec_x64_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rdi));
}

SEC("kprobe/__x64_sys_execveat")
int t3_execat_x64_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rsi));
}

SEC("kprobe/__ia32_compat_sys_execve")
int t3_exec_ia32_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rbx));
}

SEC("kprobe/__ia32_compat_sys_execveat")
int t3_execat_ia32_kprobe(struct pt_regs *ctx)
{
	return exec_call_keep_register(ctx, REGISTER(rcx));
}

INLINE int exec_failed_fill(struct action_event *e, __s32 result)
{
	struct kept_call *kept = kept_find(EVENT_EXEC_FAILED);
	__u64 name = 0;

	error_fill(e, result);
	if (kept) {
		name = kept->subject;
		kept->type = KEPT_NOTHING;
	}
	text_fill(e, name);
	return 1;
}

INLINE int exec_failed_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                               struct action_event *e)
{
	(void)layout, (void)task;
	return exec_failed_fill(e, PT_REGS_RC(ctx));
}

INLINE int exec_has_failed(struct pt_regs *ctx)
{
	return PT_REGS_RC(ctx) ? 1 : kept_forget(EVENT_EXEC_FAILED);
}

ACTION(kretprobe, exec_failed, "sys_execve", EVENT_EXEC_FAILED, exec_has_failed(ctx),
       exec_failed_returns)

/* ---- modules ----------------------------------------------------------- */

/* events/module/module_load and module_free/format; the loader checks them. */
struct module_load_context {
	__u64 common;
	__u32 taints;
	__u32 name; /* __data_loc */
};

struct module_free_context {
	__u64 common;
	__u32 name;
};

INLINE int module_loaded_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                              struct action_event *e)
{
	const struct module_load_context *c = (void *)ctx;

	(void)layout, (void)task;
	e->number = 1;
	e->value = c->taints;
	text_fill(e, (__u64)ctx + (c->name & 0xffff));
	return 1;
}

INLINE int module_freed_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                             struct action_event *e)
{
	const struct module_free_context *c = (void *)ctx;

	(void)layout, (void)task;
	text_fill(e, (__u64)ctx + (c->name & 0xffff));
	return 1;
}

SEC("tracepoint/module/module_load")
int t2_module_load(void *ctx)
{
	return action_run(ctx, current_by_helper, EVENT_MODULE, module_loaded_fill);
}

SEC("tracepoint/module/module_free")
int t2_module_free(void *ctx)
{
	return action_run(ctx, current_by_helper, EVENT_MODULE, module_freed_fill);
}

/* static int do_init_module(struct module *mod), and void module_arch_cleanup(struct module *mod),
 * of one that is freed: where no program can be on a tracepoint, before 4.7. */
INLINE int module_fill(struct pt_regs *ctx, const struct layout *layout, struct action_event *e,
                       __u32 loaded)
{
	e->number = loaded;
	text_fill(e, PT_REGS_PARM1(ctx) + OFFSET(layout, MODULE_NAME));
	return 1;
}

INLINE int module_begins_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                              struct action_event *e)
{
	(void)task;
	return module_fill(ctx, layout, e, 1);
}

INLINE int module_ends_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                            struct action_event *e)
{
	(void)task;
	return module_fill(ctx, layout, e, 0);
}

SEC("kprobe/do_init_module")
int t3_module_begins_kprobe(struct pt_regs *ctx)
{
	return action_run(ctx, current_by_stack, EVENT_MODULE, module_begins_fill);
}

SEC("kprobe/module_arch_cleanup")
int t3_module_ends_kprobe(struct pt_regs *ctx)
{
	return action_run(ctx, current_by_stack, EVENT_MODULE, module_ends_fill);
}
