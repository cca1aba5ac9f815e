/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "loader/runtime/json_pick.h"

/* An object or array that has begun. Bits: places that may lie in it, and below its last key. */
struct level {
	bool is_array;
	uint32_t within, key;
};

struct picker {
	const struct json_pick *pick;
	struct level levels[JSON_PICK_DEPTH];
	size_t depth;
};

/* Of these places those whose name at that depth it is. */
static uint32_t named(const struct picker *p, uint32_t places, size_t depth, const char *name,
                      size_t size)
{
	const char *wanted;
	uint32_t found = 0;
	size_t i;

	for (i = 0; places && i < p->pick->count; i++) {
		wanted = depth < JSON_PICK_NAMES ? p->pick->places[i].names[depth] : NULL;
		if (places & 1U << i && wanted && strlen(wanted) == size &&
		    !memcmp(wanted, name, size))
			found |= 1U << i;
	}
	return found;
}

/* Places that the value lies at, or leads to, which comes now. */
static uint32_t here(const struct picker *p)
{
	const struct level *top = p->depth ? &p->levels[p->depth - 1] : NULL;

	if (!top)
		return UINT32_MAX;
	return top->is_array ? named(p, top->within, p->depth - 1, "[]", 2) : top->key;
}

static int begin(struct picker *p, bool is_array)
{
	if (p->depth == JSON_PICK_DEPTH)
		return 0;
	p->levels[p->depth] = (struct level){ .is_array = is_array, .within = here(p) };
	p->depth++;
	return 1;
}

static int on_object(void *arg)
{
	return begin(arg, false);
}

static int on_array(void *arg)
{
	return begin(arg, true);
}

static int on_key(void *arg, const unsigned char *key, size_t size)
{
	struct picker *p = arg;
	struct level *top = &p->levels[p->depth - 1];

	top->key = named(p, top->within, p->depth - 1, (const char *)key, size);
	return 1;
}

static int on_array_end(void *arg)
{
	struct picker *p = arg;

	p->depth--;
	return 1;
}

static int on_object_end(void *arg)
{
	struct picker *p = arg;

	p->depth--;
	if (p->depth == 1 && p->levels[0].is_array && p->pick->item_end)
		p->pick->item_end(p->pick->arg);
	return 1;
}

static int on_string(void *arg, const unsigned char *text, size_t size)
{
	struct picker *p = arg;
	uint32_t found = here(p);
	size_t i;

	for (i = 0; p->depth && i < p->pick->count; i++)
		if (found & 1U << i &&
		    (p->depth == JSON_PICK_NAMES || !p->pick->places[i].names[p->depth]))
			p->pick->text(p->pick->arg, i, (const char *)text, size);
	return 1;
}

int json_pick(const struct json_pick *pick, const void *json, size_t size)
{
	static const yajl_callbacks callbacks = { .yajl_string = on_string,
		                                  .yajl_start_map = on_object,
		                                  .yajl_map_key = on_key,
		                                  .yajl_end_map = on_object_end,
		                                  .yajl_start_array = on_array,
		                                  .yajl_end_array = on_array_end };
	struct picker picker = { .pick = pick };
	yajl_handle parser = yajl_alloc(&callbacks, NULL, &picker);
	yajl_status status;

	if (!parser)
		return -ENOMEM;
	yajl_config(parser, yajl_dont_validate_strings, 1); /* bytes are kept (loader/event/) */
	status = yajl_parse(parser, json, size);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(parser);
	yajl_free(parser);
	return status == yajl_status_ok ? 0 : -EBADMSG;
}
