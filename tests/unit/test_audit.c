/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of audit: texts, times, arguments at the kernel's limits, halves of events. */
#include "tests/unit/unit.h"

#include "loader/audit/audit.h"
#include "loader/audit/audit_execve.h"
#include "loader/event/half_event.h"

static struct format format;

static void assert_text(const char *expected)
{
	assert_int_equal(format.json.size, strlen(expected));
	assert_memory_equal(format.json.text, expected, format.json.size);
}

/* ---- texts ------------------------------------------------------------- */

static void assert_string(const char *text, size_t size, const char *expected)
{
	jsonw_reset(&format.json);
	audit_string(&format.json, text, size);
	assert_text(expected);
}

static void a_text_is_in_hex_by_the_rule_of_the_kernel(void **state)
{
	(void)state;
	assert_string("", 0, "\"\"");
	assert_string("!#$%&'()[]\\~", 12, "\"!#$%&'()[]\\~\"");
	assert_string("a\"b", 3, "612262");
	assert_string("a b", 3, "612062");
	assert_string("a\nb", 3, "610A62");
	assert_string("\x7f", 1, "7F");
	assert_string("\x80", 1, "80");
	assert_string("\xc3\xbc", 2, "C3BC");
	assert_string("a\0b", 3, "610062");
}

static void only_bytes_from_0x21_to_0x7e_without_the_quote_stand_as_they_are(void **state)
{
	unsigned int c;

	(void)state;
	for (c = 0; c < 256; c++)
		assert_int_equal(audit_needs_hex(&(char){ (char)c }, 1),
		                 c < 0x21 || c > 0x7e || c == '"');
}

static void a_path_that_is_too_long_has_its_end(void **state)
{
	static struct event ev;
	struct event_path *path = &ev.texts[TEXT_EXE];
	struct audit a;

	(void)state;
	audit_open(&a, &format, 0);
	path->size = AUDIT_PATH_BYTES + 3;
	memset(path->text, 'a', path->size);
	path->text[2] = 'x';
	path->text[3] = 'y';
	audit_path(&a, "exe", &ev, TEXT_EXE);
	assert_int_equal(format.json.size, strlen(" exe=\"\"") + AUDIT_PATH_BYTES);
	assert_memory_equal(format.json.text, " exe=\"ya", 8);
	ev.header.unread = 1U << FIELD_EXEC_EXE;
	jsonw_reset(&format.json);
	audit_path(&a, "exe", &ev, TEXT_EXE);
	assert_text(" exe=(null)");
}

static void a_title_ends_with_what_can_be_printed(void **state)
{
	char args[AUDIT_TITLE_BYTES + 8];
	struct audit a;

	(void)state;
	audit_open(&a, &format, 0);
	audit_title(&a, "ls\0-l\0\n\0", 8);
	assert_non_null(memmem(format.json.text, format.json.size, "=6C73002D6C", 11));
	audit_open(&a, &format, 0);
	audit_title(&a, "ls", 3);
	assert_non_null(memmem(format.json.text, format.json.size, "proctitle=\"ls\"", 14));
	audit_open(&a, &format, 0);
	audit_title(&a, "l\xff\xa0\x9f\x80\x7f\x1f", 7); /* as in the kernel's lib/ctype.c */
	assert_non_null(memmem(format.json.text, format.json.size, "proctitle=6CFFA0", 16));
	assert_int_equal(format.json.text[format.json.size - 1], '0');
	audit_open(&a, &format, 0);
	audit_title(&a, "\n", 1);
	assert_non_null(memmem(format.json.text, format.json.size, "proctitle=(null)", 16));
	memset(args, 'a', sizeof(args));
	audit_open(&a, &format, 0);
	audit_title(&a, args, sizeof(args));
	assert_memory_equal(format.json.text + format.json.size - AUDIT_TITLE_BYTES - 2, "\"aaa",
	                    4);
}

/* ---- the stamp --------------------------------------------------------- */

static void events_of_a_millisecond_have_other_numbers(void **state)
{
	struct audit a;

	(void)state;
	format.run = 0xfffffffe; /* 32 bits: LAUREL takes no more */
	format.audit_events = 0;
	format.clock.monotonic_ns = 1796012345000000000;
	audit_open(&a, &format, 7999999);
	audit_record(&a, "EOE");
	assert_text("type=EOE msg=audit(1796012345.007:4294967294):");
	audit_open(&a, &format, 7999999);
	audit_open(&a, &format, 7999999);
	audit_record(&a, "CWD");
	audit_eoe(&a);
	assert_text(
		"type=CWD msg=audit(1796012345.007:0):\ntype=EOE msg=audit(1796012345.007:0): ");
	format.clock.monotonic_ns = 0;
	format.run = 0;
}

/* ---- arguments --------------------------------------------------------- */

/* An argument of that many letters, and one more behind it. */
static void execve_of(size_t size, char fill)
{
	static char args[ARGV_BYTES_MAX];
	struct audit a;

	memset(args, fill, size);
	memcpy(args + size, "\0b", 3);
	format.audit_events = 0;
	audit_open(&a, &format, 0);
	audit_execve(&a, args, size + 3);
	jsonw_put(&format.json, "", 1);
}

static size_t records(void)
{
	const char *at = format.json.text;
	size_t count = 0;

	for (; at; at = strchr(at + 1, '\n'))
		count++;
	return count;
}

static bool has(const char *text)
{
	return strstr(format.json.text, text);
}

static void an_argument_that_fits_is_whole(void **state)
{
	(void)state;
	execve_of(AUDIT_EXECVE_BYTES - 96 - 2, 'a'); /* the kernel leaves so much for its name */
	assert_true(has("argc=2 a0=\"aaa"));
	assert_false(has("a0_len"));
	assert_int_equal(records(), 2); /* b */
	execve_of((AUDIT_EXECVE_BYTES - 96) / 2, ' ');
	assert_true(has("argc=2 a0=202020"));
	assert_false(has("a0_len"));
}

static void an_argument_that_does_not_fit_is_split(void **state)
{
	(void)state;
	execve_of(AUDIT_EXECVE_BYTES - 96 - 1, 'a');
	assert_true(has("argc=2 a0_len=7403 a0[0]=\"aaa"));
	assert_false(has("a0[1]")); /* all of it fits after all */
	execve_of(AUDIT_EXECVE_BYTES - 1, 'a');
	assert_true(has("a0_len=7499 a0[0]=\"aaa"));
	assert_true(has("\ntype=EXECVE msg=audit(0.000:0): a0[1]=\"aaa"));
	assert_true(has("\" a1=\"b\""));
	execve_of((AUDIT_EXECVE_BYTES - 96) / 2 + 1, ' ');
	assert_true(has("a0_len=7406 a0[0]=2020"));
}

/* From there on the kernel does not see the whole of it at once. */
static void a_long_argument_is_in_hex(void **state)
{
	(void)state;
	execve_of(AUDIT_EXECVE_BYTES, 'a');
	assert_true(has("a0_len=15000 a0[0]=6161"));
	assert_true(has(" a0[2]=6161"));
	assert_false(has("\"a"));
}

static void no_record_is_longer_than_readers_take(void **state)
{
	size_t size;
	const char *at, *end;

	(void)state;
	for (size = 0; size < ARGV_BYTES_MAX - 3; size += 37) {
		execve_of(size, size % 2 ? 'a' : ' ');
		for (at = format.json.text; at; at = end ? end + 1 : NULL) {
			end = strchr(at, '\n');
			assert_true((end ? (size_t)(end - at) : strlen(at)) <
			            AUDIT_EXECVE_BYTES + 100);
		}
	}
}

/* ---- halves of events -------------------------------------------------- */

#define ID(number) " msg=audit(1.000:" number "): "
#define KEY        " key=\"sextant_exec\"\n"

static const char whole[] = "type=SYSCALL" ID("1") "a=b" KEY "type=KERNEL_OTHER" ID(
	"1") "a=b\n"
	     "type=EOE" ID("1") "\ntype=TRUSTED_APP" ID("2") "a=b\n"
							     "type=ANOM_ABEND" ID("3") "a=b\n";

static void assert_half(const char *rest, size_t half)
{
	char text[512];
	size_t size = snprintf(text, sizeof(text), "%s%s", whole, rest);
	struct guarded g = guarded_copy(text, size);

	assert_int_equal(half_audit(g.data, size), half);
	guarded_free(&g);
}

static void a_half_event_is_found_at_each_byte(void **state)
{
	static const char next[] =
		"type=SYSCALL" ID("4") "a=b" KEY
				       "type=KERNEL_OTHER" ID("4") "a=b\ntype=EOE" ID("4") "\n";
	char part[sizeof(next)];
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(next) - 1; size++) {
		snprintf(part, sizeof(part), "%.*s", (int)size, next);
		assert_half(part, size);
	}
	assert_half(next, 0);
}

static void what_is_no_event_of_ours_stays(void **state)
{
	(void)state;
	assert_half("{\"a\":1", 0);
	assert_half("{\"a\":1}\n", 0);
	assert_half("{\"a\":1}\ntype=SY", 7);
	assert_int_equal(half_audit("", 0), 0);
	assert_int_equal(half_audit("\n\n", 2), 0);
	assert_int_equal(half_audit("type=\n", 6), 0);
	/* auditd's own, whose file has no EOE */
	assert_half("type=SYSCALL" ID("4") "a=b key=(null)\ntype=PROCTITLE" ID("4") "a=b\n", 0);
	assert_half("type=USER_AUTH" ID("4") "a=b\n", 0);
}

static void half_a_line_of_json_is_found_by_its_beginning(void **state)
{
	(void)state;
	assert_int_equal(half_json("{\"@timestamp\":\"a\"}\n{\"@timestamp\":\"", 34), 15);
	assert_int_equal(half_json("{\"@timestamp\":\"a\"}\n", 19), 0);
	assert_int_equal(half_json("other", 5), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_in_hex_by_the_rule_of_the_kernel),
		cmocka_unit_test(only_bytes_from_0x21_to_0x7e_without_the_quote_stand_as_they_are),
		cmocka_unit_test(a_path_that_is_too_long_has_its_end),
		cmocka_unit_test(a_title_ends_with_what_can_be_printed),
		cmocka_unit_test(events_of_a_millisecond_have_other_numbers),
		cmocka_unit_test(an_argument_that_fits_is_whole),
		cmocka_unit_test(an_argument_that_does_not_fit_is_split),
		cmocka_unit_test(a_long_argument_is_in_hex),
		cmocka_unit_test(no_record_is_longer_than_readers_take),
		cmocka_unit_test(a_half_event_is_found_at_each_byte),
		cmocka_unit_test(what_is_no_event_of_ours_stays),
		cmocka_unit_test(half_a_line_of_json_is_found_by_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
