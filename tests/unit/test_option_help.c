/* SPDX-License-Identifier: BSD-2-Clause */
/* What --help says of the options: of each one, once, and for which commands. */
#include "tests/unit/unit.h"

#include "loader/cli/option_help.h"
#include "loader/config/option.h"

static void each_option_is_explained_once(void **state)
{
	const struct option_row *option;
	const struct option_help *help;
	size_t i;

	(void)state;
	for (i = 0; i < options_count(); i++) {
		option = option_get(i);
		help = option_help_find(option->name);
		assert_non_null(help);
		assert_int_equal(help->value != NULL, option->takes != TAKES_NOTHING);
		assert_true(help->commands);
	}
	for (i = 0; i < option_helps_count(); i++) {
		help = option_help_get(i);
		assert_non_null(option_find(help->name));
		assert_ptr_equal(option_help_find(help->name), help);
	}
}

/* One file serves a run and what asks about it: 'config' prints what it says. */
static void a_key_of_files_is_for_run_and_config(void **state)
{
	const unsigned int both = COMMAND_RUN | COMMAND_CONFIG;
	size_t i;

	(void)state;
	for (i = 0; i < options_count(); i++)
		if (option_get(i)->in_files)
			assert_int_equal(option_help_find(option_get(i)->name)->commands & both,
			                 both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_is_explained_once),
		cmocka_unit_test(a_key_of_files_is_for_run_and_config),
	};

	return cmocka_run_group_tests_name("option help", tests, NULL, NULL);
}
