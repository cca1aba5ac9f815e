/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Counters of a CPU: each event that is sent, and each that is lost, is counted
 * by its class.
 */
#ifndef PROBES_CORE_COUNT_BPF_H
#define PROBES_CORE_COUNT_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/verifier.bpf.h"

INLINE struct counters *counters_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/*
 * Verifiers before 5.x forget the bounds of a number that was on the stack: the
 * code needs the mask although the compiler knows the value.
 */
INLINE __u64 counter_index(__u64 type)
{
	BARRIER(type);
	return type & (COUNTER_SLOTS - 1);
}

/* Counts a lost event. type: a constant. */
INLINE void keep_count(__u32 type)
{
	struct counters *c = counters_find();

	if (!c)
		return;
	CHECKED(c);
	__sync_fetch_and_add(&c->unsent[type], 1); /* programs by fentry interrupt others */
}

#endif
