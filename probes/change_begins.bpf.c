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

INLINE int credentials_keep(void)
{
	const struct layout *layout = layout_find();
	struct kept_state state = { 0 };
	__u64 cred;

	if (!layout)
		return 0;
	cred = POINTER(layout, bpf_get_current_task(), TASK_REAL_CRED);
	state.unread = !!credentials_read(layout, &state.credentials, cred);
	READ(layout, &state.user_ns, POINTER(layout, cred, CRED_USER_NS), USER_NS_INUM);
	return state_put(EVENT_CREDENTIALS, &state);
}

/* setuid and similar calls, capset, setns, unshare. */
SEC("tracepoint/syscalls/sys_enter_setuid")
int t1_credentials_begin(void *ctx)
{
	(void)ctx;
	return credentials_keep();
}

#define OPTION_CAPBSET_DROP 24 /* PR_CAPBSET_DROP, include/uapi/linux/prctl.h */
#define OPTION_CAP_AMBIENT  47

SEC("tracepoint/syscalls/sys_enter_prctl")
int t1_prctl_begins(struct syscall_enter_context *ctx)
{
	__u32 option = ctx->arguments[0];

	return option == OPTION_CAPBSET_DROP || option == OPTION_CAP_AMBIENT ? credentials_keep()
	                                                                     : 0;
}

/* setns, unshare. */
SEC("tracepoint/syscalls/sys_enter_setns")
int t1_namespaces_begin(void *ctx)
{
	const struct layout *layout = layout_find();
	struct kept_state state = { 0 };
	__u64 proxy;

	(void)ctx;
	if (!layout)
		return 0;
	proxy = POINTER(layout, bpf_get_current_task(), TASK_NSPROXY);
	state.unread = !!namespace_set_read(layout, &state.namespaces, proxy);
	return state_put(EVENT_NAMESPACES, &state);
}
