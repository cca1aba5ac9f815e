/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "lkccb/cmd/epoch.h"
#include "offsets/signature/signature.h"

#define YEAR_9999_ENDS 253402300799ULL

int epoch_read(uint64_t *ret, struct offsets_error *error)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;
	char *end;

	*ret = 0;
	if (!text)
		return 0;
	errno = 0;
	seconds = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || !seconds ||
	    seconds > SIGNATURE_SERIAL_MAX)
		return offsets_fail(error, -EINVAL,
		                    "SOURCE_DATE_EPOCH: not a number of seconds: %s; correct or "
		                    "unset it",
		                    text);
	*ret = seconds;
	return 0;
}

void epoch_text(uint64_t seconds, char ret[EPOCH_TEXT_MAX])
{
	time_t time = seconds < YEAR_9999_ENDS ? seconds : YEAR_9999_ENDS;
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(ret, EPOCH_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
