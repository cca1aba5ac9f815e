/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/config/amount.h"

#define SECOND_NS 1000000000ULL

/* The first factor is that of a number without a unit; units are those of the others. */
static uint64_t parse(const char *text, const char *units, const uint64_t *factors)
{
	unsigned long long value;
	const char *unit;
	char *end;
	size_t i = 0;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || !isdigit((unsigned char)*text))
		return 0;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1])
			return 0;
		i = unit - units + 1;
	}
	return value > UINT64_MAX / factors[i] ? 0 : value * factors[i];
}

uint64_t amount_count(const char *text)
{
	static const uint64_t factors[] = { 1 };

	return parse(text, "", factors);
}

uint64_t amount_bytes(const char *text)
{
	static const uint64_t factors[] = { 1, 1 << 10, 1 << 20, 1 << 30 };

	return parse(text, "KMG", factors);
}

uint64_t amount_time_ns(const char *text)
{
	static const uint64_t factors[] = { SECOND_NS, SECOND_NS, 60 * SECOND_NS, 3600 * SECOND_NS,
		                            86400 * SECOND_NS };

	return parse(text, "smhd", factors);
}
