/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The same as module_kprobe.bpf.c by fentry, for kernels with BTF, from 5.17 on. */
#include "probes/core/claim.bpf.h"
#include "probes/core/fentry.bpf.h"
#include "probes/core/module_file.bpf.h"
#include "probes/core/path_loop.bpf.h"

/* In memory that is claimed. */
SUBPROGRAM int f1_module_send(void *ctx, struct scratch *s, __u64 file)
{
	const struct layout *layout = layout_find();

	if (!layout || !module_file_fill(layout, s, file))
		return 0;
	s->call.other = 0;
	if (!paths_walk(layout, s))
		walk_end(s, WALK_FAILED);
	module_file_send(ctx, s);
	return 0;
}

SEC("fentry/security_kernel_read_file")
int f1_module_read(__u64 *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s;
	__u64 file = 0;

	if ((__u32)ctx[1] == READING_FIRMWARE || !image_begin())
		return 0;
	bpf_get_func_arg(ctx, 0, &file); /* a number, not a pointer that the verifier knows */
	s = file ? claim_try(&cpu) : 0;
	if (!s)
		return 0;
	f1_module_send(ctx, s, file);
	claim_end(&cpu);
	return 0;
}

SEC("fentry/security_kernel_load_data")
int f1_module_memory(__u64 *ctx)
{
	if ((__u32)ctx[0] != READING_FIRMWARE && image_begin())
		image_keep(MODULE_IN_MEMORY);
	return 0;
}
