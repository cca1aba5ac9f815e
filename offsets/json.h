/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON writer for one object per line: no tree, one growing buffer that is
 * used again. Bytes that are no UTF-8 become U+FFFD; json_utf8_valid() tells
 * whether a string had any, so that a caller can add the exact bytes.
 */
#ifndef OFFSETS_JSON_H
#define OFFSETS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	char *text; /* not terminated */
	size_t size, room;
	bool comma;  /* the next member needs one */
	bool failed; /* no memory: json_print() says so */
};

void json_init(struct json *json);
void json_deinit(struct json *json);
void json_reset(struct json *json); /* empty again; keeps the memory */

/* key NULL: an array element, or the outermost object. */
void json_object_open(struct json *json, const char *key);
void json_object_close(struct json *json);
void json_array_open(struct json *json, const char *key);
void json_array_close(struct json *json);
void json_string(struct json *json, const char *key, const char *value); /* NULL: null */
void json_bytes(struct json *json, const char *key, const void *value, size_t size);
void json_hex(struct json *json, const char *key, const void *value, size_t size);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);

/* Plain text into the same buffer, for lines that are no JSON. */
void json_printf(struct json *json, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool json_utf8_valid(const void *value, size_t size);

/* Writes the text and a newline, and frees it. 0, -ENOMEM or the write's -errno. */
int json_print(struct json *json, FILE *out);

#endif
