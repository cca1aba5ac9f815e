/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor's own messages, on standard error. A reader that holds the pipe and
 * does not read never stops the sensor: a message that cannot be written at once
 * is dropped and counted, and the next one that can be says how many are missing.
 */
#ifndef LOADER_LOG_H
#define LOADER_LOG_H

/* One line: "sextant: TEXT\n"; bytes that could steer a terminal are escaped. 8 KiB at most, the
 * rest is cut. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
