/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two beginnings of lines in JSON:
 *	{"@timestamp":"2026-11-28T04:23:54.404631220Z",		ECS
 *	{"class_uid":1007,"time":1795926234404,			OCSF, in ms
 */
#include <string.h>
#include <time.h>

#include "loader/out/line_time.h"

#define ECS_BEGIN  "{\"@timestamp\":\""
#define OCSF_BEGIN "{\"class_uid\":"
#define OCSF_TIME  ",\"time\":"

/* Of class_uid, and of a time in ms up to the year 5138. */
#define CLASS_DIGITS 4
#define MS_DIGITS    14

#define SECOND_NS 1000000000ULL

/* Behind text, which the line has at that place; else NULL. */
static const char *behind(const char *at, const char *end, const char *text)
{
	size_t size = strlen(text);

	return at && (size_t)(end - at) >= size && !memcmp(at, text, size) ? at + size : NULL;
}

/* Digits up to a maximum, and how many there were. */
static unsigned int digits_read(const char **at, const char *end, unsigned int max, uint64_t *ret)
{
	unsigned int count = 0;

	for (*ret = 0; *at < end && count < max && **at >= '0' && **at <= '9'; ++*at, count++)
		*ret = *ret * 10 + (**at - '0');
	return count;
}

static bool ecs_read(const char *at, const char *end, uint64_t *ret)
{
	unsigned int digits = 0;
	struct tm tm = { 0 };
	uint64_t ns = 0;
	char text[32];

	if (!at || (size_t)(end - at) < sizeof(text))
		return false;
	memcpy(text, at, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	at = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!at)
		return false;
	if (*at++ == '.')
		digits = digits_read(&at, text + sizeof(text), 9, &ns);
	for (; digits < 9; digits++)
		ns *= 10;
	*ret = (uint64_t)timegm(&tm) * SECOND_NS + ns;
	return true;
}

static bool ocsf_read(const char *at, const char *end, uint64_t *ret)
{
	uint64_t class, ms;

	if (!at || digits_read(&at, end, CLASS_DIGITS, &class) != CLASS_DIGITS)
		return false;
	at = behind(at, end, OCSF_TIME);
	if (!at || !digits_read(&at, end, MS_DIGITS, &ms))
		return false;
	*ret = ms * 1000000;
	return true;
}

bool line_time(const char *line, size_t size, uint64_t *ret)
{
	const char *end = line + size;

	return ecs_read(behind(line, end, ECS_BEGIN), end, ret) ||
	       ocsf_read(behind(line, end, OCSF_BEGIN), end, ret);
}
