/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define LINE_BYTES 16384

static unsigned long dropped;

/* poll() promises room for PIPE_BUF bytes in a pipe, so that this does not wait. */
static bool write_all(const char *text, size_t size)
{
	struct pollfd fd = { STDERR_FILENO, POLLOUT, 0 };

	while (size) {
		ssize_t n = size < PIPE_BUF ? size : PIPE_BUF;

		if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
			return false;
		n = write(STDERR_FILENO, text, n);
		if (n <= 0)
			return false;
		text += n;
		size -= n;
	}
	return true;
}

void log_line(const char *format, ...)
{
	char line[LINE_BYTES];
	size_t size = 0, room = sizeof(line) - 1;
	va_list args;

	if (dropped)
		size = snprintf(line, sizeof(line),
		                "sextant: %lu messages before this one could not be written\n",
		                dropped);
	size += snprintf(line + size, sizeof(line) - size, "sextant: ");
	va_start(args, format);
	size += vsnprintf(line + size, sizeof(line) - size, format, args);
	va_end(args);
	if (size > room)
		size = room;
	line[size++] = '\n';
	if (write_all(line, size))
		dropped = 0;
	else
		dropped++;
}
