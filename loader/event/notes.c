/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/event/notes.h"
#include "loader/stream/strings.h"
#include "offsets/util/escape.h"

/* In "sextant", and at the end of a line for people. */
#define UNREAD_KEY "read_errors"
#define CUT_KEY    "truncated"

void notes_reset(struct notes *n)
{
	n->count = 0;
	n->full = false;
}

static bool noted(const struct notes *n, const struct note *note)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (n->list[i].type == note->type && !strcmp(n->list[i].name, note->name))
			return true;
	return false;
}

void notes_text(struct notes *n, const struct jsonw *json, enum note_type type, const char *key,
                const char *bytes, size_t size)
{
	struct note *note = &n->list[n->count];

	if (n->count == NOTES_MAX) {
		n->full = true;
		return;
	}
	note->type = type;
	note->bytes = bytes;
	note->size = size;
	jsonw_path(json, key, note->name, sizeof(note->name));
	n->count += !noted(n, note);
}

void notes_add(struct notes *n, const struct jsonw *json, enum note_type type, const char *key)
{
	notes_text(n, json, type, key, NULL, 0);
}

static void names_write(const struct notes *n, struct jsonw *json, enum note_type type,
                        const char *key)
{
	bool open = false;
	size_t i;

	for (i = 0; i < n->count; i++) {
		if (n->list[i].type != type)
			continue;
		if (!open)
			jsonw_array_open(json, key);
		open = true;
		jsonw_string(json, NULL, n->list[i].name);
	}
	if (open)
		jsonw_array_close(json);
}

/* As long as the list itself: null for a string that stands there exactly. */
static void list_write(struct jsonw *json, const struct note *note)
{
	size_t at, next, length;

	jsonw_array_open(json, note->name);
	for (at = 0; at < note->size; at += next) {
		next = strings_next(note->bytes + at, note->size - at, &length);
		if (escape_is_utf8(note->bytes + at, length))
			jsonw_string(json, NULL, NULL);
		else
			jsonw_hex(json, NULL, note->bytes + at, length);
	}
	jsonw_array_close(json);
}

static void raw_write(const struct notes *n, struct jsonw *json)
{
	bool open = false;
	size_t i;

	for (i = 0; i < n->count; i++) {
		const struct note *note = &n->list[i];

		if (note->type != NOTE_RAW && note->type != NOTE_LIST)
			continue;
		if (!open)
			jsonw_object_open(json, "raw");
		open = true;
		if (note->type == NOTE_LIST)
			list_write(json, note);
		else
			jsonw_hex(json, note->name, note->bytes, note->size);
	}
	if (open)
		jsonw_object_close(json);
}

void notes_write(const struct notes *n, struct jsonw *json)
{
	names_write(n, json, NOTE_UNREAD, UNREAD_KEY);
	names_write(n, json, NOTE_CUT, CUT_KEY);
	raw_write(n, json);
}

static void names_print(const struct notes *n, struct jsonw *out, enum note_type type,
                        const char *key)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (n->list[i].type == type)
			jsonw_printf(out, " %s:%s", key, n->list[i].name);
}

void notes_print(const struct notes *n, struct jsonw *out)
{
	names_print(n, out, NOTE_UNREAD, UNREAD_KEY);
	names_print(n, out, NOTE_CUT, CUT_KEY);
}
