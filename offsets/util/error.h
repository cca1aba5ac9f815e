/* SPDX-License-Identifier: BSD-2-Clause */
/* What a failed call says to people. Installed with offsets/offsets.h, which includes it. */
#ifndef OFFSETS_UTIL_ERROR_H
#define OFFSETS_UTIL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* The caller's memory. Set by a failed call only. */
struct offsets_error {
	char text[512]; /* one line, ended by NUL, without a newline */
};

/*
 * Writes the line and returns err, so that a caller can return it at once. Bytes
 * of names in it that could begin another line or control a terminal are written
 * as \xNN.
 */
int offsets_fail(struct offsets_error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif
#endif
