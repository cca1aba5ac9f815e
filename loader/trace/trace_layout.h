/* SPDX-License-Identifier: BSD-2-Clause */
/* The offsets by which the programs find open files, and new processes. */
#ifndef LOADER_TRACE_TRACE_LAYOUT_H
#define LOADER_TRACE_TRACE_LAYOUT_H

#include <stdbool.h>

#include "loader/host/databases.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"

struct trace_layout_use {
	const struct databases *databases;
	const char *override; /* as choice_make() takes it */
	bool files;           /* --decode-fds */
	bool children;        /* new processes are followed by their task_struct */
};

/* 0; -ENOENT: there are none for this kernel, or its entry lacks a fact; else as choice_make(). */
int trace_layout_find(const struct trace_layout_use *use, struct layout *ret,
                      struct offsets_error *error);

#endif
