/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the offsets are this kernel's: the programs look at descriptors and a child of this
 * process itself, and what they find is compared with what the process knows.
 */
#ifndef LOADER_TRACE_TRACE_SELFTEST_H
#define LOADER_TRACE_TRACE_SELFTEST_H

#include "loader/trace/trace_kernel.h"

/*
 * Before any plan is set, after trace_kernel_layout(); leaves no setting that counts. settings:
 * with task_pid. -EBADMSG: they are not. Other -errno.
 */
int trace_selftest_files(struct trace_kernel *kernel, const struct call_settings *settings,
                         struct offsets_error *error);
int trace_selftest_children(struct trace_kernel *kernel, const struct call_settings *settings,
                            struct offsets_error *error);

#endif
