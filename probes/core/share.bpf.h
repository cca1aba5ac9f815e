/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * While events are lost, each user except root has a share of each CPU's ring.
 */
#ifndef PROBES_CORE_SHARE_BPF_H
#define PROBES_CORE_SHARE_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/verifier.bpf.h"

/* The entry of a user in the shares of the current CPU. */
INLINE __u32 share_slot(__u32 uid)
{
	return bpf_get_smp_processor_id() * SHARES + ((__u64)uid * SPREAD >> 58);
}

/*
 * True: events are being lost, and the current user has used up the share. A
 * socket changes in whatever context a packet arrives, so its events belong to
 * no user.
 */
INLINE int share_used_up(__u32 type, __u32 bytes)
{
	struct settings *s;
	struct share *share;
	__u32 key = 0, uid, slot, tick;

	if (type == EVENT_SOCKET)
		return 0;
	s = bpf_map_lookup_elem(&settings, &key);
	if (!s)
		return 0;
	CHECKED(s);
	if (!s->shares)
		return 0;
	uid = bpf_get_current_uid_gid();
	if (!uid)
		return 0;
	slot = share_slot(uid);
	share = bpf_map_lookup_elem(&shares, &slot);
	if (!share)
		return 0;
	CHECKED(share);
	tick = bpf_ktime_get_ns() >> SHARE_TICK_BITS;
	if (share->tick != tick) {
		share->tick = tick;
		share->bytes = 0;
	}
	share->bytes += bytes;
	return share->bytes > SHARE_BYTES;
}

#endif
