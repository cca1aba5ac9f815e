/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor's own messages, on standard error. They never stop the sensor: a
 * message that cannot be written at once, because the reader of the pipe does
 * not read, is dropped and counted, and the next message that can be written is
 * preceded by the count.
 */
#ifndef LOADER_UTIL_LOG_H
#define LOADER_UTIL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* From the most to the least important. */
enum log_level {
	LEVEL_ERROR,   /* the command fails */
	LEVEL_WARNING, /* events are lost, missing or incomplete */
	LEVEL_INFO,    /* what the sensor does; the default */
	LEVEL_DEBUG,   /* what libbpf and the kernel's verifier say */
	LOG_LEVELS
};

/* Less important messages are not written from here on. */
void log_level_set(enum log_level least);

/* "error", "warning", "info" or "debug". False: there is no such level. */
bool log_level_parse(const char *name, enum log_level *ret);

/*
 * Writes one line, "sextant: TEXT\n". Bytes that could steer a terminal or end
 * the line are escaped. The text is cut at 8 KiB.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A warning or an error. */
struct log_message {
	time_t time;
	char text[256]; /* cut there */
};

#define LOG_RECENT 8

/* The last ones of this process, the oldest first; also those that were not written. How many. */
size_t log_recent(struct log_message ret[LOG_RECENT]);

/* Those until now are forgotten. */
void log_recent_forget(void);

/* Writes each line of a text of many lines as log_line() does. */
void log_text(enum log_level level, const char *text);

#endif
