/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of i386 whose parameters lie in memory: old ones, and those behind socketcall, each of
 * which is taken for the call that it stands for.
 */
#ifndef LOADER_TRACE_CALL_PACKED_H
#define LOADER_TRACE_CALL_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "loader/trace/call_list.h"

/* The rows of the map "call_packed". *ret_call: the call that it is. */
size_t call_packed_count(void);
uint32_t call_packed_get(size_t index, struct call_packed *ret, const struct call **ret_call);

#endif
