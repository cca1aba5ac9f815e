/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of ioctl and fcntl: what the argument points to when the call begins and returns. */
#ifndef LOADER_TRACE_CALL_REQUEST_H
#define LOADER_TRACE_CALL_REQUEST_H

#include <stddef.h>

#include "loader/trace/call_types.h"

/* The rows of the map "call_requests", which says what a request is there. */
size_t call_request_count(void);
uint64_t call_request_get(size_t index, struct call_request *ret);

/* enum call_when: CALL_ENTRY, CALL_EXIT, both, or 0 if the argument is no address. */
unsigned int call_request_when(uint64_t request);

/* is_back: of what came back. size: bytes of it that were read; if it is another, it is bytes. */
const struct call_type *call_request_type(uint64_t request, bool is_back, size_t size);

#endif
