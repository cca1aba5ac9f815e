/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records, two of each (probes/abi/schema.h): exec_json() writes
 * the members of the line, without the outermost braces; exec_text() what stands
 * behind time and class. A writer uses ecs.h or words.h, and no other writer.
 */
#ifndef LOADER_EVENT_WRITERS_H
#define LOADER_EVENT_WRITERS_H

#include "loader/event/format.h"

#define WRITERS(id, name, type, stack)                              \
	void name##_json(struct format *f, const struct event *ev); \
	void name##_text(struct jsonw *out, const struct event *ev);
RECORDS(WRITERS)

#endif
