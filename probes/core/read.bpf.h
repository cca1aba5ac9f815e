/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reads kernel memory at the offsets of the running kernel (struct layout).
 * bpf_probe_read (4) and bpf_probe_read_str (45) only: the later _kernel and
 * _user forms do not exist before 5.5, and on x86 these two do the same on
 * every kernel.
 */
#ifndef PROBES_CORE_READ_BPF_H
#define PROBES_CORE_READ_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "offsets/layout.h"
#include "probes/abi/events.h"
#include "probes/core/verifier.bpf.h"

/* Key: enum layout_slot. Empty until the loader arms the programs. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LAYOUT_SLOTS);
	__type(key, __u32);
	__type(value, struct layout);
} offsets SEC(".maps");

/* The offsets of the kernel. NULL: the programs are not armed yet. */
INLINE const struct layout *layout_find(void)
{
	__u32 slot = LAYOUT_SLOT_KERNEL;

	return bpf_map_lookup_elem(&offsets, &slot);
}

#define OFFSET(layout, id) ((layout)->facts[LAYOUT_##id].offset)
#define SIZE(layout, id)   ((layout)->facts[LAYOUT_##id].size) /* 0: absent */

/*
 * Returns 0, or non-zero if the member is absent in this kernel or not
 * readable; then dst is zero.
 */
INLINE int read_at(void *dst, __u32 size, __u64 base, __u32 offset)
{
	if (!base || offset == LAYOUT_ABSENT)
		return -1;
	return bpf_probe_read(dst, size, (void *)(base + offset));
}

/* A pointer member, 0 if it cannot be read: NULL ends the chain. */
INLINE __u64 read_pointer(__u64 base, __u32 offset)
{
	__u64 value = 0;

	if (read_at(&value, sizeof(value), base, offset))
		return 0;
	return value;
}

#define POINTER(layout, base, id)   read_pointer(base, OFFSET(layout, id))
#define READ(layout, dst, base, id) read_at(dst, sizeof(*(dst)), base, OFFSET(layout, id))

/*
 * The same, for an offset that is present: probe_read writes zeroes if it
 * fails. It takes few instructions; a step of a path has five of these reads.
 */
INLINE __u64 follow(__u64 base, __u32 offset)
{
	__u64 value = 0;

	bpf_probe_read(&value, sizeof(value), (void *)(base + offset));
	return value;
}

/*
 * Is it an address of the kernel's? Until 5.14 (ec6aba3d2be1) a kprobe counts each
 * read that faults as a hit that it has missed, and the loader reports these: so
 * what may be no pointer is looked at first.
 */
INLINE int is_kernel(__u64 address)
{
	return address >> 63;
}

INLINE __u64 kernel_follow(__u64 base, __u32 offset)
{
	return is_kernel(base) ? follow(base, offset) : 0;
}

/*
 * Each offset becomes a value before one of them is chosen; otherwise clang
 * chooses between addresses in the layout, which verifiers before 4.9 do not
 * follow.
 */
INLINE __u32 offset_value(const struct layout *layout, __u32 id)
{
	__u32 value = layout->facts[id].offset;

	BARRIER(value);
	return value;
}

#define VALUE(layout, id) offset_value(layout, LAYOUT_##id)

/*
 * The word of a string up to its first NUL, or 0 if *alive is 0; the NUL sets
 * *alive to 0. There is no branch: each would double the paths that the
 * verifier walks. The lowest bit of zero is in the first byte that is 0.
 */
INLINE __u64 word_keep(__u64 word, __u64 *alive)
{
	__u64 zero = (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
	__u64 keep = word & (zero ^ (zero - 1)) & *alive;

	BARRIER(zero);
	*alive &= ((zero | -zero) >> 63) - 1;
	return keep;
}

/* Marks a field of the event as unread. */
INLINE void unread_if(struct event_header *header, int failed, __u32 field)
{
	if (failed)
		header->unread |= 1U << field;
}

#endif
