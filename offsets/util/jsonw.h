/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON writer for one object per line: no tree, one growing buffer that is
 * used again. Bytes that are no UTF-8 become U+FFFD; jsonw_bytes() says whether
 * there were any, so that a caller can add the exact bytes. Characters that
 * could deceive a reader or steer a terminal are escaped (escape.h).
 */
#ifndef OFFSETS_JSONW_H
#define OFFSETS_JSONW_H

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
/* Whether it is UTF-8. */
bool jsonw_bytes(struct jsonw *json, const char *key, const void *value, size_t size);
void jsonw_hex(struct jsonw *json, const char *key, const void *value, size_t size);
void jsonw_u64(struct jsonw *json, const char *key, uint64_t value);
void jsonw_bool(struct jsonw *json, const char *key, bool value);

/* Where a member of what is open would stand: "process.parent.name". Cut to size. */
void jsonw_path(const struct jsonw *json, const char *key, char *ret, size_t size);

/* Plain text into the same buffer, for lines that are no JSON. printf: 511 bytes at most. */
void jsonw_put(struct jsonw *json, const void *text, size_t size);
void jsonw_printf(struct jsonw *json, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the text and a newline, and frees it. 0, -ENOMEM or the write's -errno. */
int jsonw_print(struct jsonw *json, FILE *out);

#endif
