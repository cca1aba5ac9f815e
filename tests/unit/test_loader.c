/* SPDX-License-Identifier: BSD-2-Clause */
/* The loader's small parts: who the kernel is, class lists, JSON, output that fails. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "loader/stream/fields.h"
#include "loader/event/format.h"
#include "loader/host/cpus.h"
#include "loader/host/host.h"
#include "offsets/util/jsonw.h"
#include "loader/agent/losses.h"

/* ---- host ------------------------------------------------------------- */

static void version_codes_are_found_in_the_texts(void **state)
{
	static const struct {
		const char *release, *version, *signature;
		uint32_t code;
	} cases[] = {
		{ "3.10.0-1160.el7.x86_64", "#1 SMP Mon Oct 19 16:18:59 UTC 2020", NULL, 0x030a00 },
		{ "4.15.0-42-generic", "#45-Ubuntu SMP", "Ubuntu 4.15.0-42.45-generic 4.15.18",
		  0x040f12 },
		{ "4.9.0-6-amd64", "#1 SMP Debian 4.9.88-1 (2018-04-29)", NULL, 0x040958 },
		/* Late stable kernels saturate at 255. */
		{ "4.19.0-27-amd64", "#1 SMP Debian 4.19.316-1 (2024-06-25)", NULL, 0x0413ff },
		{ "6.18.44-fc", "#1 SMP", NULL, 0x06122c },
		{ "7.3-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 7.3-1 (2026-11-20)", NULL,
		  0x070300 },
		{ "7.3-cloud-amd64", "#1 SMP", NULL, 0x070300 },
		{ "nonsense", "#1", NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			host_version_code(cases[i].release, cases[i].version, cases[i].signature),
			cases[i].code);
}

static void notes_give_the_build_id(void **state)
{
	/* A Linux note, then the GNU build-id, as in /sys/kernel/notes. */
	static const unsigned char notes[] = {
		6,   0,   0, 0, 4, 0, 0,   0,   0,   1, 0,    0,    'L',  'i',  'n',
		'u', 'x', 0, 0, 0, 1, 2,   3,   4,   4, 0,    0,    0,    4,    0,
		0,   0,   3, 0, 0, 0, 'G', 'N', 'U', 0, 0xde, 0xad, 0xbe, 0xef,
	};
	char hex[16];
	size_t i;

	(void)state;
	assert_true(host_notes_build_id(notes, sizeof(notes), hex, sizeof(hex)));
	assert_string_equal(hex, "deadbeef");
	assert_false(host_notes_build_id(notes, sizeof(notes), hex, 8)); /* no room */
	for (i = 0; i < sizeof(notes); i++) {
		struct guarded g = guarded_copy(notes, i);

		assert_false(host_notes_build_id(g.data, i, hex, sizeof(hex)));
		guarded_free(&g);
	}
}

/* ---- JSON ------------------------------------------------------------- */

static void assert_json(const char *bytes, size_t size, const char *expected)
{
	struct jsonw json;

	jsonw_init(&json);
	jsonw_bytes(&json, NULL, bytes, size);
	assert_int_equal(json.size, strlen(expected));
	assert_memory_equal(json.text, expected, json.size);
	jsonw_deinit(&json);
}

static void text_is_always_valid_json(void **state)
{
	(void)state;
	assert_json("", 0, "\"\"");
	assert_json("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	assert_json("\n\t\x01\x7f\0", 5, "\"\\n\\t\\u0001\\u007f\\u0000\"");
	assert_json("\xc2\x80\xc2\x85\xc2\x9f\xc2\xa0", 8, "\"\\u0080\\u0085\\u009f\xc2\xa0\"");
	assert_json("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae", 9, "\"\\u2028\\u2029\\u202e\"");
	assert_json("\xe2\x80\x8b\xef\xbb\xbf\xc2\xad", 8, "\"\\u200b\\ufeff\\u00ad\"");
	assert_json("\xf3\xa0\x80\x81", 4, "\"\\udb40\\udc01\""); /* a tag: a surrogate pair */
	assert_json("\xc3\xbc\xf0\x9f\x90\xa7", 6, "\"\xc3\xbc\xf0\x9f\x90\xa7\"");
	assert_json("\xff", 1, "\"\xef\xbf\xbd\"");
	assert_json("a\xc3", 2, "\"a\xef\xbf\xbd\"");                               /* cut */
	assert_json("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* overlong */
	assert_json("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
	assert_json("\xf4\x90\x80\x80", 4,
	            "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* over U+10FFFF */
}

static void unread_fields_are_null_and_named(void **state)
{
	static struct event ev;
	struct host host = { .name = "h", .boot_id = "01234567-0000-0000-0000-000000000000" };
	struct format format = { .host = &host };

	(void)state;
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_EXEC;
	ev.header.unread = 1U << FIELD_EXEC_EXE | 1U << FIELD_EXEC_ARGV | 1U << FIELD_EXEC_CRED |
	                   1U << FIELD_START;
	ev.argv = "";
	ev.exec.process.pid = 7;
	form_json.event(&format, &ev);
	jsonw_printf(&format.json, "%c", '\0');
	assert_non_null(strstr(format.json.text, "\"pid\":7,\"entity_id\":null,\"start\":null"));
	assert_non_null(strstr(format.json.text, "\"executable\":null"));
	assert_non_null(strstr(format.json.text, "\"args\":null"));
	assert_non_null(strstr(format.json.text, "\"real_user\":null"));
	assert_non_null(strstr(format.json.text,
	                       "\"read_errors\":[\"process.entity_id\",\"process.start\","
	                       "\"process.executable\",\"process.args\","));
	jsonw_deinit(&format.json);
}

/* Names come out of a file that anybody's tool may have written. */
static void a_text_without_room_is_cut_and_named(void **state)
{
	static struct event ev;
	struct host host = { .name = "h", .boot_id = "01234567-0000-0000-0000-000000000000" };
	struct format format = { .host = &host };
	char path[128], name[301] = "";
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/passwd", work);
	file = fopen(path, "w");
	assert_non_null(file);
	memset(name, 'n', 255);
	strcat(name, "\xc3\xbc"
	             "more"); /* 256 bytes would end within a character */
	fprintf(file, "%s:x:0:0::/:/bin/sh\n", name);
	fclose(file);
	format.names = names_new(path, "/dev/null");
	assert_non_null(format.names);
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_EXIT;
	assert_int_equal(form_json.event(&format, &ev), 0);
	jsonw_put(&format.json, "", 1);
	name[255] = '\0';
	strcat(name, "\"}");
	assert_non_null(strstr(format.json.text, name));
	assert_non_null(strstr(format.json.text, "\"truncated\":[\"user.name\"]"));
	assert_null(strstr(format.json.text, "\"raw\""));
	names_free((struct names *)format.names);
	jsonw_deinit(&format.json);
}

/* A row of a table may know a socket's addresses, and not where its bytes are counted. */
static void bytes_that_are_not_known_are_null(void **state)
{
	static struct event ev;
	static struct layout layout;
	struct host host = { .name = "h", .boot_id = "01234567-0000-0000-0000-000000000000" };
	struct format format = { .host = &host };

	(void)state;
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_SOCKET;
	ev.socket.operation = SOCKET_CLOSE;
	ev.socket.ends.family = AF_INET;
	ev.socket.ends.protocol = IPPROTO_TCP;
	assert_int_equal(fields_unknown(&layout, &ev), 0);
	layout.facts[LAYOUT_TCP_BYTES_ACKED].offset = LAYOUT_ABSENT;
	ev.header.unread |= fields_unknown(&layout, &ev);
	form_json.event(&format, &ev);
	jsonw_printf(&format.json, "%c", '\0');
	assert_non_null(strstr(format.json.text, "\"port\":0,\"bytes\":null"));
	assert_non_null(strstr(format.json.text, "\"read_errors\":[\"destination.bytes\","
	                                         "\"source.bytes\",\"sextant.namespace.net\"]"));
	assert_null(strstr(format.json.text, "\"bytes\":0"));
	jsonw_deinit(&format.json);
	ev.socket.operation = SOCKET_CONNECT;
	assert_int_equal(fields_unknown(&layout, &ev), 0);
}

static void times_are_utc_with_nanoseconds(void **state)
{
	char text[CLOCK_TEXT_BYTES];

	(void)state;
	clock_text(1795229994860144860ULL, text);
	assert_string_equal(text, "2026-11-21T02:59:54.860144860Z");
	clock_text(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
}

/* ---- CPUs ------------------------------------------------------------- */

static void lists_of_cpus(void **state)
{
	bool online[8];

	(void)state;
	assert_true(cpus_parse("0-1,3,6-7\n", online, 8));
	assert_memory_equal(online, ((bool[]){ 1, 1, 0, 1, 0, 0, 1, 1 }), sizeof(online));
	assert_true(cpus_parse("2", online, 8));
	assert_memory_equal(online, ((bool[]){ 0, 0, 1, 0, 0, 0, 0, 0 }), sizeof(online));
	assert_true(cpus_parse("0-4294967295", online, 8)); /* more than there can be */
	assert_false(cpus_parse("", online, 8));
	assert_false(cpus_parse("0-", online, 8));
	assert_false(cpus_parse("1;2", online, 8));
	assert_true(cpus_possible() >= sysconf(_SC_NPROCESSORS_ONLN));
}

/* ---- losses ----------------------------------------------------------- */

static void losses_are_reported_once_each_way(void **state)
{
	struct losses *losses = losses_new(2);
	struct loss loss;
	char text[256];

	(void)state;
	assert_non_null(losses);
	assert_false(losses_text(losses, text, sizeof(text)));
	assert_false(losses_next(losses, &loss));
	losses_add(losses, &(struct loss){ .type = EVENT_EXEC, .cpu = 1, .count = 5 });
	losses_add(losses, &(struct loss){ .type = EVENT_EXEC, .cpu = 1, .count = 2 });
	losses_add(losses, &(struct loss){ .type = EVENT_TYPES, .count = 3 });
	assert_true(losses_text(losses, text, sizeof(text)));
	assert_string_equal(text, "7 exec events on CPU 1, 3 unknown events on CPU 0");
	assert_false(losses_text(losses, text, sizeof(text)));
	assert_true(losses_next(losses, &loss));
	assert_int_equal(loss.type, EVENT_EXEC);
	assert_int_equal(loss.cpu, 1);
	assert_int_equal(loss.count, 7);
	/* a number that is too high */
	losses_add(losses, &(struct loss){ .type = EVENT_EXEC, .cpu = 99, .count = 1 });
	assert_true(losses_next(losses, &loss));
	assert_int_equal(loss.count, 1);
	assert_true(losses_next(losses, &loss));
	assert_int_equal(loss.type, EVENT_TYPES);
	assert_false(losses_next(losses, &loss));
	assert_int_equal(losses_total(losses, EVENT_EXEC), 8);
	losses_free(losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_codes_are_found_in_the_texts),
		cmocka_unit_test(notes_give_the_build_id),
		cmocka_unit_test(text_is_always_valid_json),
		cmocka_unit_test(unread_fields_are_null_and_named),
		cmocka_unit_test(a_text_without_room_is_cut_and_named),
		cmocka_unit_test(bytes_that_are_not_known_are_null),
		cmocka_unit_test(times_are_utc_with_nanoseconds),
		cmocka_unit_test(lists_of_cpus),
		cmocka_unit_test(losses_are_reported_once_each_way),
	};

	return cmocka_run_group_tests_name("loader", tests, work_enter, work_leave);
}
