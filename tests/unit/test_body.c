/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies for collectors, and what is made of their answers, which may be anything. */
#include "tests/unit/unit.h"

#include "loader/out/line_time.h"
#include "loader/ship/body.h"

#define LINES 3

static enum body_fate fates[LINES];

static bool answer(enum body_form form, const char *text)
{
	memset(fates, 0x7f, sizeof(fates));
	return body_answer(form, text, strlen(text), LINES, fates);
}

static void assert_fates(enum body_fate a, enum body_fate b, enum body_fate c)
{
	assert_int_equal(fates[0], a);
	assert_int_equal(fates[1], b);
	assert_int_equal(fates[2], c);
}

static void all_is_delivered_where_nothing_is_said(void **state)
{
	(void)state;
	assert_true(answer(BODY_NDJSON, "whatever"));
	assert_fates(FATE_DELIVERED, FATE_DELIVERED, FATE_DELIVERED);
	assert_true(answer(BODY_ELASTIC, "{\"errors\":false,\"items\":[]}"));
	assert_fates(FATE_DELIVERED, FATE_DELIVERED, FATE_DELIVERED);
	assert_true(answer(BODY_OTLP, "{}"));
	assert_fates(FATE_DELIVERED, FATE_DELIVERED, FATE_DELIVERED);
}

static void elastic_says_it_of_each(void **state)
{
	(void)state;
	assert_true(answer(BODY_ELASTIC,
	                   "{\"errors\":true,\"items\":[{\"create\":{\"status\":409}},"
	                   "{\"create\":{\"status\":429}},{\"create\":{\"status\":400}}]}"));
	assert_fates(FATE_DELIVERED, FATE_AGAIN, FATE_REFUSED);
	assert_true(answer(BODY_ELASTIC, "{\"errors\":true,\"items\":[{\"create\":{}},1,"
	                                 "{\"create\":{\"status\":201}}]}"));
	assert_fates(FATE_AGAIN, FATE_AGAIN, FATE_DELIVERED);
}

static void otlp_says_how_many(void **state)
{
	(void)state;
	assert_true(answer(BODY_OTLP, "{\"partialSuccess\":{\"rejectedLogRecords\":\"2\"}}"));
	assert_fates(FATE_REFUSED, FATE_REFUSED, FATE_DELIVERED);
	assert_true(answer(BODY_OTLP, "{\"partialSuccess\":{\"rejectedLogRecords\":99}}"));
	assert_fates(FATE_REFUSED, FATE_REFUSED, FATE_REFUSED);
}

static void what_cannot_be_read_is_no_delivery(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"<html>",
		"[]",
		"{\"errors\":true}",
		"{\"errors\":true,\"items\":[]}",
		"5",
		"null",
		"{\"errors\":\"false\"}",
	};
	size_t i, depth = 2000000; /* of a tree that calls itself as often to be freed */
	char *deep = malloc(2 * depth + 1);

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(answer(BODY_ELASTIC, texts[i]));
		assert_fates(FATE_AGAIN, FATE_AGAIN, FATE_AGAIN);
	}
	memset(deep, '[', depth);
	memset(deep + depth, ']', depth);
	deep[2 * depth] = '\0';
	assert_false(answer(BODY_ELASTIC, deep));
	free(deep);
}

static const char *write_one(enum body_form form, const char *text)
{
	static char ret[1024];
	const struct body_line line = { text, strlen(text), "exec" };
	struct jsonw json;

	jsonw_init(&json);
	body_write(form, &line, 1, "a\"b", &json);
	snprintf(ret, sizeof(ret), "%.*s", (int)json.size, json.text);
	jsonw_deinit(&json);
	return ret;
}

#define EVENT                                                                                  \
	"{\"@timestamp\":\"2026-11-30T01:02:03.000000004Z\",\"event\":{\"id\":\"x-1\"},\"n\":" \
	"\"\\u00e9\"}"

static void bodies_are_what_collectors_read(void **state)
{
	(void)state;
	assert_string_equal(write_one(BODY_NDJSON, EVENT), EVENT "\n");
	assert_string_equal(write_one(BODY_ELASTIC, EVENT),
	                    "{\"create\":{\"_id\":\"x-1\"}}\n" EVENT "\n");
	assert_string_equal(
		write_one(BODY_SPLUNK, EVENT),
		"{\"time\":1796000523.000000004,\"host\":\"a\\\"b\",\"source\":\"sextant\","
		"\"sourcetype\":\"_json\",\"event\":" EVENT "}\n");
	assert_non_null(
		strstr(write_one(BODY_LOKI, EVENT), "[\"1796000523000000004\",\"{\\\"@time"));
	assert_non_null(
		strstr(write_one(BODY_OTLP, EVENT), "\"timeUnixNano\":\"1796000523000000004\""));
}

/* An event of OCSF has its time in ms. */
static void bodies_have_the_time_of_ocsf_too(void **state)
{
	static const char line[] = "{\"class_uid\":1007,\"time\":1796000523004,\"x\":1}";

	(void)state;
	assert_non_null(strstr(write_one(BODY_SPLUNK, line), "\"time\":1796000523.004000000,"));
	assert_non_null(strstr(write_one(BODY_LOKI, line), "[\"1796000523004000000\","));
	assert_non_null(
		strstr(write_one(BODY_OTLP, line), "\"timeUnixNano\":\"1796000523004000000\""));
	assert_string_equal(write_one(BODY_NDJSON, line),
	                    "{\"class_uid\":1007,\"time\":1796000523004,\"x\":1}\n");
}

/* Each beginning of a line: nothing is read behind its end. */
static void times_of_lines(void **state)
{
	static const char ecs[] = EVENT, ocsf[] = "{\"class_uid\":1007,\"time\":1796000523004,";
	uint64_t ns = 7;
	size_t size;

	(void)state;
	for (size = 0; size < 47; size++)
		assert_false(line_time(ecs, size, &ns));
	for (size = 0; size < 26; size++)
		assert_false(line_time(ocsf, size, &ns));
	assert_int_equal(ns, 7);
	assert_true(line_time(ecs, 47, &ns));
	assert_int_equal(ns, 1796000523000000004);
	assert_true(line_time(ocsf, sizeof(ocsf) - 1, &ns));
	assert_int_equal(ns, 1796000523004000000);
	assert_false(line_time("04:24:42.779 fork   18011 (parent 17891 bash) uid 0", 51, &ns));
}

/* An id that is not the event's own is none. */
static void a_line_without_an_id_has_none(void **state)
{
	(void)state;
	assert_string_equal(
		write_one(BODY_ELASTIC, "{\"event\":{\"a\":1},\"user\":{\"id\":\"0\"}}"),
		"{\"create\":{}}\n{\"event\":{\"a\":1},\"user\":{\"id\":\"0\"}}\n");
	assert_string_equal(write_one(BODY_ELASTIC, "{"), "{\"create\":{}}\n{\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_delivered_where_nothing_is_said),
		cmocka_unit_test(elastic_says_it_of_each),
		cmocka_unit_test(otlp_says_how_many),
		cmocka_unit_test(what_cannot_be_read_is_no_delivery),
		cmocka_unit_test(bodies_are_what_collectors_read),
		cmocka_unit_test(bodies_have_the_time_of_ocsf_too),
		cmocka_unit_test(times_of_lines),
		cmocka_unit_test(a_line_without_an_id_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
