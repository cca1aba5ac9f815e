/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/ocsf/ocsf_form.h"
#include "loader/ocsf/ocsf_writers.h"

#define OCSF_WRITER(id, name, type, stack) [RECORD_##id] = name##_ocsf,

static int format_ocsf(struct format *f, const struct event *ev)
{
	static json_writer *const writers[RECORD_TYPES] = { RECORDS(OCSF_WRITER) };

	return json_event(f, ev, writers);
}

LINE_FORM(ocsf);
