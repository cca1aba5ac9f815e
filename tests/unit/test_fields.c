/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of event classes and fields: probes/abi/schema.h. */
#include <string.h>

#include "loader/stream/fields.h"
#include "tests/unit/unit.h"

static void class_lists(void **state)
{
	(void)state;
	assert_int_equal(event_types_parse("exec"), 1 << EVENT_EXEC);
	assert_int_equal(event_types_parse("exit,thread,exec"),
	                 1 << EVENT_EXIT | 1 << EVENT_THREAD | 1 << EVENT_EXEC);
	assert_int_equal(event_types_parse(""), 0);
	assert_int_equal(event_types_parse("exec,"), 0);
	assert_int_equal(event_types_parse("exe"), 0);
	assert_int_equal(event_types_parse("exec fork"), 0);
	assert_int_equal(event_types_default(), event_types_parse("exec,fork,exit"));
}

static void every_class_has_its_own_name(void **state)
{
	unsigned int type;

	(void)state;
	for (type = 0; type < EVENT_TYPES; type++) {
		assert_int_equal(event_types_parse(event_type_name(type)), 1U << type);
		assert_true(*event_class_get(type)->description);
		assert_true(event_size(type) > sizeof(struct event_head));
	}
}

static bool is_unused(const struct field *field)
{
	return !strncmp(field->id, "UNUSED_", strlen("UNUSED_"));
}

static void every_field_has_a_name_in_the_json(void **state)
{
	unsigned int type, i;

	(void)state;
	for (type = 0; type < EVENT_TYPES; type++)
		for (i = 0; i < fields_count(type); i++)
			if (!field_name_next(type, i, NULL) != is_unused(field_get(type, i)))
				fail_msg("%s: %s", event_type_name(type), field_get(type, i)->id);
}

static void facts_are_those_of_the_catalogue(void **state)
{
	unsigned int type, i, j;

	(void)state;
	for (type = 0; type < EVENT_TYPES; type++)
		for (i = 0; i < fields_count(type); i++)
			for (j = 0; j < field_get(type, i)->count; j++)
				assert_true(field_get(type, i)->facts[j] < LAYOUT_MAX);
	assert_int_equal(field_get(EVENT_EXEC, FIELD_EXEC_TTY)->count, 3);
	assert_int_equal(field_get(EVENT_EXEC, FIELD_EXEC_TTY)->facts[1], LAYOUT_SIGNAL_TTY);
	assert_int_equal(field_get(EVENT_MEMFD, FIELD_MEMFD_OBJECT)->count, 0);
}

/* One program fills the record for any of them. */
static void classes_that_share_a_record_have_the_same_numbers(void **state)
{
	unsigned int a, b, i, j, compared = 0;

	(void)state;
	for (a = 0; a < EVENT_TYPES; a++)
		for (b = 0; b < a; b++) {
			if (event_class_get(a)->record != event_class_get(b)->record)
				continue;
			for (i = 0; i < fields_count(a); i++)
				for (j = 0; j < fields_count(b); j++)
					if (!strcmp(field_get(a, i)->id, field_get(b, j)->id)) {
						assert_int_equal(i, j);
						compared++;
					}
		}
	assert_true(compared > 50);
}

static void assert_names(enum event_type type, unsigned int field, const char *expected)
{
	const struct field_name *name = NULL;
	char found[256] = "";

	while ((name = field_name_next(type, field, name))) {
		strcat(found, name->path);
		strcat(found, " ");
	}
	assert_string_equal(found, expected);
}

static void names_of_a_field_are_its_own_and_those_of_all(void **state)
{
	(void)state;
	assert_names(EVENT_DNS, FIELD_START, "process.start process.entity_id ");
	assert_names(EVENT_EXIT, FIELD_START, "process.start process.entity_id event.duration ");
	assert_names(EVENT_EXEC, FIELD_GROUPS, "process.group_leader process.session_leader ");
	assert_names(EVENT_MEMFD, FIELD_MEMFD_OBJECT, "sextant.memfd ");
	assert_names(EVENT_FILE, FIELD_FILE_UNUSED_TYPE, "");
	assert_names(EVENT_CREDENTIALS, FIELD_CREDENTIALS_BEFORE, "user.id sextant.before ");
	assert_string_equal(field_path(EVENT_THREAD, FIELD_START), "process.start");
	assert_string_equal(field_path(EVENT_FILE, FIELD_FILE_UNUSED_TYPE), "UNUSED_TYPE");
}

/* The class's own line: user.id of an exec is read with its credentials, not always there. */
static void a_line_of_a_class_takes_the_place_of_one_of_all(void **state)
{
	const struct field_table *all = fields_of_all();
	size_t i;

	(void)state;
	for (i = 0; i < all->names_count; i++)
		if (!strcmp(all->names[i].path, "user.id"))
			assert_true(all->names[i].field >= FIELDS_MAX);
	assert_names(EVENT_EXEC, FIELD_EXEC_EXE, "process.executable ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_lists),
		cmocka_unit_test(every_class_has_its_own_name),
		cmocka_unit_test(every_field_has_a_name_in_the_json),
		cmocka_unit_test(facts_are_those_of_the_catalogue),
		cmocka_unit_test(classes_that_share_a_record_have_the_same_numbers),
		cmocka_unit_test(names_of_a_field_are_its_own_and_those_of_all),
		cmocka_unit_test(a_line_of_a_class_takes_the_place_of_one_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
