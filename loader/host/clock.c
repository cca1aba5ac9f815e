/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/host/clock.h"

/* The wall clock was set, not merely read at another moment. */
#define STEP_NS 100000000

static int64_t now_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void clock_offsets_read(struct clock_offsets *ret)
{
	int64_t wall = now_ns(CLOCK_REALTIME);

	int64_t boottime_ns = wall - now_ns(CLOCK_BOOTTIME);

	ret->monotonic_ns = wall - now_ns(CLOCK_MONOTONIC);
	if (llabs(boottime_ns - ret->boottime_ns) > STEP_NS)
		ret->boottime_ns = boottime_ns;
}

/* The date of a second is made once: most events share it with the one before. */
void clock_text(uint64_t wall_ns, char ret[CLOCK_TEXT_BYTES])
{
	static time_t last_second = -1;
	static char last_text[32];
	time_t second = wall_ns / 1000000000;
	unsigned int fraction = wall_ns % 1000000000;
	int i;

	if (second != last_second) {
		struct tm tm;

		gmtime_r(&second, &tm);
		strftime(last_text, sizeof(last_text), "%Y-%m-%dT%H:%M:%S", &tm);
		last_second = second;
	}
	memcpy(ret, last_text, 19);
	ret[19] = '.';
	for (i = 28; i > 19; i--, fraction /= 10)
		ret[i] = '0' + fraction % 10;
	ret[29] = 'Z';
	ret[30] = '\0';
}
