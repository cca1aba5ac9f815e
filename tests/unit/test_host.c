/* SPDX-License-Identifier: BSD-2-Clause */
/* The distribution by os-release(5), however it is quoted. */
#include "tests/unit/unit.h"

#include "loader/host/host.h"

static struct host_os parse(const char *text)
{
	struct host_os os = { .id = "" };
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", text);
	host_os_parse(copy, &os);
	return os;
}

static void quotes(void **state)
{
	struct host_os os =
		parse("# a comment\nNAME=\"Red Hat \\\"Linux\\\"\"\nID=rhel\nID_LIKE='fedora'\n"
	              "VERSION_ID=\"7.9\"\nPRETTY_NAME=\"Red Hat Linux 7.9 (Maipo)\"\n");

	(void)state;
	assert_string_equal(os.name, "Red Hat \"Linux\"");
	assert_string_equal(os.id, "rhel");
	assert_string_equal(os.like, "fedora");
	assert_string_equal(os.version, "7.9");
	assert_string_equal(os.pretty_name, "Red Hat Linux 7.9 (Maipo)");
}

static void what_is_not_said_is_empty(void **state)
{
	struct host_os os = parse("MY_ID=a\nNAME\nVERSION_ID=\nPRETTY_NAME=\"");

	(void)state;
	assert_string_equal(os.id, "");
	assert_string_equal(os.name, "");
	assert_string_equal(os.version, "");
	assert_string_equal(os.pretty_name, "");
}

static void a_long_value_is_cut(void **state)
{
	struct host_os os =
		parse("ID=0123456789012345678901234567890123456789012345678901234567890123456789\n"
	              "NAME=a\\\\");

	(void)state;
	assert_int_equal(strlen(os.id), sizeof(os.id) - 1);
	assert_string_equal(os.name, "a\\");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(what_is_not_said_is_empty),
		cmocka_unit_test(a_long_value_is_cut),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
