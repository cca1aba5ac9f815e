/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "loader/audit/audit_execve.h"
#include "loader/audit/audit_form.h"
#include "loader/audit/audit_writers.h"
#include "loader/event/line.h"
#include "loader/stream/fields.h"

/* A byte becomes two of hex; but an empty argument is ten, as in ' a32767=""'. */
#define LINE_AUDIT_PER_BYTE 10

/* Each record of arguments has more than half of what it may have, beside its header. */
_Static_assert(LINE_ARGV_BYTES *LINE_AUDIT_PER_BYTE * 5 / 4 + LINE_TEXTS_BYTES * 2 +
                               LINE_FIXED_BYTES <=
                       EVENT_LINE_MAX,
               "the longest exec has to fit");

#define AUDIT_WRITER(id, name, type, stack) [RECORD_##id] = name##_audit,

static int format_audit(struct format *f, const struct event *ev)
{
	static void (*const writers[RECORD_TYPES])(
		struct audit *, const struct event *) = { RECORDS(AUDIT_WRITER) };
	struct audit a;

	f->event_ns = ev->header.time_ns;
	audit_open(&a, f, ev->header.time_ns);
	writers[event_class_get(ev->header.type)->record](&a, ev);
	if (f->json.failed)
		return -ENOMEM;
	return f->json.size > EVENT_LINE_MAX ? -E2BIG : 0;
}

LINE_FORM(audit);
