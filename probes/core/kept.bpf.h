/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The arguments of a call, from its start to its return: for an event that has
 * the result of the call. A thread has one entry for each class in the map
 * "kept_calls", and removes it itself. What a call that does not return leaves
 * there the loader removes when the thread has ended.
 */
#ifndef PROBES_CORE_KEPT_BPF_H
#define PROBES_CORE_KEPT_BPF_H

#include "probes/core/count.bpf.h"
#include "probes/core/read.bpf.h"

INLINE struct kept_key kept_key(__u32 type)
{
	struct kept_key key = { .tid = bpf_get_current_pid_tgid(), .type = type };

	return key;
}

/* Non-zero: the map is full. */
INLINE int keep_all(__u32 type, __u64 subject, __u64 value, __u32 number, __u64 first, __u64 second)
{
	struct kept_key key = kept_key(type);
	struct kept_call call = {
		.subject = subject, .value = value, .names = { first, second }, .number = number
	};

	return bpf_map_update_elem(&kept_calls, &key, &call, BPF_ANY);
}

/* If the map is full, the call is not reported, but counted. */
INLINE int keep_names(__u32 type, __u64 subject, __u64 value, __u32 number, __u64 first,
                      __u64 second)
{
	if (keep_all(type, subject, value, number, first, second))
		keep_count(type);
	return 0;
}

INLINE int keep(__u32 type, __u64 subject, __u64 value, __u32 number)
{
	return keep_names(type, subject, value, number, 0, 0);
}

/*
 * The arguments of the call that returns, until kept_forget(). NULL: it is not
 * reported.
 */
INLINE const struct kept_call *kept_find(__u32 type)
{
	struct kept_key key = kept_key(type);

	return bpf_map_lookup_elem(&kept_calls, &key);
}

INLINE int kept_forget(__u32 type)
{
	struct kept_key key = kept_key(type);

	if (bpf_map_lookup_elem(&kept_calls, &key)) /* without a lock; mostly there is none */
		bpf_map_delete_elem(&kept_calls, &key);
	return 0;
}

/*
 * At the entry of the function, and where the thread ends: a call that is still
 * kept has returned unseen, because others slept in the function and held all
 * instances of the return probe. If it was an event is not known.
 */
INLINE int kept_missed(__u32 type)
{
	if (!kept_find(type))
		return 0;
	if (layout_find()) /* else the programs are silent */
		keep_count(type);
	return kept_forget(type);
}

/* At the entry of a function whose return is hooked. */
INLINE int keep_entered(__u32 type, __u64 subject, __u64 value, __u32 number)
{
	kept_missed(type);
	return keep(type, subject, value, number);
}

/* Both. False: it is not reported. */
INLINE int kept_take(__u32 type, struct kept_call *ret)
{
	const struct kept_call *kept = kept_find(type);

	if (!kept)
		return 0;
	CHECKED(kept);
	*ret = *kept;
	kept_forget(type);
	return 1;
}

#endif
