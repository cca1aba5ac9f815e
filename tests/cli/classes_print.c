/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints lkccb/site/classes.c: what the classes need of a kernel entry, by the sensor's tables. */
#include <stdio.h>
#include <string.h>

#include "loader/bpf/sources.h"
#include "loader/stream/fields.h"
#include "offsets/catalogue.h"

static const char head[] =
	"/* SPDX-License-Identifier: BSD-2-Clause */\n"
	"/* Generated: make docs. From loader/bpf/source_*.c and probes/abi; do not edit. */\n"
	"#include \"lkccb/site/classes.h\"\n"
	"\n"
	"/* clang-format off */\n"
	"#define FACTS(...)   (const enum layout_id[]){ __VA_ARGS__ LAYOUT_MAX }\n"
	"#define UNITS(...)   (const struct class_unit[]){ __VA_ARGS__ { false, NULL, NULL } }\n"
	"#define SOURCES(...) (const struct class_source[]){ __VA_ARGS__ { .tiers = 0 } }\n"
	"#define FIELDS(...)  (const struct class_field[]){ __VA_ARGS__ { .paths = NULL } }\n"
	"\n"
	"const struct event_needs event_needs[] = {\n";

static const char tail[] =
	"};\n"
	"/* clang-format on */\n"
	"\n"
	"const size_t event_needs_count = sizeof(event_needs) / sizeof(event_needs[0]);\n";

#define FACT(id, type, members, why) "LAYOUT_" #id,
static const char *const ids[] = { CATALOGUE(FACT) };

/* Where a source compares paths with rules, loader/rules/filter.c reads these at once. */
static const enum layout_id path_facts[] = {
	LAYOUT_DENTRY_NAME, LAYOUT_DENTRY_PARENT,    LAYOUT_QSTR_NAME,
	LAYOUT_PATH_MNT,    LAYOUT_PATH_DENTRY,      LAYOUT_MOUNT_PARENT,
	LAYOUT_MOUNT_MNT,   LAYOUT_MOUNT_MOUNTPOINT, LAYOUT_VFSMOUNT_ROOT,
	FACTS_END,
};

/* ---- facts ---------------------------------------------------------------- */

static void facts_set(const enum layout_id *list, bool facts[LAYOUT_MAX])
{
	for (; list && *list != FACTS_END; list++)
		facts[*list] = true;
}

static void facts_print(const bool facts[LAYOUT_MAX])
{
	unsigned int id;

	printf("FACTS(");
	for (id = 0; id < LAYOUT_MAX; id++)
		if (facts[id])
			printf("%s, ", ids[id]);
	printf(")");
}

static void text_print(const char *text)
{
	if (text)
		printf("\"%s\"", text); /* of our tables: nothing in it needs an escape */
	else
		printf("NULL");
}

/* ---- sources ----------------------------------------------------------------- */

/* The facts of a program and of those that are PAIRED with it; the next unit. */
static const struct program *unit_facts(const struct program *unit, bool facts[LAYOUT_MAX])
{
	do
		facts_set(unit++->facts, facts);
	while (unit->name && unit->need == PAIRED);
	return unit;
}

static void required_print(const struct source *source)
{
	bool facts[LAYOUT_MAX] = { false }, ignored[LAYOUT_MAX];
	const struct program *unit = source->programs;

	facts_set(source->facts, facts);
	if (source->checks_paths)
		facts_set(path_facts, facts);
	while (unit->name)
		unit = unit_facts(unit, unit->need == REQUIRED ? facts : ignored);
	facts_print(facts);
}

static void unit_print(const struct program *unit)
{
	bool facts[LAYOUT_MAX] = { false };

	printf("\n\t\t\t{ %s, ", unit->need == FALLBACK ? "true" : "false");
	unit_facts(unit, facts);
	facts_print(facts);
	printf(", ");
	text_print(unit->lacks ? unit->lacks : "");
	printf(" },");
}

static void units_print(const struct source *source)
{
	const struct program *unit = source->programs;
	bool ignored[LAYOUT_MAX];

	printf("UNITS(");
	for (; unit->name; unit = unit_facts(unit, ignored))
		if (unit->need != REQUIRED)
			unit_print(unit);
	printf(")");
}

/* hook.h says from when on there are these attach methods. */
static const char *since(const struct source *source)
{
	switch (source->programs->hook.kind) {
	case HOOK_FENTRY:
	case HOOK_FEXIT:
		return "5 << 16 | 17 << 8";
	case HOOK_RAW_TRACEPOINT:
		return "4 << 16 | 17 << 8";
	default:
		return "0";
	}
}

static void source_print(const struct source *source)
{
	printf("\n\t\t{ %u, %s, ", source->tiers, since(source));
	required_print(source);
	printf(", ");
	text_print(source->lacks);
	printf(", ");
	units_print(source);
	printf(" },");
}

/* ---- fields --------------------------------------------------------------------- */

static void paths_print(enum event_type type, unsigned int field)
{
	const struct field_name *name = field_name_next(type, field, NULL);
	const char *between = "";

	printf("\"");
	if (!name)
		printf("%s", field_path(type, field));
	for (; name; name = field_name_next(type, field, name)) {
		printf("%s%s", between, name->path);
		between = ", ";
	}
	printf("\"");
}

static void fields_print(enum event_type type)
{
	unsigned int i, j;

	for (i = 0; i < fields_count(type); i++) {
		const struct field *field = field_get(type, i);
		bool facts[LAYOUT_MAX] = { false };

		for (j = 0; j < field->count; j++)
			facts[field->facts[j]] = true;
		if (!field->count)
			continue;
		printf("\n\t\t{ ");
		paths_print(type, i);
		printf(", \"%s\", ", field->of);
		facts_print(facts);
		printf(" },");
	}
}

static const struct class_sources *sources_of(enum event_type type)
{
	size_t i = 0;

	while (class_sources[i].type != type)
		i++;
	return &class_sources[i];
}

int main(void)
{
	const struct source *source;
	unsigned int type;

	fputs(head, stdout);
	for (type = 0; type < EVENT_TYPES; type++) {
		printf("\t{ \"%s\", SOURCES(", event_type_name(type));
		for (source = sources_of(type)->sources; source->tiers; source++)
			source_print(source);
		printf("),\n\t  FIELDS(");
		fields_print(type);
		printf(") },\n");
	}
	fputs(tail, stdout);
	return 0;
}
