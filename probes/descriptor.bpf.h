/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* System calls and their descriptors: where no function can be hooked. */
#ifndef PROBES_DESCRIPTOR_BPF_H
#define PROBES_DESCRIPTOR_BPF_H

#include "probes/read.bpf.h"

/* events/syscalls/sys_exit_openat/format and its like; the loader checks it. From 4.14 on
 * (cf5f5cea2706). */
struct syscall_exit_context {
	__u64 common, number;
	__s64 result;
};

/* events/syscalls/sys_enter_fchmod/format and its like */
struct syscall_enter_context {
	__u64 common, number;
	__u64 arguments[3];
};

INLINE __u64 descriptor_file(const struct layout *layout, __u64 task, __u32 descriptor)
{
	__u64 files = POINTER(layout, task, TASK_FILES), table = POINTER(layout, files, FILES_FDT);
	__u32 count = 0;

	if (READ(layout, &count, table, FDTABLE_MAX) || descriptor >= count)
		return 0;
	return read_pointer(POINTER(layout, table, FDTABLE_FD), descriptor * sizeof(__u64));
}

/* A struct path inside of an open file; 0: not known. */
INLINE __u64 file_path(const struct layout *layout, __u64 file)
{
	return OFFSET(layout, FILE_PATH) == LAYOUT_ABSENT ? 0 : file + OFFSET(layout, FILE_PATH);
}

#endif
