/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * File operations by descriptor, on kernels without kprobes (tier 1): at the
 * end of openat, fchmod and similar system calls. No memory of the caller is
 * read.
 */
#include "probes/core/context.bpf.h"
#include "probes/core/descriptor.bpf.h"
#include "probes/core/file_call.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/opened.bpf.h"

/* Reports an operation that is complete already. */
INLINE int late_report(void *ctx, const struct layout *layout, __u64 file, __u32 operation,
                       __u32 flags)
{
	__u64 path = file_path(layout, file);
	struct scratch *s = file_begin(layout, operation, path, POINTER(layout, path, PATH_DENTRY));

	if (!s)
		return 0;
	s->call.flags = flags;
	s->call.late = 1;
	return call_check(ctx, s, &tail_calls);
}

/*
 * open, creat, openat, openat2. From 4.19 on FMODE_CREATED says whether the call
 * has made the file.
 */
SEC("tracepoint/syscalls/sys_exit_openat")
int t1_file_opened(struct syscall_exit_context *ctx)
{
	const struct layout *layout = layout_find();
	__u32 mode = 0, flags = 0;
	__u64 file;

	if (!layout || ctx->result < 0)
		return 0;
	file = descriptor_file(layout, bpf_get_current_task(), ctx->result);
	if (!file || READ(layout, &mode, file, FILE_MODE) || !(mode & (MODE_WRITE | MODE_CREATED)))
		return 0;
	READ(layout, &flags, file, FILE_FLAGS);
	return late_report(ctx, layout, file, mode & MODE_CREATED ? FILE_CREATE : FILE_OPEN, flags);
}

#define DESCRIPTOR(name, operation)                                       \
	SEC("tracepoint/syscalls/sys_enter_" #name)                       \
	int t1_file_##name##_begins(struct syscall_enter_context *ctx)    \
	{                                                                 \
		return keep(EVENT_FILE, ctx->arguments[0], 0, operation); \
	}

DESCRIPTOR(ftruncate, FILE_TRUNCATE)
DESCRIPTOR(fchmod, FILE_CHMOD)
DESCRIPTOR(fchown, FILE_CHOWN)

SEC("tracepoint/syscalls/sys_exit_fchmod")
int t1_file_changed(struct syscall_exit_context *ctx)
{
	const struct layout *layout = layout_find();
	struct kept_call kept;
	__u64 file;

	if (!kept_take(EVENT_FILE, &kept) || !layout)
		return 0;
	file = descriptor_file(layout, bpf_get_current_task(), kept.subject);
	return file && !ctx->result ? late_report(ctx, layout, file, kept.number, 0) : 0;
}
