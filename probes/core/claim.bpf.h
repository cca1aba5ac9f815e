/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Memory for the message of a program at fentry: such a program may interrupt
 * another one (the kernel does not test bpf_prog_active for them), so a program
 * claims the memory of its CPU. One that finds it in use counts a lost event.
 */
#ifndef PROBES_CORE_CLAIM_BPF_H
#define PROBES_CORE_CLAIM_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/abi/maps.h"
#include "probes/core/verifier.bpf.h"

/* Key: CPU. The entry exists while the memory of the CPU is in use. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} claims SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} claimed_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} claimed_counters SEC(".maps");

/* The memory of this CPU, until claim_end(). NULL: it is in use. */
INLINE struct scratch *claim_try(__u32 *cpu)
{
	__u32 one = 1;

	if (bpf_map_update_elem(&claims, cpu, &one, BPF_NOEXIST))
		return 0;
	return bpf_map_lookup_elem(&claimed_scratch, cpu);
}

/* The same; NULL counts as a lost event of the type, which is a constant. */
INLINE struct scratch *claim_begin(__u32 *cpu, __u32 type)
{
	struct counters *c = bpf_map_lookup_elem(&claimed_counters, cpu);
	struct scratch *s = claim_try(cpu);

	if (!s && c)
		__sync_fetch_and_add(&c->unsent[type], 1);
	return s;
}

INLINE void claim_end(__u32 *cpu)
{
	bpf_map_delete_elem(&claims, cpu);
}

#endif
