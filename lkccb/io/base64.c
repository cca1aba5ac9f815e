/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lkccb/io/base64.h"

/* The value of a digit in base64, or -1. */
static int digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

bool base64_text(const char *text, size_t size, char *ret, size_t ret_size)
{
	unsigned int bits = 0;
	size_t i, used = 0;

	if (size % 4 || size / 4 * 3 >= ret_size)
		return false;
	while (size && text[size - 1] == '=' && (size % 4 == 0 || size % 4 == 3))
		size--;
	for (i = 0; i < size; i++) {
		if (digit(text[i]) < 0)
			return false;
		bits = bits << 6 | digit(text[i]);
		if (i % 4)
			ret[used++] = bits >> (6 - i % 4 * 2) & 0xff;
	}
	ret[used] = '\0';
	return true;
}
