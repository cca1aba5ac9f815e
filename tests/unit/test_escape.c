/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of hostile origin in messages: one line each, and nothing that steers a terminal. */
#include "tests/unit/unit.h"

#include "offsets/util/escape.h"

/* ---- characters -------------------------------------------------------- */

static void sequences_are_those_of_rfc_3629(void **state)
{
	static const struct {
		const char *text;
		size_t size, length;
		uint32_t character;
	} cases[] = {
		{ "a", 1, 1, 'a' },
		{ "\0", 1, 1, 0 },
		{ "\xc3\xbc", 2, 2, 0xfc },
		{ "\xe2\x80\xae", 3, 3, 0x202e },
		{ "\xf3\xa0\x80\x81", 4, 4, 0xe0001 },
		{ "\xc3", 1, 0, 0 },             /* cut */
		{ "\xc3z", 2, 0, 0 },            /* not gone on with */
		{ "\x80", 1, 0, 0 },             /* no beginning */
		{ "\xc0\xaf", 2, 0, 0 },         /* overlong */
		{ "\xe0\x9f\xbf", 3, 0, 0 },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", 4, 0, 0 }, /* overlong */
		{ "\xed\xa0\x80", 3, 0, 0 },     /* surrogate */
		{ "\xf4\x90\x80\x80", 4, 0, 0 }, /* over U+10FFFF */
		{ "\xff", 1, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guarded g = guarded_copy(cases[i].text, cases[i].size);
		uint32_t c = 0;

		assert_int_equal(escape_sequence(g.data, cases[i].size, &c), cases[i].length);
		if (cases[i].length)
			assert_int_equal(c, cases[i].character);
		guarded_free(&g);
	}
}

static void what_steers_or_hides_needs_an_escape(void **state)
{
	static const uint32_t hostile[] = {
		0,      '\n',   '\r',   0x1b,   0x1f,   0x7f,   0x80,    0x85,   0x9b,   0x9f,
		0xad,   0x61c,  0x180e, 0x200b, 0x200d, 0x200e, 0x200f,  0x2028, 0x2029, 0x202a,
		0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xfffb, 0xe0000, 0xe007f
	};
	static const uint32_t harmless[] = { ' ',    '~',    0xa0,   0xe4,    0x627,   0x2010,
		                             0x2027, 0x20ac, 0x4e2d, 0x1f427, 0x10ffff };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		assert_true(escape_needed(hostile[i]));
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		assert_false(escape_needed(harmless[i]));
}

/* ---- messages ---------------------------------------------------------- */

static void messages_are_one_plain_line(void **state)
{
	static const struct {
		const char *given, *said;
	} cases[] = {
		{ "gr\xc3\xbc\xc3\x9f.deb", "gr\xc3\xbc\xc3\x9f.deb" },
		{ "a\nlkccb: b", "a\\x0alkccb: b" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "\xc2\x9b"
		  "2J",
		  "\\xc2\\x9b2J" },
		{ "\x9b"
		  "2J",
		  "\\x9b2J" },
		{ "\xe2\x80\xaegpj", "\\xe2\\x80\\xaegpj" },
		{ "says so\n", "says so" }, /* as libraries end theirs */
	};
	struct offsets_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(offsets_fail(&error, -EIO, "%s", cases[i].given), -EIO);
		assert_string_equal(error.text, cases[i].said);
		/* Said again, by who passes it on, it stays what it is. */
		offsets_fail(&error, -EIO, "%s", error.text);
		assert_string_equal(error.text, cases[i].said);
	}
}

static void a_message_ends_in_its_room(void **state)
{
	struct offsets_error error;
	char given[2000];
	size_t i;

	(void)state;
	memset(given, 0x1b, sizeof(given));
	given[sizeof(given) - 1] = '\0';
	offsets_fail(&error, -EIO, "%s", given);
	assert_in_range(strlen(error.text), sizeof(error.text) - 5, sizeof(error.text) - 1);
	for (i = 0; error.text[i]; i++)
		assert_int_equal(error.text[i], "\\x1b"[i % 4]);
}

static void texts_are_cut_between_characters(void **state)
{
	char ret[8];

	(void)state;
	assert_int_equal(escape_text("abc\xc3\xbc", 5, ret, 5), 3);
	assert_string_equal(ret, "abc");
	assert_int_equal(escape_text("abc\xc3\xbc", 5, ret, 6), 5);
	assert_int_equal(escape_text("a\n", 2, ret, 5), 1);
	assert_string_equal(ret, "a");
	assert_int_equal(escape_text("a\n", 2, ret, 6), 2);
	assert_string_equal(ret, "a\\x0a");
	assert_int_equal(escape_text("a", 1, ret, 1), 0);
	assert_string_equal(ret, "");
}

static void assert_prints(const char *expected, const char *given)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	escape_print(out, "lkccb: %s\tx\n", given);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void printed_lines_are_one_line(void **state)
{
	(void)state;
	assert_prints("lkccb: a\tx\n", "a");
	assert_prints("lkccb: a\\x0alkccb: b\\x1b[m\tx\n", "a\nlkccb: b\x1b[m");
	assert_prints("lkccb: \\xff\\x0a\tx\n", "\xff\n");
}

/* What lists and shows kernels prints them as they are. */
static void a_kernel_takes_no_hostile_text(void **state)
{
	static const char *const all[] = { "",
		                           "a\nb",
		                           "\x1b[2J",
		                           "\x7f",
		                           "\xff",
		                           "a\xc2\x9b"
		                           "b",
		                           "\xe2\x80\xaegpj",
		                           "\xe2\x80\xa8" };
	struct offsets_kernel *kernel = offsets_kernel_new();
	size_t i;

	(void)state;
	assert_non_null(kernel);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct offsets_fact fact = { all[i], "member", 0, 4, 0, 0 };

		assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_ORIGIN, all[i]), -EINVAL);
		assert_int_equal(offsets_kernel_add_fact(kernel, &fact), -EINVAL);
	}
	assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_ORIGIN, "gr\xc3\xbc\xc3\x9f"), 0);
	offsets_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_are_those_of_rfc_3629),
		cmocka_unit_test(what_steers_or_hides_needs_an_escape),
		cmocka_unit_test(messages_are_one_plain_line),
		cmocka_unit_test(a_message_ends_in_its_room),
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(printed_lines_are_one_line),
		cmocka_unit_test(a_kernel_takes_no_hostile_text),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
