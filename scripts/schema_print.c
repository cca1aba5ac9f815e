/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the tables of probes/abi/schema.h as JSON, for scripts/schema-docs and
 * the tests. usage: build/schema
 */
#include <stdio.h>
#include <string.h>

#include "offsets/facts.h"
#include "loader/stream/fields.h"
#include "loader/verify/covered.h"
#include "offsets/facts.h"
#include "offsets/util/jsonw.h"

static void names_write(struct jsonw *json, const struct field_table *table)
{
	size_t i;

	jsonw_array_open(json, "names");
	for (i = 0; i < table->names_count; i++) {
		const struct field_name *name = &table->names[i];

		jsonw_object_open(json, NULL);
		jsonw_string(json, "field",
		             name->field < table->count  ? table->fields[name->field].id
		             : name->field == FIELDS_MAX ? "NONE"
		                                         : "BY_VALUE");
		jsonw_string(json, "path", name->path);
		jsonw_string(json, "type", name->type);
		jsonw_bool(json, "always", name->always);
		jsonw_string(json, "actions", name->actions);
		jsonw_string(json, "description", name->description);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static void table_write(struct jsonw *json, const struct field_table *table)
{
	unsigned int i, j;

	jsonw_array_open(json, "fields");
	for (i = 0; i < table->count; i++) {
		jsonw_object_open(json, NULL);
		jsonw_string(json, "id", table->fields[i].id);
		jsonw_string(json, "of", table->fields[i].of);
		jsonw_array_open(json, "facts");
		for (j = 0; j < table->fields[i].count; j++)
			jsonw_string(json, NULL, offsets_fact_name(table->fields[i].facts[j]));
		jsonw_array_close(json);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
	names_write(json, table);
}

static void operation_write(struct jsonw *json, const char *name, const char *type,
                            const char *description)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "action", name);
	jsonw_string(json, "type", type);
	jsonw_string(json, "description", description);
	jsonw_object_close(json);
}

#define OPERATION_WRITE(class, id, name, type, description) \
	if (wanted == EVENT_##class)                        \
		operation_write(json, name, type, description);

static void operations_write(struct jsonw *json, unsigned int wanted)
{
	const struct event_class *class = event_class_get(wanted);

	jsonw_array_open(json, "operations");
	if (*class->type)
		operation_write(json, class->name, class->type, class->description);
	FILE_OPERATION_TABLE(OPERATION_WRITE)
	SOCKET_OPERATION_TABLE(OPERATION_WRITE)
	jsonw_array_close(json);
}

static void class_write(struct jsonw *json, unsigned int type)
{
	const struct event_class *class = event_class_get(type);

	jsonw_object_open(json, NULL);
	jsonw_string(json, "name", class->name);
	jsonw_u64(json, "type", type);
	jsonw_u64(json, "size", event_size(type));
	jsonw_string(json, "category", class->category);
	jsonw_bool(json, "on", class->on);
	jsonw_string(json, "description", class->description);
	operations_write(json, type);
	table_write(json, &class->table);
	jsonw_object_close(json);
}

#define PART_WRITE(id, type) jsonw_u64(json, #id, PART_##id);

static void parts_write(struct jsonw *json)
{
	jsonw_object_open(json, "parts");
	PARTS(PART_WRITE)
	jsonw_object_close(json);
}

static void limits_write(struct jsonw *json)
{
	size_t i;

	jsonw_array_open(json, "unverified");
	for (i = 0; i < LAYOUT_MAX; i++) {
		if (!coverage_limit(i))
			continue;
		jsonw_object_open(json, NULL);
		jsonw_string(json, "fact", offsets_fact_name(i));
		jsonw_string(json, "why", coverage_limit(i));
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

int main(void)
{
	struct jsonw json;
	unsigned int type;
	int err;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_object_open(&json, "all");
	table_write(&json, fields_of_all());
	jsonw_object_close(&json);
	jsonw_array_open(&json, "classes");
	for (type = 0; type < EVENT_TYPES; type++)
		class_write(&json, type);
	jsonw_array_close(&json);
	parts_write(&json);
	limits_write(&json);
	jsonw_object_close(&json);
	err = jsonw_print(&json, stdout);
	jsonw_deinit(&json);
	return err ? 1 : 0;
}
