/* SPDX-License-Identifier: BSD-2-Clause */
/* Picks the strings at some places out of JSON that nobody vouches for. */
#ifndef LOADER_RUNTIME_JSON_PICK_H
#define LOADER_RUNTIME_JSON_PICK_H

#include <stddef.h>

#define JSON_PICK_NAMES 4
#define JSON_PICK_MAX   32 /* places */

/* What nests deeper is refused. */
#define JSON_PICK_DEPTH 64

/* Names from the outermost object on, the unused ones NULL; "[]": each item of an array. */
struct json_place {
	const char *names[JSON_PICK_NAMES];
};

struct json_pick {
	const struct json_place *places;
	size_t count;
	/* A string at a place. It may have any bytes, and come more than once. */
	void (*text)(void *arg, size_t place, const char *text, size_t size);
	/* An object ends that is an item of the outermost array; NULL: does not matter. */
	void (*item_end)(void *arg);
	void *arg;
};

/* 0; -EBADMSG: it is no JSON, or nests too deeply, and what was picked is not to be used. */
int json_pick(const struct json_pick *pick, const void *json, size_t size);

#endif
