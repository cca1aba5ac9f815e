/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Kernel modules that are loaded or removed. */
#include "probes/core/action.bpf.h"

/*
 * events/module/module_load/format and module_free/format; the loader checks
 * them.
 */
struct module_load_context {
	__u64 common;
	__u32 taints;
	__u32 name; /* __data_loc */
};

struct module_free_context {
	__u64 common;
	__u32 name;
};

INLINE int module_loaded_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                              struct action_event *e)
{
	const struct module_load_context *c = (void *)ctx;
	const struct kept_call *image = kept_find(EVENT_MODULE);

	(void)layout, (void)task;
	if (image) {
		CHECKED(image);
		e->file = image->number;
	}
	e->number = 1;
	e->value = c->taints;
	text_fill(e, (__u64)ctx + (c->name & 0xffff));
	return 1;
}

INLINE int module_freed_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                             struct action_event *e)
{
	const struct module_free_context *c = (void *)ctx;

	(void)layout, (void)task;
	text_fill(e, (__u64)ctx + (c->name & 0xffff));
	return 1;
}

SEC("tracepoint/module/module_load")
int t2_module_load(void *ctx)
{
	action_run(ctx, current_by_helper, EVENT_MODULE, module_loaded_fill);
	return kept_forget(EVENT_MODULE);
}

SEC("tracepoint/module/module_free")
int t2_module_free(void *ctx)
{
	return action_run(ctx, current_by_helper, EVENT_MODULE, module_freed_fill);
}

/*
 * static int do_init_module(struct module *mod), and void
 * module_arch_cleanup(struct module *mod) for a module that is freed: before
 * 4.7, where no program can use a tracepoint.
 */
INLINE int module_fill(struct pt_regs *ctx, const struct layout *layout, struct action_event *e,
                       __u32 loaded)
{
	e->number = loaded;
	text_fill(e, PT_REGS_PARM1(ctx) + OFFSET(layout, MODULE_NAME));
	return 1;
}

INLINE int module_begins_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                              struct action_event *e)
{
	(void)task;
	return module_fill(ctx, layout, e, 1);
}

INLINE int module_ends_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                            struct action_event *e)
{
	(void)task;
	return module_fill(ctx, layout, e, 0);
}

SEC("kprobe/do_init_module")
int t3_module_begins_kprobe(struct pt_regs *ctx)
{
	return action_run(ctx, current_by_stack, EVENT_MODULE, module_begins_fill);
}

SEC("kprobe/module_arch_cleanup")
int t3_module_ends_kprobe(struct pt_regs *ctx)
{
	return action_run(ctx, current_by_stack, EVENT_MODULE, module_ends_fill);
}
