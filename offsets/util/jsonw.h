/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON writer for one object per line: no tree, one growing buffer that is
 * reused. Invalid UTF-8 becomes U+FFFD; jsonw_bytes() returns whether there was
 * any, so that a caller can add the exact bytes. Characters that could deceive
 * a reader or control a terminal are escaped (escape.h).
 */
#ifndef OFFSETS_UTIL_JSONW_H
#define OFFSETS_UTIL_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define JSONW_PATH_MAX 8

struct jsonw {
	char *text; /* not terminated */
	size_t size, room;
	bool comma;                       /* the next member needs one */
	bool failed;                      /* no memory: jsonw_print() says so */
	unsigned int depth;               /* objects and arrays that are open */
	const char *path[JSONW_PATH_MAX]; /* their keys; NULL: none */
};

/* For the functions below that are inline, because most keys are literals: more room; NULL: none.
 */
char *jsonw_grow(struct jsonw *json, size_t size);

static inline char *jsonw_room(struct jsonw *json, size_t size)
{
	return size <= json->room - json->size ? json->text + json->size : jsonw_grow(json, size);
}

/* Appends plain text. */
static inline void jsonw_put(struct jsonw *json, const void *text, size_t size)
{
	char *at = jsonw_room(json, size);

	if (!at)
		return;
	memcpy(at, text, size);
	json->size += size;
}

/* What stands before a value. key NULL: it has none. */
static inline void jsonw_key(struct jsonw *json, const char *key)
{
	size_t size = key ? strlen(key) : 0;
	char *at = jsonw_room(json, size + 4);

	if (!at)
		return;
	if (json->comma)
		*at++ = ',';
	json->comma = true;
	if (key) {
		*at++ = '"';
		memcpy(at, key, size);
		at += size;
		*at++ = '"';
		*at++ = ':';
	}
	json->size = at - json->text;
}

void jsonw_init(struct jsonw *json);
void jsonw_deinit(struct jsonw *json);
void jsonw_reset(struct jsonw *json); /* empty again; keeps the memory */

/* key NULL: an array element, or the outermost object. */
void jsonw_open(struct jsonw *json, const char *key, char bracket);
static inline void jsonw_object_open(struct jsonw *json, const char *key)
{
	jsonw_key(json, key);
	jsonw_open(json, key, '{');
}
void jsonw_object_close(struct jsonw *json);
static inline void jsonw_array_open(struct jsonw *json, const char *key)
{
	jsonw_key(json, key);
	jsonw_open(json, key, '[');
}
void jsonw_array_close(struct jsonw *json);
void jsonw_string(struct jsonw *json, const char *key, const char *value); /* NULL: null */
/* Returns whether it is valid UTF-8. */
bool jsonw_quoted(struct jsonw *json, const void *value, size_t size);
static inline bool jsonw_bytes(struct jsonw *json, const char *key, const void *value, size_t size)
{
	jsonw_key(json, key);
	return jsonw_quoted(json, value, size);
}
void jsonw_hex(struct jsonw *json, const char *key, const void *value, size_t size);
void jsonw_digits(struct jsonw *json, uint64_t value, unsigned int base, unsigned int width);
static inline void jsonw_u64(struct jsonw *json, const char *key, uint64_t value)
{
	jsonw_key(json, key);
	jsonw_digits(json, value, 10, 0);
}
void jsonw_bool(struct jsonw *json, const char *key, bool value);

/*
 * A string that is put together: what comes between is appended as it is, and must need no
 * escape. Digits: of a base up to 16, with zeroes in front up to a width.
 */
static inline void jsonw_text_open(struct jsonw *json, const char *key)
{
	jsonw_key(json, key);
	jsonw_put(json, "\"", 1);
}

static inline void jsonw_text_close(struct jsonw *json)
{
	jsonw_put(json, "\"", 1);
}

/* Members as they were written before, from the first byte behind the one before them on. */
void jsonw_members(struct jsonw *json, const void *text, size_t size);

/* The path of a member of the object that is open: "process.parent.name". Truncated to size. */
void jsonw_path(const struct jsonw *json, const char *key, char *ret, size_t size);

/* Append plain text, for lines that are not JSON. jsonw_printf(): 511 bytes at most. */
void jsonw_escaped(struct jsonw *json, const char *text); /* as escape_text() writes it */
void jsonw_printf(struct jsonw *json, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the text and a newline, and frees it. 0, -ENOMEM or the write's -errno. */
int jsonw_print(struct jsonw *json, FILE *out);

#endif
