/* SPDX-License-Identifier: BSD-2-Clause */
/* From an event to its line: the writers of all records, and what is around them. */
#include <errno.h>

#include "loader/event/actions.h"
#include "loader/event/format.h"
#include "loader/event/line.h"
#include "loader/event/writers.h"
#include "loader/stream/fields.h"

#define JSON_WRITER(id, name, type, stack) [RECORD_##id] = name##_json,
#define TEXT_WRITER(id, name, type, stack) [RECORD_##id] = name##_text,

int json_event(struct format *f, const struct event *ev, json_writer *const *writers)
{
	f->event_ns = ev->header.time_ns;
	jsonw_reset(&f->json);
	notes_reset(&f->notes);
	jsonw_object_open(&f->json, NULL);
	writers[event_class_get(ev->header.type)->record](f, ev);
	jsonw_object_close(&f->json);
	if (f->json.failed)
		return -ENOMEM;
	return f->json.size > EVENT_LINE_MAX || f->notes.full ? -E2BIG : 0;
}

static int format_json(struct format *f, const struct event *ev)
{
	static json_writer *const writers[RECORD_TYPES] = { RECORDS(JSON_WRITER) };

	return json_event(f, ev, writers);
}

/* The paths that the JSON has. */
static void notes_take(struct format *f, const struct event *ev)
{
	notes_reset(&f->notes);
	if (ev->header.unread | ev->header.truncated)
		format_json(f, ev);
	jsonw_reset(&f->json);
}

static int format_text(struct format *f, const struct event *ev)
{
	static void (*const writers[RECORD_TYPES])(struct jsonw *,
	                                           const struct event *) = { RECORDS(TEXT_WRITER) };
	char time[CLOCK_TEXT_BYTES];

	notes_take(f, ev);
	clock_text(ev->header.time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s ", time + 11, event_type_name(ev->header.type));
	writers[event_class_get(ev->header.type)->record](&f->json, ev);
	notes_print(&f->notes, &f->json);
	if (f->json.failed)
		return -ENOMEM;
	return f->json.size > EVENT_LINE_MAX ? -E2BIG : 0;
}

LINE_FORM(json);
LINE_FORM(text);
