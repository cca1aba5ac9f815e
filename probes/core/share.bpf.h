/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * While settings.shares sets a limit, each user has a share of each CPU's ring. With
 * settings.shares_all root has one by the name of the process, and a socket's events
 * count for its owner.
 */
#ifndef PROBES_CORE_SHARE_BPF_H
#define PROBES_CORE_SHARE_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/read.bpf.h"
#include "probes/core/verifier.bpf.h"

/* Whose event it is. */
struct share_owner {
	__u64 comm[EVENTS_COMM_BYTES / 8];
	__u32 uid, zero;
};

/* The entry of the owner in the shares of the current CPU. */
INLINE __u32 share_slot(const struct share_owner *owner)
{
	__u64 value = owner->uid, alive = -1;
	__u32 half = 0;

	if (!owner->uid) {
		value = filter_hash(0, word_keep(owner->comm[0], &alive));
		value = filter_hash(value, word_keep(owner->comm[1], &alive));
		half = SHARES / 2;
	}
	return bpf_get_smp_processor_id() * SHARES + half + (value * SPREAD >> (65 - SHARES_BITS));
}

INLINE __u32 share_limit(const struct settings *s, __u32 type)
{
	__u32 limit = s->shares;

	/* There is much of it, and it must not take what his other events have. */
	if (type == EVENT_TERMINAL)
		limit /= 2;
	if (s->shares_twice & (1U << type))
		limit *= 2;
	if (s->shares_four & (1U << type))
		limit *= 4;
	return limit;
}

/* True: the owner has used up the share. An event that is sent counts, one that is not does not. */
INLINE int share_take(const struct settings *s, const struct share_owner *owner, __u32 type,
                      __u32 bytes)
{
	__u32 slot = share_slot(owner), tick = bpf_ktime_get_ns() >> SHARE_TICK_BITS;
	struct share *share = bpf_map_lookup_elem(&shares, &slot);

	if (!share)
		return 0;
	CHECKED(share);
	if (share->tick != tick) {
		share->tick = tick;
		share->bytes = 0;
	}
	if (share->bytes >= share_limit(s, type))
		return 1;
	share->bytes += bytes;
	return 0;
}

INLINE const struct settings *settings_find(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&settings, &key);
}

/*
 * True: the process that runs has used up its share. No pointer that may be 0 lives across a
 * call of a helper here: the verifier of 4.15 forgets of a 0 on the stack that it is one.
 */
INLINE int share_used_up(__u32 type, __u32 bytes)
{
	struct share_owner owner = { .uid = bpf_get_current_uid_gid() };
	const struct settings *s = settings_find();

	if (!s)
		return 0;
	CHECKED(s);
	if (!s->shares || (!owner.uid && !s->shares_all))
		return 0;
	bpf_get_current_comm(owner.comm, sizeof(owner.comm));
	return share_take(s, &owner, type, bytes);
}

/*
 * The same of the owner of a socket, which changes in whatever context a packet
 * arrives.
 */
INLINE int share_used_up_by(const struct socket_event *e, __u32 type, __u32 bytes)
{
	struct share_owner owner = { .uid = e->uid };
	const struct settings *s = settings_find();

	if (!s)
		return 0;
	CHECKED(s);
	if (!s->shares || !s->shares_all)
		return 0;
	__builtin_memcpy(owner.comm, e->comm, sizeof(owner.comm));
	return share_take(s, &owner, type, bytes);
}

#endif
