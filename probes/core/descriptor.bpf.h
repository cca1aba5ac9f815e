/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* From a file descriptor to its open file, and to the path of that file. */
#ifndef PROBES_CORE_DESCRIPTOR_BPF_H
#define PROBES_CORE_DESCRIPTOR_BPF_H

#include "probes/core/read.bpf.h"

INLINE __u64 descriptor_file(const struct layout *layout, __u64 task, __u32 descriptor)
{
	__u64 files = POINTER(layout, task, TASK_FILES), table = POINTER(layout, files, FILES_FDT);
	__u32 count = 0;

	if (READ(layout, &count, table, FDTABLE_MAX) || descriptor >= count)
		return 0;
	return read_pointer(POINTER(layout, table, FDTABLE_FD), descriptor * sizeof(__u64));
}

/* The struct path inside of an open file; 0: unknown. */
INLINE __u64 file_path(const struct layout *layout, __u64 file)
{
	return OFFSET(layout, FILE_PATH) == LAYOUT_ABSENT ? 0 : file + OFFSET(layout, FILE_PATH);
}

#endif
