/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Files in memory: memfd_create. */
#include "probes/core/action.bpf.h"
#include "probes/core/descriptor.bpf.h"
#include "probes/core/inode.bpf.h"

#define MEMFD_PREFIX 0x3a64666d656dULL /* "memfd:", mm/memfd.c */
#define MEMFD_BYTES  6

INLINE int is_memfd(__u64 name)
{
	__u64 first = 0;

	bpf_probe_read(&first, sizeof(first), (void *)name);
	return (first & ((1ULL << MEMFD_BYTES * 8) - 1)) == MEMFD_PREFIX;
}

/*
 * struct file *shmem_file_setup(const char *name, loff_t size, unsigned long
 * flags), __shmem_file_setup(name, ...), from 4.15 on __shmem_file_setup(mnt,
 * name, ...); struct file *hugetlb_file_setup(const char *name, ...), from 4.14
 * on (749df87bd7be).
 */
INLINE int memfd_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                      struct action_event *e)
{
	__u64 name = PT_REGS_PARM1(ctx);

	(void)layout, (void)task;
	if (!is_memfd(name))
		name = PT_REGS_PARM2(ctx);
	if (!is_memfd(name))
		return 0;
	text_fill(e, name + MEMFD_BYTES);
	return 1;
}

/* The name of the memfd is that of its dentry. */
INLINE void memfd_file_fill(const struct layout *layout, struct action_event *e, __u64 file)
{
	__u64 dentry = POINTER(layout, file_path(layout, file), PATH_DENTRY);
	__u64 name = dentry ? read_pointer(dentry,
	                                   OFFSET(layout, DENTRY_NAME) + OFFSET(layout, QSTR_NAME))
	                    : 0;

	text_fill(e, name ? name + MEMFD_BYTES : 0);
}

/*
 * long sys_memfd_create(), until 4.16. Until 4.17 it is in the same file as
 * shmem_file_setup(), which compilers inline there (gcc 9 does).
 * hugetlb_file_setup() reports huge pages.
 */
INLINE int memfd_returns(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                         struct action_event *e)
{
	__u64 file = descriptor_file(layout, task, PT_REGS_RC(ctx));

	FRESH(layout);
	if (fs_word(layout, POINTER(layout, file, FILE_INODE)) == FS_HUGETLB)
		return 0;
	FRESH(layout);
	memfd_file_fill(layout, e, file);
	return 1;
}

SEC("kprobe/sys_memfd_create")
int t3_memfd_begins_kprobe(struct pt_regs *ctx)
{
	(void)ctx;
	return keep_entered(EVENT_MEMFD, 0, 0, 0);
}

ACTION_RETURNS(memfd, "sys_memfd_create", EVENT_MEMFD, (__s64)PT_REGS_RC(ctx) >= 0)

ACTION(kprobe, memfd, "shmem_file_setup", EVENT_MEMFD, 1, memfd_fill)

/* Where no function can be hooked. */
INLINE int memfd_made_fill(struct pt_regs *ctx, const struct layout *layout, __u64 task,
                           struct action_event *e)
{
	const struct syscall_exit_context *c = (void *)ctx;

	memfd_file_fill(layout, e, descriptor_file(layout, task, c->result));
	return 1;
}

SEC("tracepoint/syscalls/sys_exit_memfd_create")
int t1_memfd(struct syscall_exit_context *ctx)
{
	return ctx->result < 0
	               ? 0
	               : action_run((void *)ctx, current_by_helper, EVENT_MEMFD, memfd_made_fill);
}
