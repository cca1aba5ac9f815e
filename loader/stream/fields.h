/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event classes and their fields: the tables of probes/abi/schema.h at run
 * time. Field numbers are those of the class (FIELD_EXEC_TTY, ...).
 */
#ifndef LOADER_STREAM_FIELDS_H
#define LOADER_STREAM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/stream/decode.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"

/* What is read as one: a bit of header.unread and .truncated. */
struct field {
	const char *id;              /* "TTY" */
	const char *of;              /* the facts are needed for these alone; "": for all */
	const enum layout_id *facts; /* count; 0: no fact */
	unsigned int count;
};

/* A member of the JSON. */
struct field_name {
	unsigned int field;  /* that it is read with; FIELDS_MAX and above: none */
	const char *path;    /* "process.start" */
	const char *type;    /* a definition of docs/events.schema.json */
	bool always;         /* it is in every event; else it is missing where there is nothing */
	const char *actions; /* with a blank between them; "": all of the class */
	const char *description;
};

struct field_table {
	const struct field *fields;
	unsigned int count;
	const struct field_name *names;
	size_t names_count;
};

struct event_class {
	const char *name; /* what --events takes */
	enum record_type record;
	const char *category, *type; /* ECS; type "": by the operation */
	bool on;                     /* without --events */
	const char *description;
	struct field_table table;
};

const struct event_class *event_class_get(enum event_type type);

/* What --events takes, and but for files and mounts event.action: "exec", "fork", ... */
const char *event_type_name(enum event_type type);

/* 1 << enum event_type for "exec,fork"; 0: a name is wrong. */
unsigned int event_types_parse(const char *list);

/* 1 << enum event_type of the classes that are on without --events. */
unsigned int event_types_default(void);

/* How many fields a class has; their numbers are below. */
unsigned int fields_count(enum event_type type);

/* A field of a class; field is below fields_count(). */
const struct field *field_get(enum event_type type, unsigned int field);

/*
 * The members that are null where a field could not be read, one after the other:
 * at is NULL for the first one; NULL: there are no more.
 */
const struct field_name *field_name_next(enum event_type type, unsigned int field,
                                         const struct field_name *at);

/* The first of them, for messages: "process.start"; its id where it has none. */
const char *field_path(enum event_type type, unsigned int field);

/* The members that every event has; the table of a class has those that are different in it. */
const struct field_table *fields_of_all(void);

/*
 * Of one event: fields whose facts the kernel's entry lacks, where no program says
 * so. 1 << number of the field.
 */
__u32 fields_unknown(const struct layout *layout, const struct event *ev);

#endif
