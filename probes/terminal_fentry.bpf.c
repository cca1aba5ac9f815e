/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The same as terminal_kprobe.bpf.c by fexit, for kernels with BTF, from 5.17 on. */
#include "probes/core/claim.bpf.h"
#include "probes/core/fentry.bpf.h"
#include "probes/core/terminal.bpf.h"

/* In memory that is claimed. */
SUBPROGRAM int f1_terminal_send(void *ctx, struct scratch *s, __u64 name, __u64 text, __u32 bytes)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct counters *c = bpf_map_lookup_elem(&claimed_counters, &cpu);
	const struct layout *layout = layout_find();
	__u64 size;

	if (!layout || !c)
		return 0;
	message_clear(s, EVENT_TERMINAL, sizeof(s->terminal));
	/* These programs have counters of their own, as if there were more CPUs. */
	s->head.header.cpu = constants.claimed_cpu + cpu;
	size = terminal_fill(layout, s, name, text, bytes);
	if (size)
		message_count_send(ctx, c, s, EVENT_TERMINAL, size);
	return 0;
}

INLINE int terminal_write(void *ctx, __u64 name, __u64 text, __s32 taken)
{
	const struct layout *layout = layout_find();
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s;

	if (!layout || !terminal_wanted(layout, bpf_get_current_task()))
		return 0;
	s = claim_begin(&cpu, EVENT_TERMINAL);
	if (!s)
		return 0;
	f1_terminal_send(ctx, s, name, text, taken);
	claim_end(&cpu);
	return 0;
}

SEC("fexit/pty_write")
int f1_terminal(__u64 *ctx)
{
	__u64 place = PLACE(ctx[0], TTY_NAME), name = 0, taken = 0;

	if (!(SETTINGS->classes & 1U << EVENT_TERMINAL))
		return 0;
	bpf_probe_read(&name, sizeof(name), (void *)place);
	bpf_get_func_ret(ctx, &taken);
	if (!is_output_end(name) || (__s32)taken <= 0)
		return 0;
	return terminal_write(ctx, place, ctx[1], taken);
}
