/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a thread was before a system call that may change its credentials or
 * namespaces: in the map "kept_states", an entry for each of both classes, as
 * kept.bpf.h does it with arguments.
 */
#ifndef PROBES_CORE_KEPT_STATE_BPF_H
#define PROBES_CORE_KEPT_STATE_BPF_H

#include "probes/core/kept.bpf.h"

/* If the map is full, the change is not reported, but counted. */
INLINE int state_put(__u32 type, const struct kept_state *state)
{
	struct kept_key key = kept_key(type);

	if (bpf_map_update_elem(&kept_states, &key, state, BPF_ANY))
		keep_count(type);
	return 0;
}

/* NULL: the start of this call was not seen, or could not be kept. */
INLINE const struct kept_state *state_find(__u32 type)
{
	struct kept_key key = kept_key(type);

	return bpf_map_lookup_elem(&kept_states, &key);
}

/* What state_find() has returned stays readable until the program ends, but it may change. */
INLINE void state_forget(__u32 type)
{
	struct kept_key key = kept_key(type);

	bpf_map_delete_elem(&kept_states, &key);
}

#endif
