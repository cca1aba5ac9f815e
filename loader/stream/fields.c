/* SPDX-License-Identifier: BSD-2-Clause */
#include <netinet/in.h>
#include <string.h>

#include "loader/stream/fields.h"

/* ---- the tables of schema.h ---------------------------------------------- */

#define FACTS(...)                      \
	{                               \
		__VA_ARGS__, LAYOUT_MAX \
	}
#define NO_FACTS           \
	{                  \
		LAYOUT_MAX \
	}

#define NOTHING(...)

/* The facts of each field, with LAYOUT_MAX behind the last one: so none is empty. */
#define FIELD_FACTS(class, id, of, facts) \
	static const enum layout_id facts_##class##_##id[] = facts;
#define TABLE_FACTS(class) class##_FIELDS(FIELD_FACTS, NOTHING)

FIELD_TABLES(TABLE_FACTS)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define FIELD_LINE(class, id, of, facts) \
	{ #id, of, facts_##class##_##id, COUNT(facts_##class##_##id) - 1 },
#define NAME_LINE(class, id, path, type, presence, actions, description) \
	{ FIELD_##class##_##id, path, #type, PRESENCE_##presence, actions, description },

#define PRESENCE_ALWAYS   true
#define PRESENCE_OPTIONAL false

#define TABLE_LINES(class)                                                                    \
	static const struct field fields_##class[] = { class##_FIELDS(FIELD_LINE, NOTHING) }; \
	static const struct field_name names_##class[] = { class##_FIELDS(NOTHING, NAME_LINE) };

FIELD_TABLES(TABLE_LINES)

#define TABLE(class)                                                                       \
	{                                                                                  \
		fields_##class, COUNT(fields_##class), names_##class, COUNT(names_##class) \
	}

static const struct field_table every = TABLE(EVENT);

#define CLASS_LINE(id, name, record, fields, category, type, on, description) \
	{ name, RECORD_##record, category, type, on, description, TABLE(fields) },

static const struct event_class classes[EVENT_TYPES] = { CLASSES(CLASS_LINE) };

/* ---- classes -------------------------------------------------------------- */

const struct event_class *event_class_get(enum event_type type)
{
	return &classes[type];
}

const char *event_type_name(enum event_type type)
{
	return classes[type].name;
}

static unsigned int type_bit(const char *name, size_t len)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (strlen(classes[type].name) == len && !strncmp(classes[type].name, name, len))
			return 1U << type;
	return 0;
}

unsigned int event_types_parse(const char *list)
{
	unsigned int types = 0, bit;

	for (;;) {
		size_t len = strcspn(list, ",");

		bit = type_bit(list, len);
		if (!bit)
			return 0;
		types |= bit;
		list += len;
		if (!*list++)
			return types;
	}
}

unsigned int event_types_default(void)
{
	unsigned int types = 0, type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (classes[type].on)
			types |= 1U << type;
	return types;
}

/* ---- fields --------------------------------------------------------------- */

unsigned int fields_count(enum event_type type)
{
	return classes[type].table.count;
}

const struct field *field_get(enum event_type type, unsigned int field)
{
	return &classes[type].table.fields[field];
}

const struct field_table *fields_of_all(void)
{
	return &every;
}

/* The next line from here on that is read with the field. */
static const struct field_name *name_find(const struct field_table *table,
                                          const struct field_name *at, unsigned int field)
{
	for (; at < table->names + table->names_count; at++)
		if (at->field == field)
			return at;
	return NULL;
}

static bool has_path(const struct field_table *table, const char *path)
{
	size_t i;

	for (i = 0; i < table->names_count; i++)
		if (!strcmp(table->names[i].path, path))
			return true;
	return false;
}

static bool is_of(const struct field_table *table, const struct field_name *name)
{
	return name >= table->names && name < table->names + table->names_count;
}

const struct field_name *field_name_next(enum event_type type, unsigned int field,
                                         const struct field_name *at)
{
	const struct field_table *own = &classes[type].table;

	/* First those of all events, but for what the class has a line of its own for. */
	if (!at || is_of(&every, at)) {
		at = at ? at + 1 : every.names;
		while ((at = name_find(&every, at, field)) && has_path(own, at->path))
			at++;
		return at ? at : name_find(own, own->names, field);
	}
	return name_find(own, at + 1, field);
}

const char *field_path(enum event_type type, unsigned int field)
{
	const struct field_name *name = field_name_next(type, field, NULL);

	return name ? name->path : field_get(type, field)->id;
}

#define ABSENT(layout, id) ((layout)->facts[LAYOUT_##id].offset == LAYOUT_ABSENT)

__u32 fields_unknown(const struct layout *layout, const struct event *ev)
{
	if (ev->header.type == EVENT_SOCKET && ev->socket.operation == SOCKET_CLOSE &&
	    ev->socket.ends.protocol == IPPROTO_TCP &&
	    (ABSENT(layout, TCP_BYTES_RECEIVED) || ABSENT(layout, TCP_BYTES_ACKED)))
		return 1U << FIELD_SOCKET_BYTES;
	return 0;
}
