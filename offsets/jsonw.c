/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"

void jsonw_init(struct jsonw *json)
{
	memset(json, 0, sizeof(*json));
}

void jsonw_deinit(struct jsonw *json)
{
	free(json->text);
	jsonw_init(json);
}

void jsonw_reset(struct jsonw *json)
{
	json->size = 0;
	json->comma = false;
}

static void put(struct jsonw *json, const void *data, size_t size)
{
	if (json->size + size > json->room) {
		size_t room = (json->size + size) * 2 + 256;
		char *text = realloc(json->text, room);

		if (!text) {
			json->failed = true;
			return;
		}
		json->text = text;
		json->room = room;
	}
	memcpy(json->text + json->size, data, size);
	json->size += size;
}

static void put_string(struct jsonw *json, const char *s)
{
	put(json, s, strlen(s));
}

/*
 * Length of the UTF-8 sequence at s, 0 if there is none: RFC 3629, so no
 * overlong forms, no surrogates, nothing over U+10FFFF.
 */
static size_t utf8_length(const unsigned char *s, size_t size)
{
	size_t i, length;

	if (s[0] < 0x80)
		return 1;
	length = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
	         : (s[0] & 0xf0) == 0xe0        ? 3
	         : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
	                                        : 0;
	if (!length || length > size)
		return 0;
	for (i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

bool jsonw_utf8_valid(const void *value, size_t size)
{
	const unsigned char *s = value;
	size_t i, length;

	for (i = 0; i < size; i += length) {
		length = utf8_length(s + i, size - i);
		if (!length)
			return false;
	}
	return true;
}

static void put_escaped(struct jsonw *json, unsigned char c)
{
	char text[8];

	switch (c) {
	case '"':
		put(json, "\\\"", 2);
		return;
	case '\\':
		put(json, "\\\\", 2);
		return;
	case '\n':
		put(json, "\\n", 2);
		return;
	case '\t':
		put(json, "\\t", 2);
		return;
	}
	snprintf(text, sizeof(text), "\\u%04x", c);
	put(json, text, 6);
}

static void put_quoted(struct jsonw *json, const unsigned char *s, size_t size)
{
	size_t i = 0, plain, length;

	put(json, "\"", 1);
	while (i < size) {
		for (plain = i; i < size; i += length) {
			length = utf8_length(s + i, size - i);
			if (!length || s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] == 0x7f)
				break;
		}
		put(json, s + plain, i - plain);
		if (i == size)
			break;
		if (s[i] < 0x80)
			put_escaped(json, s[i]);
		else
			put_string(json, "\xef\xbf\xbd"); /* U+FFFD */
		i++;
	}
	put(json, "\"", 1);
}

static void put_key(struct jsonw *json, const char *key)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
	if (!key)
		return;
	put(json, "\"", 1);
	put_string(json, key);
	put(json, "\":", 2);
}

static void open_with(struct jsonw *json, const char *key, const char *bracket)
{
	put_key(json, key);
	put(json, bracket, 1);
	json->comma = false;
}

static void close_with(struct jsonw *json, const char *bracket)
{
	put(json, bracket, 1);
	json->comma = true;
}

void jsonw_object_open(struct jsonw *json, const char *key)
{
	open_with(json, key, "{");
}

void jsonw_object_close(struct jsonw *json)
{
	close_with(json, "}");
}

void jsonw_array_open(struct jsonw *json, const char *key)
{
	open_with(json, key, "[");
}

void jsonw_array_close(struct jsonw *json)
{
	close_with(json, "]");
}

void jsonw_bytes(struct jsonw *json, const char *key, const void *value, size_t size)
{
	put_key(json, key);
	put_quoted(json, value, size);
}

void jsonw_string(struct jsonw *json, const char *key, const char *value)
{
	if (value) {
		jsonw_bytes(json, key, value, strlen(value));
		return;
	}
	put_key(json, key);
	put(json, "null", 4);
}

void jsonw_hex(struct jsonw *json, const char *key, const void *value, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = value;
	size_t i;

	put_key(json, key);
	put(json, "\"", 1);
	for (i = 0; i < size; i++)
		put(json, (char[]){ digits[s[i] >> 4], digits[s[i] & 15] }, 2);
	put(json, "\"", 1);
}

void jsonw_u64(struct jsonw *json, const char *key, uint64_t value)
{
	char text[24];

	put_key(json, key);
	put(json, text, snprintf(text, sizeof(text), "%" PRIu64, value));
}

void jsonw_bool(struct jsonw *json, const char *key, bool value)
{
	put_key(json, key);
	put_string(json, value ? "true" : "false");
}

void jsonw_printf(struct jsonw *json, const char *format, ...)
{
	char text[512];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(json, text, size < (int)sizeof(text) ? size : (int)sizeof(text) - 1);
}

int jsonw_print(struct jsonw *json, FILE *out)
{
	int err = 0;

	put(json, "\n", 1);
	if (json->failed)
		err = -ENOMEM;
	else if (fwrite(json->text, 1, json->size, out) != json->size)
		err = errno ? -errno : -EIO;
	jsonw_deinit(json);
	return err;
}
