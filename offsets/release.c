/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "offsets/release.h"

#define SERIES_BYTES 16 /* a longer one is no number of a kernel */

size_t offsets_release_series(const char *release)
{
	size_t size = strspn(release, "0123456789");

	if (size && release[size] == '.')
		size += 1 + strspn(release + size + 1, "0123456789");
	return size < SERIES_BYTES ? size : 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const char *offsets_release_flavour(const char *release)
{
	const char *at, *dot = NULL;

	for (at = release; *at; at++) {
		if (*at == '-' && is_letter(at[1]))
			return at + 1;
		if (*at == '.' && is_letter(at[1]) && !dot)
			dot = at + 1;
	}
	return dot ? dot : at;
}

static int series_compare(const char *a, const char *b)
{
	char one[SERIES_BYTES], other[SERIES_BYTES];

	snprintf(one, sizeof(one), "%.*s", (int)offsets_release_series(a), a);
	snprintf(other, sizeof(other), "%.*s", (int)offsets_release_series(b), b);
	return strverscmp(one, other);
}

int offsets_release_compare_stream(const char *a, const char *b)
{
	int c = series_compare(a, b);

	return c ? c : strcmp(offsets_release_flavour(a), offsets_release_flavour(b));
}
