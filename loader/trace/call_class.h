/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of system calls: %file, %process, ... */
#ifndef LOADER_TRACE_CALL_CLASS_H
#define LOADER_TRACE_CALL_CLASS_H

#include <stdbool.h>

#include "loader/trace/call_list.h"

/* For people: the names with blanks between them. */
extern const char call_class_names[];

/* Whether a class has a call. class: its name without %. False as well: there is no such class. */
bool call_class_has(const char *class, const struct call *call);
bool call_class_exists(const char *class);

#endif
