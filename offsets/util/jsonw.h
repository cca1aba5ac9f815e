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

#define JSONW_PATH_MAX 8

struct jsonw {
	char *text; /* not terminated */
	size_t size, room;
	bool comma;                       /* the next member needs one */
	bool failed;                      /* no memory: jsonw_print() says so */
	unsigned int depth;               /* objects and arrays that are open */
	const char *path[JSONW_PATH_MAX]; /* their keys; NULL: none */
};

void jsonw_init(struct jsonw *json);
void jsonw_deinit(struct jsonw *json);
void jsonw_reset(struct jsonw *json); /* empty again; keeps the memory */

/* key NULL: an array element, or the outermost object. */
void jsonw_object_open(struct jsonw *json, const char *key);
void jsonw_object_close(struct jsonw *json);
void jsonw_array_open(struct jsonw *json, const char *key);
void jsonw_array_close(struct jsonw *json);
void jsonw_string(struct jsonw *json, const char *key, const char *value); /* NULL: null */
/* Returns whether it is valid UTF-8. */
bool jsonw_bytes(struct jsonw *json, const char *key, const void *value, size_t size);
void jsonw_hex(struct jsonw *json, const char *key, const void *value, size_t size);
void jsonw_u64(struct jsonw *json, const char *key, uint64_t value);
void jsonw_bool(struct jsonw *json, const char *key, bool value);

/* The path of a member of the object that is open: "process.parent.name". Truncated to size. */
void jsonw_path(const struct jsonw *json, const char *key, char *ret, size_t size);

/* Appends plain text, for lines that are not JSON. jsonw_printf(): 511 bytes at most. */
void jsonw_put(struct jsonw *json, const void *text, size_t size);
void jsonw_escaped(struct jsonw *json, const char *text); /* as escape_text() writes it */
void jsonw_printf(struct jsonw *json, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the text and a newline, and frees it. 0, -ENOMEM or the write's -errno. */
int jsonw_print(struct jsonw *json, FILE *out);

#endif
