/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of hostile origin in what people and programs read: names of files, of
 * processes, out of packages and debug data. Characters that steer a terminal,
 * end a line, turn its direction or cannot be seen are written as escapes.
 */
#ifndef OFFSETS_ESCAPE_H
#define OFFSETS_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Length of the UTF-8 sequence at the beginning of text, and its character.
 * 0: there is none (RFC 3629: no overlong forms, no surrogates). size > 0.
 */
size_t escape_sequence(const void *text, size_t size, uint32_t *ret);

/* C0 and C1 controls, DEL, separators of lines, bidirectional and invisible characters. */
bool escape_needed(uint32_t character);

bool escape_is_utf8(const void *text, size_t size);

/* UTF-8 without a character that needs an escape. */
bool escape_is_plain(const void *text, size_t size);

/*
 * For messages: each byte of what needs an escape, or is no UTF-8, as \xNN. Ends
 * ret with NUL, and cuts where it has no more room. Returns how many bytes of
 * text are in it. ret_size > 0; four times the size of text and one byte are always enough.
 */
size_t escape_text(const void *text, size_t size, char *ret, size_t ret_size);

/*
 * fprintf() for messages and lines of tables: escapes the text that comes out.
 * What stays are tabs, and a newline at the end.
 */
void escape_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
