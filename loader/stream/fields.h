/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of events that can fail on their own: their names, the facts that they rest on. */
#ifndef LOADER_FIELDS_H
#define LOADER_FIELDS_H

#include "loader/stream/decode.h"
#include "offsets/offsets.h"

#define FIELD_FACTS_MAX 16

struct field {
	const char
		*name; /* as in the JSON; what stands for it in other classes is in field_also() */
	enum layout_id facts[FIELD_FACTS_MAX];
	unsigned int count;
	const char *of; /* they are needed there alone; NULL: everywhere */
};

const struct field *field_get(enum event_field field);

/*
 * What else is null where the facts of a field are lacking: names with a blank
 * between them; "": nothing. Events themselves name what is null in them as they
 * are written: ecs.h.
 */
const char *field_also(enum event_field field);

/*
 * Of one event: fields whose facts the row lacks, where it is not its program that
 * says so. 1 << enum event_field.
 */
__u32 fields_unknown(const struct layout *layout, const struct event *ev);

/* What --events takes, and but for files and mounts event.action: "exec", "fork", ... */
const char *event_type_name(enum event_type type);

/* 1 << enum event_type for "exec,fork"; 0: a name is wrong. */
unsigned int event_types_parse(const char *list);

#endif
