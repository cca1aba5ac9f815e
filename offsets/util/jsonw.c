/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"

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
	json->depth = 0;
	json->comma = false;
	json->failed = false;
}

char *jsonw_grow(struct jsonw *json, size_t size)
{
	size_t room = (json->size + size) * 2 + 256;
	char *text = json->failed ? NULL : realloc(json->text, room);

	if (!text) {
		json->failed = true;
		return NULL;
	}
	json->text = text;
	json->room = room;
	return json->text + json->size;
}

static void put_string(struct jsonw *json, const char *s)
{
	jsonw_put(json, s, strlen(s));
}

static const char digits[] = "0123456789abcdef";

/* "\u0001" */
static inline char *unit_escape(char *at, uint32_t unit)
{
	*at++ = '\\';
	*at++ = 'u';
	*at++ = digits[unit >> 12 & 15];
	*at++ = digits[unit >> 8 & 15];
	*at++ = digits[unit >> 4 & 15];
	*at++ = digits[unit & 15];
	return at;
}

static inline char *character_escape(char *at, uint32_t c)
{
	char letter = c == '"' || c == '\\' ? c : c == '\n' ? 'n' : c == '\t' ? 't' : 0;

	if (letter) {
		*at++ = '\\';
		*at++ = letter;
		return at;
	}
	if (c < 0x10000)
		return unit_escape(at, c);
	at = unit_escape(at, 0xd800 | (c - 0x10000) >> 10);
	return unit_escape(at, 0xdc00 | ((c - 0x10000) & 0x3ff));
}

/* ASCII characters that need no escape in a JSON string. */
static const unsigned char plain[256] = {
	[0x20 ... 0x21] = 1,
	[0x23 ... 0x5b] = 1,
	[0x5d ... 0x7e] = 1,
};

#define QUOTED_PER_BYTE 6 /* "\u0001" */

/* Writes one non-ASCII sequence and returns its length. 0: invalid UTF-8. */
static size_t sequence_put(char **at, const unsigned char *s, size_t size)
{
	uint32_t c;
	size_t length = escape_sequence(s, size, &c);

	if (!length) {
		memcpy(*at, "\xef\xbf\xbd", 3); /* U+FFFD */
		*at += 3;
	} else if (escape_needed(c)) {
		*at = character_escape(*at, c);
	} else {
		memcpy(*at, s, length);
		*at += length;
	}
	return length;
}

bool jsonw_quoted(struct jsonw *json, const void *value, size_t size)
{
	const unsigned char *s = value;
	char *at = jsonw_room(json, QUOTED_PER_BYTE * size + 2);
	size_t i = 0, length;
	bool valid = true;

	if (!at)
		return true;
	*at++ = '"';
	while (i < size) {
		for (length = 0; i + length < size && plain[s[i + length]]; length++)
			;
		memcpy(at, s + i, length);
		at += length;
		i += length;
		if (i == size)
			break;
		if (s[i] < 0x80) {
			at = character_escape(at, s[i++]);
			continue;
		}
		length = sequence_put(&at, s + i, size - i);
		valid = valid && length;
		i += length ? length : 1;
	}
	*at++ = '"';
	json->size = at - json->text;
	return valid;
}

void jsonw_open(struct jsonw *json, const char *key, char bracket)
{
	jsonw_put(json, &bracket, 1);
	json->comma = false;
	if (json->depth < JSONW_PATH_MAX)
		json->path[json->depth] = key;
	json->depth++;
}

static void close_with(struct jsonw *json, const char *bracket)
{
	jsonw_put(json, bracket, 1);
	json->comma = true;
	json->depth--;
}

void jsonw_object_close(struct jsonw *json)
{
	close_with(json, "}");
}

void jsonw_array_close(struct jsonw *json)
{
	close_with(json, "]");
}

void jsonw_members(struct jsonw *json, const void *text, size_t size)
{
	jsonw_put(json, text, size);
	json->comma = true;
}

void jsonw_path(const struct jsonw *json, const char *key, char *ret, size_t size)
{
	unsigned int i;
	size_t n = 0;

	ret[0] = '\0';
	for (i = 0; i < json->depth && i < JSONW_PATH_MAX; i++)
		if (json->path[i] && n < size)
			n += snprintf(ret + n, size - n, "%s.", json->path[i]);
	if (n < size)
		snprintf(ret + n, size - n, "%s", key);
}

void jsonw_string(struct jsonw *json, const char *key, const char *value)
{
	if (value) {
		jsonw_bytes(json, key, value, strlen(value));
		return;
	}
	jsonw_key(json, key);
	jsonw_put(json, "null", 4);
}

void jsonw_hex(struct jsonw *json, const char *key, const void *value, size_t size)
{
	const unsigned char *s = value;
	char *at;
	size_t i;

	jsonw_key(json, key);
	at = jsonw_room(json, 2 * size + 2);
	if (!at)
		return;
	*at++ = '"';
	for (i = 0; i < size; i++) {
		*at++ = digits[s[i] >> 4];
		*at++ = digits[s[i] & 15];
	}
	*at++ = '"';
	json->size = at - json->text;
}

/* Two digits at a time: their number costs a division. */
static char *decimal(char *end, uint64_t value)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324252627282930313233"
		"34353637383940414243444546474849505152535455565758596061626364656667"
		"6869707172737475767778798081828384858687888990919293949596979899";

	for (; value >= 100; value /= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (value % 100), 2);
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, pairs + 2 * value, 2);
		return end;
	}
	*--end = '0' + value;
	return end;
}

void jsonw_digits(struct jsonw *json, uint64_t value, unsigned int base, unsigned int width)
{
	char text[64], *const end = text + sizeof(text), *at = end;

	if (base == 10)
		at = decimal(at, value);
	else
		do
			*--at = digits[value % base];
		while (value /= base);
	while (width < sizeof(text) && at > end - width)
		*--at = '0';
	jsonw_put(json, at, end - at);
}

void jsonw_bool(struct jsonw *json, const char *key, bool value)
{
	jsonw_key(json, key);
	put_string(json, value ? "true" : "false");
}

void jsonw_escaped(struct jsonw *json, const char *text)
{
	size_t size = strlen(text), taken;
	char part[256];

	for (; size; text += taken, size -= taken) {
		taken = escape_text(text, size, part, sizeof(part));
		jsonw_put(json, part, strlen(part));
		if (!taken)
			break;
	}
}

void jsonw_printf(struct jsonw *json, const char *format, ...)
{
	char text[512];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	jsonw_put(json, text, size < (int)sizeof(text) ? size : (int)sizeof(text) - 1);
}

int jsonw_print(struct jsonw *json, FILE *out)
{
	int err = 0;

	jsonw_put(json, "\n", 1);
	if (json->failed)
		err = -ENOMEM;
	else if (fwrite(json->text, 1, json->size, out) != json->size)
		err = errno ? -errno : -EIO;
	jsonw_deinit(json);
	return err;
}
