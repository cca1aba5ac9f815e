/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/host/clock.h"

/* The wall clock was set, not merely read at another moment. */
#define STEP_NS 100000000

#define READINGS  8 /* until one is narrow */
#define NARROW_NS 10000

static int64_t now_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* From a clock to the wall clock; off by at most error_ns. */
struct reading {
	int64_t offset_ns, error_ns;
};

/* The narrowest of some readings: the process may be preempted in the middle of one. */
static struct reading clock_compare(clockid_t id)
{
	struct reading best = { 0, INT64_MAX };
	int i;

	for (i = 0; i < READINGS && best.error_ns > NARROW_NS; i++) {
		int64_t before = now_ns(id), wall = now_ns(CLOCK_REALTIME), after = now_ns(id);

		if (after - before < best.error_ns)
			best = (struct reading){ wall - before, after - before };
	}
	return best;
}

/* Only the setting of the wall clock changes an offset: a mere reading must not, or events that
 * come after one another would have times that do not. */
void clock_offsets_read(struct clock_offsets *ret)
{
	struct reading monotonic = clock_compare(CLOCK_MONOTONIC);
	struct reading boottime = clock_compare(CLOCK_BOOTTIME);

	if (llabs(monotonic.offset_ns - ret->monotonic_ns) > monotonic.error_ns + NARROW_NS)
		ret->monotonic_ns = monotonic.offset_ns;
	if (llabs(boottime.offset_ns - ret->boottime_ns) > STEP_NS)
		ret->boottime_ns = boottime.offset_ns;
}

/* The date of a second is made once: most events share it with the one before. */
void clock_text(uint64_t wall_ns, char ret[CLOCK_TEXT_BYTES])
{
	/* An event has the times of its processes as well: some seconds are asked for again and
	 * again. */
	static struct {
		time_t second;
		char text[32];
	} known[16] = { [0] = { -1, "" } };
	time_t second = wall_ns / 1000000000;
	unsigned int fraction = wall_ns % 1000000000, slot = second % 16;
	int i;

	if (second != known[slot].second || !*known[slot].text) {
		struct tm tm;

		gmtime_r(&second, &tm);
		strftime(known[slot].text, sizeof(known[slot].text), "%Y-%m-%dT%H:%M:%S", &tm);
		known[slot].second = second;
	}
	memcpy(ret, known[slot].text, 19);
	ret[19] = '.';
	for (i = 28; i > 19; i--, fraction /= 10)
		ret[i] = '0' + fraction % 10;
	ret[29] = 'Z';
	ret[30] = '\0';
}
