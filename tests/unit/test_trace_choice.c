/* SPDX-License-Identifier: BSD-2-Clause */
/* What the options of 'sextant trace' say about calls, and what the kernel side gets of it. */
#include "loader/trace/trace_choice.h"
#include "tests/unit/unit.h"

static struct trace_choice choice;

static int setup(void **state)
{
	const char *wrong;

	(void)state;
	trace_choice_init(&choice);
	return call_list_init(&wrong);
}

static struct call_settings settings(void)
{
	struct call_settings s = { 0 };

	trace_choice_settings(&choice, &s);
	return s;
}

/* ---- results ------------------------------------------------------------------- */

static void everything_is_chosen_at_first(void **state)
{
	(void)state;
	assert_int_equal(settings().at_return, 0);
	assert_int_equal(settings().errors[0], 0);
	assert_int_equal(settings().wheres, 0);
}

static void ranges_of_results(void **state)
{
	static const struct {
		const char *text;
		int64_t low, high;
	} examples[] = {
		{ "1..2", 1, 2 },
		{ "-4095..-1", -4095, -1 },
		{ "0x10..0x7fffffffffffffff", 16, INT64_MAX },
		{ "-0x10..", -16, INT64_MAX },
		{ "..010", INT64_MIN, 10 },
		{ "-9223372036854775808..0", INT64_MIN, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		setup(state);
		assert_null(trace_choice_result(&choice, examples[i].text));
		assert_int_equal(settings().at_return, 1);
		assert_true(settings().result_low == examples[i].low);
		assert_true(settings().result_high == examples[i].high);
	}
}

static void wrong_ranges(void **state)
{
	static const char *const texts[] = { "",
		                             "..",
		                             "1",
		                             "1..2..3",
		                             "a..",
		                             "1.. 2",
		                             "+1..2",
		                             "1..0x",
		                             "--1..",
		                             "2..1",
		                             "1...2",
		                             "1..2 ",
		                             "-..1",
		                             "9223372036854775808..",
		                             "..-9223372036854775809" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		setup(state);
		if (!trace_choice_result(&choice, texts[i]))
			fail_msg("%s is no range", texts[i]);
	}
}

static void a_result_is_in_all_ranges(void **state)
{
	(void)state;
	assert_null(trace_choice_failed(&choice));
	assert_null(trace_choice_result(&choice, "-20.."));
	assert_true(settings().result_low == -20 && settings().result_high == -1);
	assert_non_null(trace_choice_result(&choice, "0.."));
}

/* Unused places repeat the first: the kernel side compares with all. */
static void errors_by_name_and_number(void **state)
{
	unsigned int i;

	(void)state;
	assert_null(trace_choice_error(&choice, "EACCES"));
	assert_null(trace_choice_error(&choice, "4095"));
	assert_true(settings().errors[0] == -13 && settings().errors[1] == -4095);
	for (i = 2; i < CALL_ERRORS; i++)
		assert_true(settings().errors[i] == -13);
	assert_int_equal(settings().at_return, 1);
	assert_non_null(trace_choice_error(&choice, "eacces"));
	assert_non_null(trace_choice_error(&choice, "-13"));
	assert_non_null(trace_choice_error(&choice, "4096"));
	assert_non_null(trace_choice_error(&choice, ""));
}

/* ---- parameters ---------------------------------------------------------------- */

static void a_whole_string_ends_with_nul(void **state)
{
	const struct call_where *w = &choice.wheres[0].kernels;

	(void)state;
	assert_null(trace_choice_where(&choice, "filename=a=b"));
	assert_string_equal(choice.wheres[0].name, "filename");
	assert_memory_equal(w->text, "a=b\0\0", 5);
	assert_memory_equal(w->mask, "\xff\xff\xff\xff\0", 5);
	assert_false(choice.wheres[0].is_number);
}

static void a_prefix_does_not(void **state)
{
	const struct call_where *w = &choice.wheres[0].kernels;

	(void)state;
	assert_null(trace_choice_where(&choice, "filename^=12"));
	assert_memory_equal(w->text, "12\0", 3);
	assert_memory_equal(w->mask, "\xff\xff\0", 3);
	assert_false(choice.wheres[0].is_number);
}

static void numbers_in_any_base(void **state)
{
	static const struct {
		const char *text;
		bool is_number;
		uint64_t number;
	} examples[] = {
		{ "fd=10", true, 10 },
		{ "fd=0x10", true, 16 },
		{ "fd=010", true, 8 },
		{ "fd=-1", true, -1ULL },
		{ "fd=1x", false, 0 },
		{ "fd=", false, 0 },
		{ "fd= 1", false, 0 },
		{ "fd=-", false, 0 },
		{ "fd=18446744073709551615", true, -1ULL },
		{ "fd=18446744073709551616", false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		setup(state);
		assert_null(trace_choice_where(&choice, examples[i].text));
		assert_int_equal(choice.wheres[0].is_number, examples[i].is_number);
		if (examples[i].is_number)
			assert_true(choice.wheres[0].kernels.number == examples[i].number);
	}
}

/* By the width of the parameter: a program may leave anything above it in the register. */
static void where_a_call_has_the_parameter(void **state)
{
	struct call_where_at at[CALL_WHERES];

	(void)state;
	assert_null(trace_choice_where(&choice, "fd=3"));
	assert_true(trace_choice_places(&choice, call_by_name("write"), CALL_64, at));
	assert_true(at[0].parameter == 0 && at[0].kind == CALL_WHERE_32);
	assert_null(trace_choice_where(&choice, "count=7"));
	assert_true(trace_choice_places(&choice, call_by_name("write"), CALL_64, at));
	assert_true(at[1].parameter == 2 && at[1].kind == CALL_WHERE_64);
	assert_true(trace_choice_places(&choice, call_by_name("write"), CALL_32, at));
	assert_int_equal(at[1].kind, CALL_WHERE_32);
	assert_false(trace_choice_places(&choice, call_by_name("close"), CALL_64, at));
}

static void strings_and_numbers_are_not_mixed(void **state)
{
	struct call_where_at at;

	(void)state;
	assert_null(trace_choice_where(&choice, "filename=5"));
	assert_true(trace_where_place(&choice.wheres[0], call_by_name("openat"), CALL_64, &at));
	assert_true(at.parameter == 1 && at.kind == CALL_WHERE_STRING);
	assert_null(trace_choice_where(&choice, "fd^=5"));
	assert_false(trace_where_place(&choice.wheres[1], call_by_name("close"), CALL_64, &at));
	assert_null(trace_choice_where(&choice, "fd=five"));
	assert_false(trace_where_place(&choice.wheres[2], call_by_name("close"), CALL_64, &at));
}

/* ---- where the kernel side does not decide --------------------------------------- */

/* A record of openat; NULL: its string could not be read. */
struct opened {
	struct call_record record;
	char bytes[256];
};

static void opened_make(struct opened *ret, enum call_half half, const char *filename)
{
	*ret = (struct opened){ .record = { .header = { .type = half },
		                            .arguments = { 5, 0x1000 },
		                            .abi = CALL_64,
		                            .number = 257 } };
	ret->record.values[1].state = filename ? CALL_READ : CALL_UNREAD;
	if (!filename)
		return;
	strcpy(ret->bytes, filename);
	ret->record.values[1].at = sizeof(ret->record);
	ret->record.values[1].size = strlen(filename) + 1;
}

static bool holds(const struct opened *begins, const struct opened *returns, bool *ret_begins)
{
	struct call_seen seen = { call_by_name("openat"), begins ? &begins->record : NULL,
		                  returns ? &returns->record : NULL };
	bool is = trace_choice_holds(&choice, &seen);

	*ret_begins = seen.begins != NULL;
	return is;
}

static void conditions_hold_for_what_was_read(void **state)
{
	struct opened begins, returns;
	bool has_begins;

	(void)state;
	opened_make(&begins, CALL_BEGINS, "/etc/passwd");
	opened_make(&returns, CALL_RETURNS, NULL);
	assert_true(holds(&begins, NULL, &has_begins)); /* no condition */
	assert_null(trace_choice_where(&choice, "filename^=/etc/"));
	assert_true(holds(&begins, NULL, &has_begins));
	assert_true(holds(&begins, &returns, &has_begins));
	assert_true(has_begins);
	assert_null(trace_choice_where(&choice, "dfd=5"));
	assert_true(holds(&begins, NULL, &has_begins));
	assert_null(trace_choice_where(&choice, "filename=/etc/passw"));
	assert_false(holds(&begins, NULL, &has_begins));
	assert_false(holds(&begins, &returns, &has_begins));
}

/* The entry was not reported, so it is no part of what is. */
static void a_string_that_comes_late_is_decided_at_the_return(void **state)
{
	struct opened begins, returns;
	bool has_begins;

	(void)state;
	opened_make(&begins, CALL_BEGINS, NULL);
	opened_make(&returns, CALL_RETURNS, "/etc/passwd");
	assert_null(trace_choice_where(&choice, "filename=/etc/passwd"));
	assert_false(holds(&begins, NULL, &has_begins));
	assert_true(holds(&begins, &returns, &has_begins));
	assert_false(has_begins);
	opened_make(&returns, CALL_RETURNS, "/etc/passwd2");
	assert_false(holds(&begins, &returns, &has_begins));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(everything_is_chosen_at_first, setup),
		cmocka_unit_test_setup(ranges_of_results, setup),
		cmocka_unit_test_setup(wrong_ranges, setup),
		cmocka_unit_test_setup(a_result_is_in_all_ranges, setup),
		cmocka_unit_test_setup(errors_by_name_and_number, setup),
		cmocka_unit_test_setup(a_whole_string_ends_with_nul, setup),
		cmocka_unit_test_setup(a_prefix_does_not, setup),
		cmocka_unit_test_setup(numbers_in_any_base, setup),
		cmocka_unit_test_setup(where_a_call_has_the_parameter, setup),
		cmocka_unit_test_setup(strings_and_numbers_are_not_mixed, setup),
		cmocka_unit_test_setup(conditions_hold_for_what_was_read, setup),
		cmocka_unit_test_setup(a_string_that_comes_late_is_decided_at_the_return, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
