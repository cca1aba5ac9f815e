/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Where the kernel reads the image of a module, by kprobes (core/module_file.bpf.h). */
#include "probes/core/context.bpf.h"
#include "probes/core/module_file.bpf.h"

/* file 0: there is none. */
INLINE int module_image(void *ctx, __u64 file)
{
	const struct layout *layout = image_begin();
	struct scratch *s;

	if (!layout)
		return 0;
	if (!file) {
		image_keep(MODULE_IN_MEMORY);
		return 0;
	}
	s = scratch_find();
	if (s && module_file_fill(layout, s, file))
		bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_MODULE_WALK);
	return 0;
}

/*
 * int security_kernel_read_file(struct file *file, enum kernel_read_file_id id, ...), from
 * 4.6 on (39eeb4fb97f6); until 4.18 also for an image in memory.
 */
SEC("kprobe/security_kernel_read_file")
int t1_module_read_kprobe(struct pt_regs *ctx)
{
	return (__u32)P2 == READING_FIRMWARE ? 0 : module_image(ctx, P1);
}

/* int security_kernel_module_from_file(struct file *file), until 4.6, also for one in memory. */
SEC("kprobe/security_kernel_module_from_file")
int t1_module_from_file_kprobe(struct pt_regs *ctx)
{
	return module_image(ctx, P1);
}

/* int security_kernel_load_data(enum kernel_load_data_id id, ...), from 4.18 on (377179cd28cd). */
SEC("kprobe/security_kernel_load_data")
int t1_module_memory_kprobe(struct pt_regs *ctx)
{
	return (__u32)P1 == READING_FIRMWARE ? 0 : module_image(ctx, 0);
}

SEC("kprobe")
int t1_module_walk_kprobe(void *ctx)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, &kprobe_tail_calls, TAIL_MODULE_WALK);
	walk_end(s, result);
	module_file_send(ctx, s);
	return 0;
}

/* The call has ended: what has failed has left its image, which no other module has. */
SEC("tracepoint/syscalls/sys_exit_finit_module")
int t2_module_call_ends(void *ctx)
{
	(void)ctx;
	return kept_forget(EVENT_MODULE);
}
