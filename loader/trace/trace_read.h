/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace --read': prints what --record has written. */
#ifndef LOADER_TRACE_TRACE_READ_H
#define LOADER_TRACE_TRACE_READ_H

#include "loader/trace/trace_options.h"
#include "offsets/offsets.h"

/* options->read is the file. What stands before damage is printed. 0 or -errno. */
int trace_read(const struct trace_options *options, struct offsets_error *error);

#endif
