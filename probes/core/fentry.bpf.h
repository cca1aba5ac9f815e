/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What programs at fentry and fexit have: settings and offsets as global data.
 *
 * The verifier knows the type of their arguments and lets them load members
 * without a helper, at an offset that is a constant to it.
 */
#ifndef PROBES_CORE_FENTRY_BPF_H
#define PROBES_CORE_FENTRY_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/abi/maps.h"
#include "probes/core/verifier.bpf.h"

/* A BPF function of its own, which kernels with fentry allow. */
#define SUBPROGRAM static __attribute__((noinline, unused))

/* Written by the loader before it loads the programs. */
const volatile struct constants constants SEC(".rodata");

/* The same as the entry of the map "settings", without a look-up. */
struct settings settings_here SEC(".data.settings");

#define SETTINGS (&settings_here)

/* The place of a member: the offset is a constant to the verifier. */
#define CONSTANT(id)      (constants.layout.facts[LAYOUT_##id].offset)
#define PLACE(base, id)   ((base) + CONSTANT(id))
#define LOAD(type, place) (*(const volatile type *)(place))

/*
 * A typed pointer as a number: the only arithmetic that the verifier allows is
 * subtraction.
 */
INLINE __u64 number_of(__u64 pointer)
{
	return pointer - (__u64)&constants;
}

/*
 * The files and dentries of which something is or was kept, by the index that a
 * hash gives: most are not marked, and this look-up is cheap.
 */
volatile __u8 marks[1 << MARK_BITS];

INLINE void mark(__u64 pointer)
{
	marks[number_of(pointer) * SPREAD >> (64 - MARK_BITS)] = 1;
}

INLINE int marked(__u64 pointer)
{
	return marks[number_of(pointer) * SPREAD >> (64 - MARK_BITS)];
}

#endif
