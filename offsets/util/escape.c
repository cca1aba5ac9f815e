/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/escape.h"

/* Length of a sequence by its first byte; 0: none begins with it. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

size_t escape_sequence(const void *text, size_t size, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = text;
	size_t i, length = length_of(s[0]);
	uint32_t c;

	if (length < 2) {
		*ret = s[0];
		return length;
	}
	if (length > size)
		return 0;
	c = s[0] & (0xff >> (length + 1));
	for (i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[length] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	*ret = c;
	return length;
}

bool escape_needed(uint32_t c)
{
	/* General category Cf except characters with a glyph; separators; fillers; selectors. */
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x7f, 0x9f },     /* DEL, C1, NEL among them */
		{ 0xad, 0xad },     /* soft hyphen */
		{ 0x34f, 0x34f },   /* grapheme joiner */
		{ 0x61c, 0x61c },   /* Arabic letter mark */
		{ 0x115f, 0x1160 }, /* Hangul fillers */
		{ 0x17b4, 0x17b5 }, /* Khmer inherent vowels */
		{ 0x180b, 0x180f }, /* Mongolian selectors and separator */
		{ 0x200b, 0x200f }, /* zero width, marks of direction */
		{ 0x2028, 0x202e }, /* separators of lines and paragraphs, embeddings, overrides */
		{ 0x2060, 0x206f }, /* word joiner, invisible operators, isolates */
		{ 0x3164, 0x3164 }, /* Hangul filler */
		{ 0xfe00, 0xfe0f }, /* variation selectors */
		{ 0xfeff, 0xfeff }, /* byte order mark */
		{ 0xffa0, 0xffa0 }, /* halfwidth Hangul filler */
		{ 0xfff0, 0xfffb }, /* unassigned, annotations */
		{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
		{ 0x1d173, 0x1d17a }, /* musical format controls */
		{ 0xe0000, 0xe0fff }, /* tags, more variation selectors */
	};
	size_t i;

	if (c < 0x7f)
		return c < 0x20;
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && ranges[i].first <= c; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

/* plain: also requires that no character needs an escape. */
static bool utf8_check(const void *text, size_t size, bool plain)
{
	const unsigned char *s = text;
	size_t i, length;
	uint32_t c;

	for (i = 0; i < size; i += length) {
		length = escape_sequence(s + i, size - i, &c);
		if (!length || (plain && escape_needed(c)))
			return false;
	}
	return true;
}

bool escape_is_utf8(const void *text, size_t size)
{
	return utf8_check(text, size, false);
}

bool escape_is_plain(const void *text, size_t size)
{
	return utf8_check(text, size, true);
}

/* Writes a sequence, or the escapes of its bytes. 0: it does not fit. */
static size_t unit_write(const unsigned char *s, size_t length, bool plain, char *ret, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, size = plain ? length : 4 * length;

	if (size >= room)
		return 0;
	for (i = 0; !plain && i < length; i++, ret += 4)
		memcpy(ret, (char[]){ '\\', 'x', digits[s[i] >> 4], digits[s[i] & 15] }, 4);
	if (plain)
		memcpy(ret, s, length);
	return size;
}

/* keep: a character that is never escaped; NUL: none. */
static size_t text_write(const void *text, size_t size, char keep, char *ret, size_t ret_size)
{
	const unsigned char *s = text;
	size_t i = 0, n = 0, length, written;
	uint32_t c;

	while (i < size) {
		bool plain;

		length = escape_sequence(s + i, size - i, &c);
		plain = length && (!escape_needed(c) || (keep && s[i] == keep));
		length = length ? length : 1;
		written = unit_write(s + i, length, plain, ret + n, ret_size - n);
		if (!written)
			break;
		n += written;
		i += length;
	}
	ret[n] = '\0';
	return i;
}

size_t escape_text(const void *text, size_t size, char *ret, size_t ret_size)
{
	return text_write(text, size, '\0', ret, ret_size);
}

void escape_print(FILE *out, const char *format, ...)
{
	char *text = NULL, *escaped = NULL;
	va_list args;
	size_t size = 0;
	bool line;

	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0) {
		size = strlen(text);
		escaped = malloc(4 * size + 2);
	}
	va_end(args);
	if (escaped) {
		line = size && text[size - 1] == '\n';
		text_write(text, size - line, '\t', escaped, 4 * size + 1);
		if (line)
			strcat(escaped, "\n");
		fputs(escaped, out);
	} else {
		fputs("out of memory\n", out);
	}
	free(escaped);
	free(text);
}
