/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of an event has to be said beside its fields, noted while they are
 * written, by the names that stand in the event: what could not be read, what
 * was cut, and texts that JSON cannot carry exactly.
 */
#ifndef LOADER_EVENT_NOTES_H
#define LOADER_EVENT_NOTES_H

#include <stdbool.h>

#include "offsets/util/jsonw.h"

enum note_type {
	NOTE_UNREAD, /* sextant.read_errors */
	NOTE_CUT,    /* sextant.truncated */
	NOTE_RAW,    /* sextant.raw */
	NOTE_LIST,   /* the same of strings, each ended by NUL, which the last may lack */
};

#define NOTES_MAX     128
#define NOTE_NAME_MAX 64

struct note {
	enum note_type type;
	char name[NOTE_NAME_MAX]; /* "process.parent.name" */
	const char *bytes;        /* of a text: the caller's, until notes_write() */
	size_t size;
};

struct notes {
	size_t count;
	bool full; /* there were more */
	struct note list[NOTES_MAX];
};

void notes_reset(struct notes *notes);

/* Of a member of what is open in json. The same note twice is one. */
void notes_add(struct notes *notes, const struct jsonw *json, enum note_type type, const char *key);
void notes_text(struct notes *notes, const struct jsonw *json, enum note_type type, const char *key,
                const char *bytes, size_t size);

/* read_errors, truncated and raw, each if there is something in it. */
void notes_write(const struct notes *notes, struct jsonw *json);

/* " read_errors:PATH ... truncated:PATH ..." for a line for people. */
void notes_print(const struct notes *notes, struct jsonw *out);

#endif
