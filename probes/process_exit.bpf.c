/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exit, once for each process: at acct_process(), which do_exit() calls for the
 * last thread only, or at sched:sched_process_exit right after it, by the
 * thread that finds signal_struct.live at 0. Two last threads on two CPUs can
 * both find 0; the map "exited" lets the first one through. Its type exists
 * from 4.10 on, so older kernels use the function only.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/stack.bpf.h"
#include "probes/core/wanted.bpf.h"

#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h, 3.10 to 6.18 */

/* The status that wait() will return: wait_task_zombie() in kernel/exit.c. */
INLINE int exit_code_read(const struct layout *layout, __u64 signal, __u64 leader, __u32 *ret)
{
	__u32 flags = 0;

	if (READ(layout, &flags, signal, SIGNAL_FLAGS))
		return -1;
	if (flags & SIGNAL_GROUP_EXIT)
		return READ(layout, ret, signal, SIGNAL_GROUP_EXIT_CODE);
	return READ(layout, ret, leader, TASK_EXIT_CODE);
}

/*
 * CPU time of the last thread, of a leader that ended before it, and of all
 * other threads, which have ended.
 */
INLINE int cpu_time_read(const struct layout *layout, __u64 task, __u64 signal, __u64 leader,
                         __u64 *ret)
{
	__u64 own = 0, leaders = 0, gone = 0;
	int failed = READ(layout, &own, task, TASK_SUM_EXEC_RUNTIME);

	failed |= READ(layout, &gone, signal, SIGNAL_SUM_SCHED_RUNTIME);
	if (leader != task)
		failed |= READ(layout, &leaders, leader, TASK_SUM_EXEC_RUNTIME);
	if (!failed)
		*ret = own + leaders + gone;
	return failed;
}

INLINE void exit_fill(const struct layout *layout, struct exit_event *e, __u64 task)
{
	__u64 signal = POINTER(layout, task, TASK_SIGNAL);
	__u64 leader = POINTER(layout, task, TASK_GROUP_LEADER);

	unread_if(&e->header, read_start(layout, leader, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, leader, TASK_REAL_PARENT),
	            &e->parent);
	unread_if(&e->header, exit_code_read(layout, signal, leader, &e->exit_code),
	          FIELD_EXIT_CODE);
	unread_if(&e->header, cpu_time_read(layout, task, signal, leader, &e->cpu_time_ns),
	          FIELD_EXIT_CPU_TIME);
	e->uid = bpf_get_current_uid_gid();
	if (READ(layout, &e->comm, leader, TASK_COMM))
		bpf_get_current_comm(e->comm, sizeof(e->comm));
}

INLINE int exit_report(void *ctx, const struct layout *layout, __u64 task)
{
	struct scratch *s = message_begin(EVENT_EXIT, sizeof(s->exit));

	if (!s)
		return 0;
	exit_fill(layout, &s->exit, task);
	message_send(ctx, s, EVENT_EXIT, sizeof(s->exit));
	return 0;
}

INLINE int exit_report_stack(void *ctx, const struct layout *layout, __u64 task)
{
	struct exit_event e;

	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, EVENT_EXIT);
	exit_fill(layout, &e, task);
	stack_send(ctx, &e.header, EVENT_EXIT, sizeof(e));
	return 0;
}

/*
 * Is the caller the last thread of the process, and the first one to report it?
 */
INLINE int exit_last(const struct layout *layout, __u64 task)
{
	struct exited_key key = { .signal = POINTER(layout, task, TASK_SIGNAL) };
	__u32 live = 1, tid = bpf_get_current_pid_tgid();
	const __u32 *first;

	if (READ(layout, &live, key.signal, SIGNAL_LIVE) || live)
		return 0;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	read_process_start(layout, task, &key.start_boottime_ns);
	if (!bpf_map_update_elem(&exited, &key, &tid, BPF_NOEXIST))
		return 1;
	first = bpf_map_lookup_elem(&exited, &key);
	return !first || *first == tid; /* a thread comes here once */
}

SEC("tracepoint/sched/sched_process_exit")
int t1_exit(void *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = bpf_get_current_task();
	if (!event_wanted(layout, task, EVENT_EXIT))
		return 0;
	return exit_last(layout, task) ? exit_report(ctx, layout, task) : 0;
}

SEC("kprobe/acct_process")
int t1_exit_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = bpf_get_current_task();
	return event_wanted(layout, task, EVENT_EXIT) ? exit_report(ctx, layout, task) : 0;
}

SEC("kprobe/acct_process")
int t2_exit_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = bpf_get_current_task();
	return event_wanted(layout, task, EVENT_EXIT) ? exit_report_stack(ctx, layout, task) : 0;
}

SEC("kprobe/acct_process")
int t3_exit_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task;

	if (!layout)
		return 0;
	CHECKED(layout);
	task = current_by_stack(ctx, layout);
	return event_wanted(layout, task, EVENT_EXIT) ? exit_report_stack(ctx, layout, task) : 0;
}
