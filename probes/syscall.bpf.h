/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Where no function can be hooked: changes of credentials and namespaces, and
 * what is done to other processes and to the kernel, by the beginning and the end
 * of system calls. These have no 32-bit callers, and name processes by number.
 */
#include "probes/action.bpf.h"
#include "probes/change.bpf.h"

/* ---- what a thread was before ------------------------------------------ */

INLINE struct kept_state *state_slot(void)
{
	__u32 slot = bpf_get_current_pid_tgid() & (KEPT_CALLS - 1);

	return bpf_map_lookup_elem(&kept_states, &slot);
}

INLINE int state_keep(void)
{
	const struct layout *layout = layout_find();
	struct kept_state *state = state_slot();
	__u64 task, cred;

	if (!layout || !state)
		return 0;
	task = bpf_get_current_task();
	cred = POINTER(layout, task, TASK_REAL_CRED);
	state->tid = bpf_get_current_pid_tgid();
	state->unread = 0;
	if (credentials_read(layout, &state->credentials, cred))
		state->unread |= 1U << FIELD_CRED;
	state->user_ns = 0;
	READ(layout, &state->user_ns, POINTER(layout, cred, CRED_USER_NS), USER_NS_INUM);
	__builtin_memset(&state->namespaces, 0, sizeof(state->namespaces));
	if (namespace_set_read(layout, &state->namespaces, POINTER(layout, task, TASK_NSPROXY)))
		state->unread |= 1U << FIELD_NAMESPACES;
	return 0;
}

/* NULL: this call was not seen to begin, or another thread took its slot. */
INLINE const struct kept_state *state_find(void)
{
	const struct kept_state *state = state_slot();

	return state && state->tid == bpf_get_current_pid_tgid() ? state : 0;
}

/* setuid and its like, capset, setns, unshare */
SEC("tracepoint/syscalls/sys_enter_setuid")
int t1_change_begins(void *ctx)
{
	(void)ctx;
	return state_keep();
}

#define OPTION_CAPBSET_DROP 24 /* PR_CAPBSET_DROP, include/uapi/linux/prctl.h */
#define OPTION_CAP_AMBIENT  47

SEC("tracepoint/syscalls/sys_enter_prctl")
int t1_prctl_begins(struct syscall_enter_context *ctx)
{
	__u32 option = ctx->arguments[0];
	struct kept_state *state;

	if (option == OPTION_CAPBSET_DROP || option == OPTION_CAP_AMBIENT)
		return state_keep();
	state = state_slot();
	if (state)
		state->tid = 0;
	return 0;
}

/* Whether it has succeeded shows by what is different. */
SEC("tracepoint/syscalls/sys_exit_setuid")
int t1_credentials(void *ctx)
{
	const struct layout *layout = layout_find();
	const struct kept_state *state = state_find();
	__u64 task = bpf_get_current_task();
	struct credentials_event e;

	if (!layout || !state || !event_wanted(layout, task, EVENT_CREDENTIALS))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_CREDENTIALS);
	e.before = state->credentials;
	e.user_ns_before = state->user_ns;
	unread_if(&e.header, state->unread & (1U << FIELD_CRED), FIELD_BEFORE);
	return credentials_tell(ctx, layout, task, POINTER(layout, task, TASK_REAL_CRED), &e);
}

INLINE int namespaces_differ(const struct namespace_set *a, const struct namespace_set *b)
{
	return a->pid_for_children != b->pid_for_children || a->mnt != b->mnt || a->net != b->net ||
	       a->uts != b->uts || a->ipc != b->ipc || a->cgroup != b->cgroup;
}

SEC("tracepoint/syscalls/sys_exit_setns")
int t1_namespaces(void *ctx)
{
	const struct layout *layout = layout_find();
	const struct kept_state *state = state_find();
	__u64 task = bpf_get_current_task();
	struct namespaces_event e;
	int failed;

	if (!layout || !state || !event_wanted(layout, task, EVENT_NAMESPACES))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_NAMESPACES);
	e.before = state->namespaces;
	unread_if(&e.header, state->unread & (1U << FIELD_NAMESPACES), FIELD_BEFORE);
	failed = namespace_set_read(layout, &e.after, POINTER(layout, task, TASK_NSPROXY));
	unread_if(&e.header, failed, FIELD_AFTER);
	if (!e.header.unread && !namespaces_differ(&e.before, &e.after))
		return 0;
	return namespaces_tell(ctx, layout, task, &e);
}

/* ---- actions ------------------------------------------------------------ */

#define CALL_BEGINS(name, call)                                                                \
	SEC("tracepoint/syscalls/sys_enter_" #call)                                            \
	int t1_##name##_begins(struct syscall_enter_context *ctx)                              \
	{                                                                                      \
		return name##_begins(ctx->arguments[0], ctx->arguments[1], ctx->arguments[2]); \
	}

/* The end of a call that was kept. */
#define CALL_ENDS(name, call, type)                                                            \
	SEC("tracepoint/syscalls/sys_exit_" #call)                                             \
	int t1_##name(void *ctx)                                                               \
	{                                                                                      \
		return kept_find(type) ? action_run(ctx, current_by_helper, type, name##_ends) \
		                       : 0;                                                    \
	}

INLINE __s64 call_result(const struct pt_regs *ctx)
{
	return ((const struct syscall_exit_context *)(const void *)ctx)->result;
}

/* By the number that the caller gave, which has to be one of the initial pid namespace. */
INLINE void target_number_fill(const struct layout *layout, __u64 task, struct action_event *e,
                               __u32 pid)
{
	__u32 level = 0;
	int failed = READ(layout, &level, POINTER(layout, task, TASK_THREAD_PID), PID_LEVEL);

	e->target.pid = pid;
	unread_if(&e->header, failed || level, FIELD_TARGET);
}

#define REQUEST_SEIZE   0x4206
#define NO_SUCH_PROCESS 3 /* ESRCH */
#define NOT_PERMITTED   1 /* EPERM */

INLINE int ptrace_begins(__u64 request, __u64 pid, __u64 address)
{
	if (request == REQUEST_ATTACH || request == REQUEST_SEIZE)
		return keep(EVENT_PTRACE, pid, 0, request);
	if (request_writes(request))
		return keep(EVENT_PTRACE, pid, address, request);
	return kept_forget(EVENT_PTRACE);
}

INLINE int ptrace_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_PTRACE);

	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	e->number = kept->number;
	e->value = kept->value;
	error_fill(e, call_result(ctx));
	target_number_fill(layout, task, e, kept->subject);
	return e->error != NO_SUCH_PROCESS;
}

#define ACCESS_REAL_IDS 0x10 /* PTRACE_MODE_REALCREDS, include/linux/ptrace.h */

INLINE int access_begins(__u64 pid, __u64 vector, __u64 count)
{
	(void)vector, (void)count;
	return keep(EVENT_PROCESS_ACCESS, pid, 0, ACCESS_ATTACH | ACCESS_REAL_IDS);
}

/* Other errors come before the question, or after it was answered. */
INLINE int access_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                       struct action_event *e)
{
	struct kept_call *kept = kept_find(EVENT_PROCESS_ACCESS);
	__s64 result = call_result(ctx);

	if (!kept)
		return 0;
	kept->type = KEPT_NOTHING;
	e->number = kept->number;
	e->error = result < 0 ? ACCESS_REFUSED : 0;
	target_number_fill(layout, task, e, kept->subject);
	return (result >= 0 || result == -NOT_PERMITTED) && e->target.pid != e->process.pid;
}

INLINE int bpf_begins(__u64 command, __u64 attr, __u64 size)
{
	(void)attr, (void)size;
	return command == PROG_LOAD ? keep(EVENT_BPF, 0, 0, 0) : kept_forget(EVENT_BPF);
}

/* What it is lies in the caller's memory, and is not told. */
INLINE int bpf_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                    struct action_event *e)
{
	(void)layout, (void)task;
	kept_forget(EVENT_BPF);
	error_fill(e, call_result(ctx));
	e->header.unread |= 1U << FIELD_OBJECT;
	return 1;
}

INLINE int execve_begins(__u64 name, __u64 argv, __u64 envp)
{
	(void)argv, (void)envp;
	return exec_call_keep(name);
}

INLINE int execveat_begins(__u64 directory, __u64 name, __u64 argv)
{
	(void)directory, (void)argv;
	return exec_call_keep(name);
}

INLINE int exec_failed_ends(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                            struct action_event *e)
{
	(void)layout, (void)task;
	if (!call_result(ctx))
		return kept_forget(EVENT_EXEC_FAILED);
	return exec_failed_fill(e, call_result(ctx));
}

CALL_BEGINS(ptrace, ptrace)
CALL_ENDS(ptrace, ptrace, EVENT_PTRACE)
CALL_BEGINS(access, process_vm_writev)
CALL_ENDS(access, process_vm_writev, EVENT_PROCESS_ACCESS)
CALL_BEGINS(bpf, bpf)
CALL_ENDS(bpf, bpf, EVENT_BPF)
CALL_BEGINS(execve, execve)
CALL_BEGINS(execveat, execveat)
CALL_ENDS(exec_failed, execve, EVENT_EXEC_FAILED)
