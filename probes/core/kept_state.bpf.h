/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a thread was before a system call that may change its credentials or
 * namespaces.
 */
#ifndef PROBES_CORE_KEPT_STATE_BPF_H
#define PROBES_CORE_KEPT_STATE_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/verifier.bpf.h"

INLINE struct kept_state *state_slot(void)
{
	__u32 slot = bpf_get_current_pid_tgid() & (KEPT_CALLS - 1);

	return bpf_map_lookup_elem(&kept_states, &slot);
}

/*
 * NULL: the start of this call was not seen, or another thread has taken the
 * entry.
 */
INLINE const struct kept_state *state_find(void)
{
	const struct kept_state *state = state_slot();

	return state && state->tid == bpf_get_current_pid_tgid() ? state : 0;
}

#endif
