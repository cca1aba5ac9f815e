/* SPDX-License-Identifier: BSD-2-Clause */
/* The events of the JSON parser. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/isf/isfparser.h"

#define JSON_MAX_BYTES ((uint64_t)1 << 30)
#define TOKEN_BYTES    ((size_t)1 << 16)

static const char *const json_names[] = {
	[OBJECT] = "an object", [ARRAY] = "an array",    [STRING] = "a string",
	[NUMBER] = "a number",  [BOOLEAN] = "a boolean",
};

/* The rule for the value that begins. False: it is of another kind than that says. */
static bool value_rule(struct parser *p, enum json json, const struct rule **ret)
{
	const struct frame *top = p->depth ? &p->frames[p->depth - 1] : NULL;
	char text[64];

	jsonread_said(&p->json);
	*ret = !top ? NULL : top->array ? isf_rule(top->place, "", 0) : p->rule;
	p->rule = NULL;
	if (!*ret || (*ret)->json == json)
		return true;
	snprintf(text, sizeof(text), "is not %s", json_names[(*ret)->json]);
	return isf_fail_at_key(p, text);
}

static int scalar(struct parser *p, enum json json, const char *text, size_t size)
{
	const struct rule *rule;

	if (!value_rule(p, json, &rule))
		return 0;
	return rule ? rule->take(p, text, size) : 1;
}

static int nest(struct parser *p, enum json json)
{
	const struct rule *rule;
	enum place place = ROOT;

	if (!value_rule(p, json, &rule))
		return 0;
	if (p->depth == DEPTH_MAX)
		return isf_fail(p, "its values nest too deeply");
	if (p->depth || json == ARRAY)
		place = rule ? rule->to : SKIPPED;
	p->frames[p->depth++] = (struct frame){ .place = place, .array = json == ARRAY };
	return isf_begin(p, place);
}

static int on_end(void *arg)
{
	struct parser *p = arg;
	enum place place = p->frames[--p->depth].place;

	jsonread_said(&p->json);
	return isf_end(p, place);
}

static int on_key(void *arg, const unsigned char *key, size_t size)
{
	struct parser *p = arg;

	jsonread_said(&p->json);
	p->rule = isf_rule(p->frames[p->depth - 1].place, (const char *)key, size);
	if (!p->rule)
		return 1;
	if (size > NAME_MAX_BYTES)
		return isf_fail(p, "a name of more than 4,096 bytes");
	memcpy(p->key, key, size);
	p->key[size] = '\0';
	p->key_size = size;
	return 1;
}

static int on_null(void *arg)
{
	struct parser *p = arg;

	jsonread_said(&p->json);
	p->rule = NULL;
	return 1;
}

static int on_boolean(void *arg, int value)
{
	return scalar(arg, BOOLEAN, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *arg, const char *text, size_t size)
{
	return scalar(arg, NUMBER, text, size);
}

static int on_string(void *arg, const unsigned char *text, size_t size)
{
	return scalar(arg, STRING, (const char *)text, size);
}

static int on_object(void *arg)
{
	return nest(arg, OBJECT);
}

static int on_array(void *arg)
{
	return nest(arg, ARRAY);
}

/* ---- the text --------------------------------------------------------- */

static void text_parse(struct parser *p, const char *data, size_t size)
{
	struct offsets_error why;
	int err = jsonread_whole(&p->json, data, size, &why);

	if (err && err != -ECANCELED)
		isf_fail(p, why.text);
}

int isfjson_read(const char *data, size_t size, const char *name, struct isf *ret,
                 isf_symbol_fn symbol, void *arg, struct offsets_error *error)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_end,
	};
	struct parser p = {
		.isf = ret, .name = name, .symbol = symbol, .arg = arg, .error = error
	};

	if (jsonread_init(&p.json, &callbacks, &p, JSON_MAX_BYTES, TOKEN_BYTES))
		return offsets_fail(error, -ENOMEM, "%s: out of memory", name);
	text_parse(&p, data, size);
	jsonread_deinit(&p.json);
	if (!p.err && !(p.seen & 1u << USERS))
		isf_fail(&p, "it has no user_types");
	return p.err;
}
