/* SPDX-License-Identifier: BSD-2-Clause */
/* A call as a line of text, in the form that strace(1) has made known. */
#ifndef LOADER_TRACE_CALL_TEXT_H
#define LOADER_TRACE_CALL_TEXT_H

#include "loader/trace/call_seen.h"
#include "offsets/util/jsonw.h"

/* A number, as text: "O_RDONLY|O_CLOEXEC". */
void call_number_text(struct jsonw *out, enum call_form form, unsigned int bits,
                      const struct call_word *words, uint64_t value);

/* "openat(AT_FDCWD, "/etc/passwd", O_RDONLY" of what is known when it begins. */
void call_text_begin(struct jsonw *out, const struct call_seen *seen);
/* The rest, of what is known only when it returns: "...) = 3". */
void call_text_end(struct jsonw *out, const struct call_seen *seen);

#endif
