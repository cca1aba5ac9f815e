/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The arguments of a call, from its start to its return: for an event that has
 * the result of the call.
 */
#ifndef PROBES_CORE_KEPT_BPF_H
#define PROBES_CORE_KEPT_BPF_H

#include "probes/core/count.bpf.h"

/*
 * The entry of the current thread. If two threads use one entry, the first call
 * is not reported, but counted when it returns.
 */
INLINE struct kept_call *kept_slot(void)
{
	__u32 slot = bpf_get_current_pid_tgid() & (KEPT_CALLS - 1);

	return bpf_map_lookup_elem(&kept_calls, &slot);
}

INLINE int keep_names(__u32 type, __u64 subject, __u64 value, __u32 number, __u64 first,
                      __u64 second)
{
	struct kept_call *kept = kept_slot();
	__u64 tid = bpf_get_current_pid_tgid();

	if (!kept)
		return 0;
	CHECKED(kept);
	if (kept->type != KEPT_NOTHING && kept->tid && kept->tid != tid) {
		kept->displaced = kept->tid;
		kept->displaced_type = kept->type;
	}
	kept->tid = tid;
	kept->subject = subject;
	kept->value = value;
	kept->names[0] = first;
	kept->names[1] = second;
	kept->number = number;
	kept->type = type;
	return 0;
}

INLINE int keep(__u32 type, __u64 subject, __u64 value, __u32 number)
{
	return keep_names(type, subject, value, number, 0, 0);
}

/* The arguments of the call that returns. NULL: it is not reported. */
INLINE struct kept_call *kept_find(__u32 type)
{
	struct kept_call *kept = kept_slot();
	__u64 tid = bpf_get_current_pid_tgid();

	if (!kept)
		return 0;
	CHECKED(kept);
	if (kept->tid == tid && kept->type == type)
		return kept;
	if (kept->displaced == tid && kept->displaced_type == type) {
		kept->displaced = 0;
		keep_count(type);
	}
	return 0;
}

INLINE int kept_forget(__u32 type)
{
	struct kept_call *kept = kept_find(type);

	if (kept)
		kept->type = KEPT_NOTHING;
	return 0;
}

#endif
