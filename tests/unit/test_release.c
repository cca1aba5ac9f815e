/* SPDX-License-Identifier: BSD-2-Clause */
/* Series, flavour and stream of releases, genuine and made up. */
#include "tests/unit/unit.h"

#include "offsets/release.h"

static void series_and_flavour(void **state)
{
	static const struct {
		const char *release, *series, *flavour;
	} cases[] = {
		{ "3.10.0-1160.el7.x86_64", "3.10", "el7.x86_64" },
		{ "3.10.0-957.21.3.el7.x86_64", "3.10", "el7.x86_64" },
		{ "4.15.0-42-generic", "4.15", "generic" },
		{ "6.1.0-56-cloud-amd64", "6.1", "cloud-amd64" },
		{ "6.12.107+deb13-amd64", "6.12", "amd64" },
		{ "4.14.77-70.59.amzn2.x86_64", "4.14", "amzn2.x86_64" },
		{ "7.3-cloud-amd64", "7.3", "cloud-amd64" },
		{ "6.18.44", "6.18", "" },
		{ "1234567890123.4567", "", "" },
		{ "mine", "", "" },
		{ "", "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *release = cases[i].release;

		assert_int_equal(offsets_release_series(release), strlen(cases[i].series));
		assert_memory_equal(release, cases[i].series, strlen(cases[i].series));
		assert_string_equal(offsets_release_flavour(release), cases[i].flavour);
	}
}

static void streams(void **state)
{
	const char *rhel = "3.10.0-957.el7.x86_64";

	(void)state;
	assert_int_equal(offsets_release_compare_stream(rhel, "3.10.0-1160.2.1.el7.x86_64"), 0);
	assert_true(offsets_release_compare_stream(rhel, "3.10.0-957.el8.x86_64") < 0);
	assert_true(offsets_release_compare_stream(rhel, "3.9.0-957.el7.x86_64") > 0);
	assert_true(offsets_release_compare_stream("6.1.0-1-amd64", "6.1.0-1-cloud-amd64"));
	assert_true(offsets_release_compare_stream("6.1.0-1-amd64", "6.10.0-1-amd64"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_and_flavour),
		cmocka_unit_test(streams),
	};

	return cmocka_run_group_tests_name("release", tests, NULL, NULL);
}
