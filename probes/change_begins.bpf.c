/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The start of a system call that may change credentials or namespaces, where
 * no function can be hooked: keeps what the thread is before it. These programs
 * see no 32-bit callers.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/cred.bpf.h"
#include "probes/core/kept_state.bpf.h"
#include "probes/core/nsproxy.bpf.h"

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
		state->unread |= KEPT_CREDENTIALS;
	state->user_ns = 0;
	READ(layout, &state->user_ns, POINTER(layout, cred, CRED_USER_NS), USER_NS_INUM);
	__builtin_memset(&state->namespaces, 0, sizeof(state->namespaces));
	if (namespace_set_read(layout, &state->namespaces, POINTER(layout, task, TASK_NSPROXY)))
		state->unread |= KEPT_NAMESPACES;
	return 0;
}

/* setuid and similar calls, capset, setns, unshare. */
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
