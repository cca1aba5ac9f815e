/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/util/log.h"
#include "offsets/util/escape.h"

#define TEXT_BYTES 8192
#define LINE_BYTES 16384

static enum log_level least_level = LEVEL_INFO;
static unsigned long dropped;

void log_level_set(enum log_level least)
{
	least_level = least;
}

bool log_level_parse(const char *name, enum log_level *ret)
{
	static const char *const names[LOG_LEVELS] = { "error", "warning", "info", "debug" };
	unsigned int level;

	for (level = 0; level < LOG_LEVELS; level++)
		if (!strcmp(name, names[level])) {
			*ret = level;
			return true;
		}
	return false;
}

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

static void text_write(const char *text)
{
	char line[LINE_BYTES];
	size_t size = 0;

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

static struct log_message recent[LOG_RECENT];
static size_t recent_count; /* of all that there were */

static void recent_add(const char *text)
{
	struct log_message *message = &recent[recent_count++ % LOG_RECENT];

	message->time = time(NULL);
	snprintf(message->text, sizeof(message->text), "%.255s", text);
}

size_t log_recent(struct log_message ret[LOG_RECENT])
{
	size_t count = recent_count < LOG_RECENT ? recent_count : LOG_RECENT, i;

	for (i = 0; i < count; i++)
		ret[i] = recent[(recent_count - count + i) % LOG_RECENT];
	return count;
}

void log_recent_forget(void)
{
	recent_count = 0;
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	if (level > least_level && level > LEVEL_WARNING)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (level <= LEVEL_WARNING)
		recent_add(text);
	if (level <= least_level)
		text_write(text);
}

void log_text(enum log_level level, const char *text)
{
	size_t size;

	for (; *text; text += size + (text[size] == '\n')) {
		size = strcspn(text, "\n");
		log_line(level, "%.*s", (int)size, text);
	}
}
