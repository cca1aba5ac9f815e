/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * An event that is sent in parts (probes/abi/part_records.h), in tiers 2 and 3: what
 * one program hands to the next by a tail call is in the map "parting". No two
 * programs run on a CPU at the same time.
 */
#ifndef PROBES_CORE_PARTING_BPF_H
#define PROBES_CORE_PARTING_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/verifier.bpf.h"

INLINE struct parting *parting_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&parting, &cpu);
}

/*
 * A part that is lost is not counted: the loader notices that its number is
 * missing.
 */
INLINE void part_send(void *ctx, struct parting *p, struct event_header *header, __u32 *number,
                      __u32 type, __u32 size)
{
	header->type = type;
	header->cpu = bpf_get_smp_processor_id();
	header->sequence = p->sequence;
	header->len = size;
	*number = p->number++;
	bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), header, size);
}

/*
 * Sets the two strings, which are sent first and last; 0: there is none. The
 * paths are empty.
 */
INLINE void parting_init(struct parting *p, __u64 interp, __u64 filename)
{
	int i;

	p->unread = p->truncated = 0;
	p->inode = p->device = 0;
	p->number = 1;
	p->text = TEXT_INTERP;
	p->name = interp;
#pragma unroll
	for (i = 0; i < EXEC_TEXTS - 1; i++)
		p->walks[i].dentry = p->walks[i].mount = 0;
	p->walks[EXEC_TEXTS - 1].dentry = filename;
	p->walks[EXEC_TEXTS - 1].mount = 0;
}

/* Goes on to the next text. The file name follows the working directory. */
INLINE void parts_next(struct parting *p)
{
	int i;

#pragma unroll
	for (i = 0; i < EXEC_TEXTS - 1; i++)
		p->walks[i] = p->walks[i + 1];
	p->name = 0;
	p->text++;
	if (p->text == EXEC_TEXTS) {
		p->text = TEXT_FILENAME;
		p->name = p->walks[0].dentry;
		p->walks[0].dentry = 0;
	}
}

#endif
