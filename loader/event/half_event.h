/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process that was killed may leave at the end of a file: a part of an event. */
#ifndef LOADER_EVENT_HALF_EVENT_H
#define LOADER_EVENT_HALF_EVENT_H

#include <stddef.h>

/*
 * Bytes at the end of text, the last ones of a file, that are a part of an event: to be removed.
 * 0: there is none, or it is not known to be one. JSON of ECS and OCSF: a line without its newline.
 * Audit: also the records of a system call with a key of ours, whose group has no end, EOE.
 */
size_t half_json(const char *text, size_t size);
size_t half_ocsf(const char *text, size_t size);
size_t half_audit(const char *text, size_t size);

#endif
