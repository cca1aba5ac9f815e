/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of hostile origin for people and programs: names of files and processes,
 * or from packages and debug data. Characters that control a terminal, end a
 * line, change its direction or are invisible are written as escapes.
 */
#ifndef OFFSETS_UTIL_ESCAPE_H
#define OFFSETS_UTIL_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Returns the length of the UTF-8 sequence at the start of text, and its
 * character in *ret. 0: no sequence (RFC 3629: no overlong forms, no
 * surrogates). size > 0.
 */
size_t escape_sequence(const void *text, size_t size, uint32_t *ret);

/* C0 and C1 controls, DEL, line separators, bidirectional and invisible characters. */
bool escape_needed(uint32_t character);

bool escape_is_utf8(const void *text, size_t size);

/* Valid UTF-8 in which no character needs an escape. */
bool escape_is_plain(const void *text, size_t size);

/*
 * For messages: writes each byte of a character that needs an escape, or of
 * invalid UTF-8, as \xNN. ret is truncated to ret_size > 0 bytes and ends with
 * NUL; 4 * size + 1 bytes always suffice. Returns the number of bytes of text
 * that were written.
 */
size_t escape_text(const void *text, size_t size, char *ret, size_t ret_size);

/*
 * fprintf() for messages and table rows, with the result escaped. Tabs and a
 * final newline are kept.
 */
void escape_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
