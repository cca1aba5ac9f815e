/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/escape.h"
#include "loader/util/log.h"

#define TEXT_BYTES 8192
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
	char text[TEXT_BYTES], line[LINE_BYTES];
	size_t size = 0;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (dropped)
		size = snprintf(line, sizeof(line),
		                "sextant: %lu messages before this one could not be written\n",
		                dropped);
	size += snprintf(line + size, sizeof(line) - size, "sextant: ");
	escape_text(text, strlen(text), line + size, sizeof(line) - size - 1);
	size += strlen(line + size);
	line[size++] = '\n';
	if (write_all(line, size))
		dropped = 0;
	else
		dropped++;
}
