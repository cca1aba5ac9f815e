/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Connections to Unix sockets (tier 1). */
#include "probes/core/context.bpf.h"
#include "probes/core/socket_event.bpf.h"

#define SUN_PATH 2 /* in struct sockaddr_un, include/uapi/linux/un.h */

/*
 * If the task still has a call, its return was missed: all instances of the
 * return probe were in use.
 */
INLINE void call_ended(__u64 task)
{
	if (!bpf_map_lookup_elem(&unix_calls, &task))
		return;
	keep_count(EVENT_SOCKET);
	bpf_map_delete_elem(&unix_calls, &task);
}

/* void exit_signals(struct task_struct *tsk): each thread that ends comes here. */
SEC("kprobe/exit_signals")
int t1_unix_ends_kprobe(struct pt_regs *ctx)
{
	(void)ctx;
	call_ended(bpf_get_current_task());
	return 0;
}

/*
 * int unix_stream_connect(struct socket *sock, struct sockaddr *uaddr, int
 * addr_len, int flags), and unix_dgram_connect().
 */
SEC("kprobe/unix_stream_connect")
int t1_unix_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	struct unix_call call = { 0 };
	__u64 task = bpf_get_current_task();
	__u64 size = (__u32)PT_REGS_PARM3(ctx) - SUN_PATH;

	if (!layout)
		return 0;
	call_ended(task);
	if (!event_wanted(layout, task, EVENT_SOCKET))
		return 0;
	call.sk = POINTER(layout, PT_REGS_PARM1(ctx), SOCKET_SK);
	/* Not more than its size: other memory is behind it. No name: autobind. */
	if (size - 1 < UNIX_NAME_BYTES) {
		size = ((size - 1) & (UNIX_NAME_BYTES - 1)) + 1;
		call.size = size;
		BARRIER(size);
		size = ((size - 1) & (UNIX_NAME_BYTES - 1)) + 1;
		bpf_probe_read(call.name, size, (void *)(PT_REGS_PARM2(ctx) + SUN_PATH));
	}
	call.tid = bpf_get_current_pid_tgid();
	if (bpf_map_update_elem(&unix_calls, &task, &call, BPF_ANY))
		keep_count(EVENT_SOCKET);
	return 0;
}

/*
 * The end of a call, and its result: the return of unix_stream_connect() and
 * unix_dgram_connect(), or before that the return of the LSM's check,
 * security_unix_stream_connect(), after which a connection cannot fail. A call
 * sleeps while the queue of the listener is full, or while its path is looked
 * up, and a return probe has few instances; the check does not sleep.
 */
SEC("kretprobe/unix_stream_connect")
int t1_unix_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 task = bpf_get_current_task();
	struct unix_call *call = bpf_map_lookup_elem(&unix_calls, &task);
	struct connection c = { .outgoing = 1 };
	struct event_header header = { 0 };
	struct socket_event *e;

	if (!layout || !call)
		return 0;
	actor_fill(layout, &header, &c);
	e = socket_begin(&c, SOCKET_CONNECT, 0);
	if (!e)
		return 0;
	e->ends.family = 1; /* AF_UNIX */
	e->error = error_number(PT_REGS_RC(ctx));
	e->name_size = call->size;
	__builtin_memcpy(e->name, call->name, sizeof(e->name));
	READ(layout, &e->ends.netns, POINTER(layout, call->sk, SOCK_NET), NET_NS_INUM);
	bpf_map_delete_elem(&unix_calls, &task);
	return socket_send(ctx);
}
