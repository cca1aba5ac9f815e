/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What processes write to terminals, by a kprobe (tier 1). */
#include "probes/core/context.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/terminal.bpf.h"

SEC("kprobe/pty_write")
int t1_terminal_begins_kprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__u64 name = 0;

	if (!layout || OFFSET(layout, TTY_NAME) == LAYOUT_ABSENT)
		return 0;
	READ(layout, &name, P1, TTY_NAME);
	if (!is_output_end(name) || !terminal_wanted(layout, bpf_get_current_task()))
		return 0;
	return keep_entered(EVENT_TERMINAL, P1 + OFFSET(layout, TTY_NAME), P2, P3);
}

/* The function does not sleep. */
SEC("kretprobe/pty_write")
int t1_terminal_kretprobe(struct pt_regs *ctx)
{
	const struct layout *layout = layout_find();
	__s32 taken = PT_REGS_RC(ctx);
	struct kept_call call;
	struct scratch *s;
	__u64 size;

	if (!kept_take(EVENT_TERMINAL, &call) || !layout || taken <= 0)
		return 0;
	s = message_begin(EVENT_TERMINAL, sizeof(s->terminal));
	if (!s)
		return 0;
	size = terminal_fill(layout, s, call.subject, call.value, taken);
	if (size)
		message_send(ctx, s, EVENT_TERMINAL, size);
	return 0;
}
