/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <yajl/yajl_tree.h>

#include "loader/out/line_time.h"
#include "loader/ship/body.h"

static const char *const names[BODY_FORMS] = { "ndjson", "elastic", "splunk", "loki", "otlp" };

enum body_form body_form_parse(const char *name)
{
	int form = 0;

	while (form < BODY_FORMS && strcmp(names[form], name))
		form++;
	return form;
}

const char *body_content_type(enum body_form form)
{
	return form == BODY_NDJSON || form == BODY_ELASTIC ? "application/x-ndjson"
	                                                   : "application/json";
}

/* ---- what is in a line --------------------------------------------------- */

/* Behind text that is in the first part of each event, or NULL. */
static const char *behind(const struct body_line *line, const char *from, const char *text)
{
	size_t left = from ? line->text + line->size - from : 0;
	const char *at = from ? memmem(from, left, text, strlen(text)) : NULL;

	return at ? at + strlen(text) : NULL;
}

/* event.id; *ret_size 0: it has none. Nothing before it is of a user's making. */
static const char *id_of(const struct body_line *line, size_t *ret_size)
{
	const char *event = behind(line, line->text, "\"event\":{");
	const char *id = behind(line, event, "\"id\":\"");
	const char *object_end = event ? memchr(event, '}', line->text + line->size - event) : NULL;
	const char *end = id ? memchr(id, '"', line->text + line->size - id) : NULL;

	*ret_size = id && end && object_end && end < object_end ? end - id : 0;
	return id;
}

/* Nanoseconds since 1970; now: it does not say. */
static uint64_t time_of(const struct body_line *line)
{
	uint64_t ns;

	return line_time(line->text, line->size, &ns) ? ns : (uint64_t)time(NULL) * 1000000000ULL;
}

/* ---- bodies -------------------------------------------------------------- */

static void ndjson_write(const struct body_line *line, struct jsonw *ret)
{
	jsonw_put(ret, line->text, line->size);
	jsonw_put(ret, "\n", 1);
}

static void elastic_write(const struct body_line *line, struct jsonw *ret)
{
	size_t size;
	const char *id = id_of(line, &size);

	ret->comma = false;
	jsonw_object_open(ret, NULL);
	jsonw_object_open(ret, "create");
	if (size)
		jsonw_bytes(ret, "_id", id, size);
	jsonw_object_close(ret);
	jsonw_object_close(ret);
	jsonw_put(ret, "\n", 1);
	ndjson_write(line, ret);
}

static void splunk_write(const struct body_line *line, const char *host, struct jsonw *ret)
{
	uint64_t ns = time_of(line);

	ret->comma = false;
	jsonw_object_open(ret, NULL);
	jsonw_key(ret, "time");
	jsonw_digits(ret, ns / 1000000000, 10, 0);
	jsonw_put(ret, ".", 1);
	jsonw_digits(ret, ns % 1000000000, 10, 9);
	jsonw_bytes(ret, "host", host, strlen(host));
	jsonw_string(ret, "source", "sextant");
	jsonw_string(ret, "sourcetype", "_json");
	jsonw_key(ret, "event");
	jsonw_put(ret, line->text, line->size);
	jsonw_object_close(ret);
	jsonw_put(ret, "\n", 1);
}

static void time_write(struct jsonw *ret, const char *key, uint64_t ns)
{
	jsonw_text_open(ret, key);
	jsonw_digits(ret, ns, 10, 0);
	jsonw_text_close(ret);
}

/* A stream for each class: few labels, as Loki wants it. */
static void loki_write(const struct body_line *lines, size_t count, const char *host,
                       struct jsonw *ret)
{
	size_t i, j;

	jsonw_object_open(ret, NULL);
	jsonw_array_open(ret, "streams");
	for (i = 0; i < count; i++) {
		for (j = 0; j < i && lines[j].class != lines[i].class;)
			j++;
		if (j < i)
			continue; /* its class was written */
		jsonw_object_open(ret, NULL);
		jsonw_object_open(ret, "stream");
		jsonw_string(ret, "job", "sextant");
		jsonw_bytes(ret, "host", host, strlen(host));
		jsonw_string(ret, "class", lines[i].class);
		jsonw_object_close(ret);
		jsonw_array_open(ret, "values");
		for (j = i; j < count; j++) {
			if (lines[j].class != lines[i].class)
				continue;
			jsonw_array_open(ret, NULL);
			time_write(ret, NULL, time_of(&lines[j]));
			jsonw_bytes(ret, NULL, lines[j].text, lines[j].size);
			jsonw_array_close(ret);
		}
		jsonw_array_close(ret);
		jsonw_object_close(ret);
	}
	jsonw_array_close(ret);
	jsonw_object_close(ret);
}

static void attribute_write(struct jsonw *ret, const char *key, const char *value)
{
	jsonw_object_open(ret, NULL);
	jsonw_string(ret, "key", key);
	jsonw_object_open(ret, "value");
	jsonw_bytes(ret, "stringValue", value, strlen(value));
	jsonw_object_close(ret);
	jsonw_object_close(ret);
}

#define SEVERITY_INFO 9 /* SEVERITY_NUMBER_INFO of opentelemetry/proto/logs/v1 */

static void otlp_record(struct jsonw *ret, const struct body_line *line)
{
	jsonw_object_open(ret, NULL);
	time_write(ret, "timeUnixNano", time_of(line));
	jsonw_u64(ret, "severityNumber", SEVERITY_INFO);
	jsonw_object_open(ret, "body");
	jsonw_bytes(ret, "stringValue", line->text, line->size);
	jsonw_object_close(ret);
	jsonw_array_open(ret, "attributes");
	attribute_write(ret, "sextant.class", line->class);
	jsonw_array_close(ret);
	jsonw_object_close(ret);
}

static void otlp_write(const struct body_line *lines, size_t count, const char *host,
                       struct jsonw *ret)
{
	size_t i;

	jsonw_object_open(ret, NULL);
	jsonw_array_open(ret, "resourceLogs");
	jsonw_object_open(ret, NULL);
	jsonw_object_open(ret, "resource");
	jsonw_array_open(ret, "attributes");
	attribute_write(ret, "service.name", "sextant");
	attribute_write(ret, "host.name", host);
	jsonw_array_close(ret);
	jsonw_object_close(ret);
	jsonw_array_open(ret, "scopeLogs");
	jsonw_object_open(ret, NULL);
	jsonw_object_open(ret, "scope");
	jsonw_string(ret, "name", "sextant");
	jsonw_object_close(ret);
	jsonw_array_open(ret, "logRecords");
	for (i = 0; i < count; i++)
		otlp_record(ret, &lines[i]);
	jsonw_array_close(ret);
	jsonw_object_close(ret);
	jsonw_array_close(ret);
	jsonw_object_close(ret);
	jsonw_array_close(ret);
	jsonw_object_close(ret);
}

void body_write(enum body_form form, const struct body_line *lines, size_t count, const char *host,
                struct jsonw *ret)
{
	size_t i;

	if (form == BODY_LOKI || form == BODY_OTLP) {
		(form == BODY_LOKI ? loki_write : otlp_write)(lines, count, host, ret);
		return;
	}
	for (i = 0; i < count; i++)
		if (form == BODY_SPLUNK)
			splunk_write(&lines[i], host, ret);
		else if (form == BODY_ELASTIC)
			elastic_write(&lines[i], ret);
		else
			ndjson_write(&lines[i], ret);
}

/* ---- answers ------------------------------------------------------------- */

/* Of one operation of a bulk request, by its HTTP status. */
static enum body_fate fate_of(long long status)
{
	if ((status >= 200 && status < 300) || status == 409)
		return FATE_DELIVERED;
	return status == 429 || status >= 500 || status < 400 ? FATE_AGAIN : FATE_REFUSED;
}

/* {"errors":true,"items":[{"create":{"status":201}},...]} */
static bool elastic_answer(yajl_val root, size_t count, enum body_fate *ret)
{
	static const char *errors[] = { "errors", NULL }, *items[] = { "items", NULL },
			  *status[] = { "create", "status", NULL };
	yajl_val failed = yajl_tree_get(root, errors, yajl_t_any);
	yajl_val list = yajl_tree_get(root, items, yajl_t_array);
	size_t i;

	if (YAJL_IS_FALSE(failed))
		return true;
	if (!YAJL_IS_TRUE(failed) || !list || YAJL_GET_ARRAY(list)->len != count)
		return false;
	for (i = 0; i < count; i++) {
		yajl_val v = yajl_tree_get(YAJL_GET_ARRAY(list)->values[i], status, yajl_t_number);

		ret[i] = v && YAJL_IS_INTEGER(v) ? fate_of(YAJL_GET_INTEGER(v)) : FATE_AGAIN;
	}
	return true;
}

/* {"partialSuccess":{"rejectedLogRecords":"3"}}: how many, but not which. */
static bool otlp_answer(yajl_val root, size_t count, enum body_fate *ret)
{
	static const char *path[] = { "partialSuccess", "rejectedLogRecords", NULL };
	yajl_val v = yajl_tree_get(root, path, yajl_t_any);
	const char *text = v ? YAJL_GET_STRING(v) : NULL;
	unsigned long long refused = 0;
	size_t i;

	if (text)
		refused = strtoull(text, NULL, 10);
	else if (v && YAJL_IS_INTEGER(v) && YAJL_GET_INTEGER(v) > 0)
		refused = YAJL_GET_INTEGER(v);
	for (i = 0; i < count && i < refused; i++)
		ret[i] = FATE_REFUSED;
	return true;
}

/* The tree is walked by calls that call themselves. */
#define DEPTH_MAX 32

static bool is_shallow(const char *text, size_t size)
{
	unsigned int depth = 0;
	bool is_string = false;
	size_t i;

	for (i = 0; i < size; i++) {
		if (is_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			is_string = !is_string;
		else if (!is_string && (text[i] == '{' || text[i] == '[') && ++depth > DEPTH_MAX)
			return false;
		else if (!is_string && depth && (text[i] == '}' || text[i] == ']'))
			depth--;
	}
	return true;
}

bool body_answer(enum body_form form, const char *text, size_t size, size_t count,
                 enum body_fate *ret)
{
	char why[128], *copy;
	bool is_read = false;
	yajl_val root;
	size_t i;

	for (i = 0; i < count; i++)
		ret[i] = FATE_DELIVERED;
	if (form != BODY_ELASTIC && (form != BODY_OTLP || !size))
		return true;
	copy = text && is_shallow(text, size) ? strndup(text, size) : NULL;
	root = copy ? yajl_tree_parse(copy, why, sizeof(why)) : NULL;
	if (root)
		is_read = (form == BODY_ELASTIC ? elastic_answer : otlp_answer)(root, count, ret);
	yajl_tree_free(root);
	free(copy);
	for (i = 0; !is_read && i < count; i++)
		ret[i] = FATE_AGAIN;
	return is_read;
}
