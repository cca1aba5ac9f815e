/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words of a line for people. Text of hostile origin (names, paths, arguments) is
 * one word each: docs/events.md says how it is quoted.
 */
#ifndef LOADER_EVENT_WORDS_H
#define LOADER_EVENT_WORDS_H

#include "loader/stream/decode.h"
#include "offsets/util/jsonw.h"

/* One word that cannot look like two, or like the end of the line. */
void words_word(struct jsonw *out, const char *text, size_t size);

/* What could not be read: a text is never that without quotes. */
void words_unknown(struct jsonw *out);

void words_comm(struct jsonw *out, const char *name);
void words_text(struct jsonw *out, const struct event *ev, enum event_text text);

/* With a blank before it. */
void words_parent(struct jsonw *out, const struct event *ev, const struct parent_ids *p);
void words_uid(struct jsonw *out, uint32_t id, bool unread);

#endif
