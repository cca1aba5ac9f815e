/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What one process does to another, or to the kernel: ptrace, access to its
 * memory, signals into other sessions, modules, BPF programs, memfds. One
 * record for all (struct action_event). Each program keeps to the rules of tier
 * 2 or 3, and serves the tiers above as well. What is read are arguments that
 * the kernel has copied, none of the caller's memory.
 */
#include "filter.bpf.h"
#include "stack.bpf.h"

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

#define ACTION(name, function, type)                                          \
	SEC("kprobe/" function)                                               \
	int t2_##name##_kprobe(struct pt_regs *ctx)                           \
	{                                                                     \
		return action_run(ctx, current_by_helper, type, name##_fill); \
	}                                                                     \
                                                                              \
	SEC("kprobe/" function)                                               \
	int t3_##name##_kprobe(struct pt_regs *ctx)                           \
	{                                                                     \
		return action_run(ctx, current_by_stack, type, name##_fill);  \
	}

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

#define PTRACE_ATTACH_REQUEST 16 /* include/uapi/linux/ptrace.h */

/*
 * void proc_ptrace_connector(struct task_struct *task, int which_id): once the
 * tracer has its process, by attach or seize (then too it says attach).
 */
INLINE int ptrace_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	(void)task;
	if ((__u32)PT_REGS_PARM2(ctx) != PTRACE_ATTACH_REQUEST)
		return 0;
	target_fill(layout, e, PT_REGS_PARM1(ctx));
	return 1;
}

#define ACCESS_ATTACH 0x02 /* PTRACE_MODE_ATTACH, include/linux/ptrace.h */

/* int security_ptrace_access_check(struct task_struct *child, unsigned int mode) */
INLINE int access_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	(void)task;
	e->number = PT_REGS_PARM2(ctx);
	target_fill(layout, e, PT_REGS_PARM1(ctx));
	return e->number & ACCESS_ATTACH && e->target.pid != e->process.pid;
}

/*
 * int security_task_kill(struct task_struct *p, struct siginfo *info, int sig, ...):
 * signals to processes of another session. Those of the kernel's own do not come here.
 */
INLINE int signal_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	__u64 target = PT_REGS_PARM1(ctx);
	__u32 type = OFFSET(layout, PIDTYPE_SID), own = 0, its = 0;

	group_read(layout, task, type, &own);
	FRESH(layout);
	group_read(layout, target, type, &its);
	e->number = PT_REGS_PARM3(ctx);
	target_fill(layout, e, target);
	return own != its;
}

ACTION(ptrace, "proc_ptrace_connector", EVENT_PTRACE)
ACTION(access, "security_ptrace_access_check", EVENT_PROCESS_ACCESS)
ACTION(signal, "security_task_kill", EVENT_SIGNAL)

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
 * __shmem_file_setup(name, ...), from 4.15 on __shmem_file_setup(mnt, name, ...).
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

#define PROG_LOAD      5 /* BPF_PROG_LOAD, include/uapi/linux/bpf.h */
#define ATTR_PROG_TYPE 0 /* in union bpf_attr */
#define ATTR_INSN_CNT  4
#define ATTR_PROG_NAME 48 /* from 4.15 (cb4d2b3f03d8) */
#define ATTR_NAME_END  64

/* int security_bpf(int cmd, union bpf_attr *attr, unsigned int size): attr is the kernel's copy. */
INLINE int bpf_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                    struct action_event *e)
{
	__u64 attr = PT_REGS_PARM2(ctx);
	__u32 instructions = 0;

	(void)layout, (void)task;
	if ((__u32)PT_REGS_PARM1(ctx) != PROG_LOAD)
		return 0;
	if (bpf_probe_read(&e->number, sizeof(e->number), (void *)(attr + ATTR_PROG_TYPE)) ||
	    bpf_probe_read(&instructions, sizeof(instructions), (void *)(attr + ATTR_INSN_CNT)))
		e->header.unread |= 1U << FIELD_OBJECT;
	e->value = instructions;
	if ((__u32)PT_REGS_PARM3(ctx) >= ATTR_NAME_END)
		bpf_probe_read(e->text, ATTR_NAME_END - ATTR_PROG_NAME,
		               (void *)(attr + ATTR_PROG_NAME));
	return 1;
}

ACTION(memfd, "shmem_file_setup", EVENT_MEMFD)
ACTION(bpf, "security_bpf", EVENT_BPF)

/* ---- execs that fail --------------------------------------------------- */

/* By thread; two that meet in a slot cost one of them the name of its file. */
INLINE __u32 exec_call_slot(void)
{
	return bpf_get_current_pid_tgid() & (ATTEMPTS - 1);
}

/* Kept where the call begins, read after it has failed: then its page is there, and nothing was
 * decided by what we read. */
INLINE int exec_call_keep(__u64 name)
{
	struct exec_call call = { .tid = bpf_get_current_pid_tgid(), .name = name };
	__u32 slot = exec_call_slot();

	bpf_map_update_elem(&exec_calls, &slot, &call, BPF_ANY);
	return 0;
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

INLINE int exec_failed_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                            struct action_event *e)
{
	__u32 slot = exec_call_slot();
	const struct exec_call *call = bpf_map_lookup_elem(&exec_calls, &slot);
	__u64 name = 0;

	(void)layout, (void)task;
	e->number = -(__u32)PT_REGS_RC(ctx);
	if (call && call->tid == bpf_get_current_pid_tgid())
		name = call->name;
	text_fill(e, name);
	return 1;
}

INLINE int exec_returns(struct pt_regs *ctx,
                        __u64 (*current)(struct pt_regs *, const struct layout *))
{
	if (!PT_REGS_RC(ctx))
		return 0;
	return action_run(ctx, current, EVENT_EXEC_FAILED, exec_failed_fill);
}

SEC("kretprobe/sys_execve")
int t2_exec_failed_kretprobe(struct pt_regs *ctx)
{
	return exec_returns(ctx, current_by_helper);
}

SEC("kretprobe/sys_execve")
int t3_exec_failed_kretprobe(struct pt_regs *ctx)
{
	return exec_returns(ctx, current_by_stack);
}

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
