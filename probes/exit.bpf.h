/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exit, once per process: from sched:sched_process_exit, by the thread that
 * finds signal_struct.live at 0, or from acct_process(), which do_exit() calls
 * just before, for that thread only. Two last threads on two CPUs can both find
 * 0; the map "exited" lets the first through.
 */
#include "read.bpf.h"

#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h, 3.10 to 6.18 */

/* What wait() will say: wait_task_zombie() in kernel/exit.c. */
INLINE int exit_code_read(const struct layout *layout, __u64 signal, __u64 leader, __u32 *ret)
{
	__u32 flags = 0;

	if (READ(layout, &flags, signal, SIGNAL_FLAGS))
		return -1;
	if (flags & SIGNAL_GROUP_EXIT)
		return READ(layout, ret, signal, SIGNAL_GROUP_EXIT_CODE);
	return READ(layout, ret, leader, TASK_EXIT_CODE);
}

INLINE int exit_report(void *ctx)
{
	const struct layout *layout = layout_find();
	struct exited_key key = { 0 };
	struct scratch *s;
	struct exit_event *e;
	__u64 task, signal, leader;
	__u32 live = 1, one = 1;

	if (!layout || !class_wanted(EVENT_EXIT))
		return 0;
	task = bpf_get_current_task();
	signal = POINTER(layout, task, TASK_SIGNAL);
	if (READ(layout, &live, signal, SIGNAL_LIVE) || live)
		return 0;
	leader = POINTER(layout, task, TASK_GROUP_LEADER);
	key.pid = bpf_get_current_pid_tgid() >> 32;
	read_start(layout, leader, &key.start_boottime_ns);
	if (bpf_map_update_elem(&exited, &key, &one, BPF_NOEXIST))
		return 0;

	s = message_begin(EVENT_EXIT, sizeof(*e));
	if (!s)
		return 0;
	e = &s->exit;
	e->process.start_boottime_ns = key.start_boottime_ns;
	unread_if(&e->header, !key.start_boottime_ns, FIELD_START);
	parent_fill(layout, &e->header, POINTER(layout, leader, TASK_REAL_PARENT), &e->parent);
	unread_if(&e->header, exit_code_read(layout, signal, leader, &e->exit_code),
	          FIELD_EXIT_CODE);
	e->uid = bpf_get_current_uid_gid();
	if (READ(layout, &e->comm, leader, TASK_COMM))
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	message_send(ctx, s, EVENT_EXIT, sizeof(*e));
	return 0;
}

SEC("tracepoint/sched/sched_process_exit")
int t1_exit(void *ctx)
{
	return exit_report(ctx);
}

SEC("kprobe/acct_process")
int t1_exit_kprobe(void *ctx)
{
	return exit_report(ctx);
}
