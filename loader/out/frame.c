/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loader/out/frame.h"
#include "loader/out/line_time.h"

#define PRIORITY 86 /* authpriv, informational: RFC 5424, 6.2.1 */

#define SECOND_NS 1000000000

/* "2026-11-21T03:40:12.123456Z": RFC 5424 has six digits at most. */
static void time_of(const struct frame_line *line, char ret[64])
{
	uint64_t ns = line->now_ns;
	struct tm utc;
	time_t seconds;
	size_t size;

	line_time(line->text, line->size, &ns);
	seconds = ns / SECOND_NS;
	gmtime_r(&seconds, &utc);
	size = strftime(ret, 64, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(ret + size, 64 - size, ".%06uZ", (unsigned int)(ns % SECOND_NS / 1000));
}

/* RFC 5424: printable ASCII without blanks, up to 255; "-" for none. */
static void host_of(const struct frame_line *line, char ret[256])
{
	size_t i;

	for (i = 0; line->host[i] && i < 255; i++)
		ret[i] = line->host[i] > ' ' && line->host[i] < 0x7f ? line->host[i] : '_';
	ret[i] = '\0';
	if (!i)
		strcpy(ret, "-");
}

static size_t append(char *ret, size_t size, const struct frame_line *line)
{
	memcpy(ret + size, line->text, line->size);
	return size + line->size;
}

/* Without the message. */
static size_t syslog_header(const struct frame_line *line, char ret[FRAME_MORE_BYTES])
{
	char time[64], host[256];

	time_of(line, time);
	host_of(line, host);
	return snprintf(ret, FRAME_MORE_BYTES, "<%d>1 %s %s sextant %d %s - ", PRIORITY, time, host,
	                getpid(), line->tag);
}

size_t frame_syslog(const struct frame_line *line, char *ret)
{
	return append(ret, syslog_header(line, ret), line);
}

size_t frame_syslog_counted(const struct frame_line *line, char *ret)
{
	char header[FRAME_MORE_BYTES];
	size_t size = syslog_header(line, header);
	size_t used = snprintf(ret, 32, "%zu ", size + line->size);

	memcpy(ret + used, header, size);
	return append(ret, used + size, line);
}

size_t frame_syslog_local(const struct frame_line *line, char *ret)
{
	time_t seconds = line->now_ns / SECOND_NS;
	char time[32];
	struct tm local;

	localtime_r(&seconds, &local);
	strftime(time, sizeof(time), "%b %e %H:%M:%S", &local);
	return append(
		ret,
		snprintf(ret, FRAME_MORE_BYTES, "<%d>%s sextant[%d]: ", PRIORITY, time, getpid()),
		line);
}

size_t frame_journal(const struct frame_line *line, char *ret)
{
	size_t size = snprintf(ret, FRAME_MORE_BYTES,
	                       "PRIORITY=6\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=sextant\n"
	                       "SYSLOG_PID=%d\nSEXTANT_CLASS=%s\nMESSAGE=",
	                       getpid(), line->tag);

	size = append(ret, size, line);
	ret[size++] = '\n';
	return size;
}
