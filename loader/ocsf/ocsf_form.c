/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/ocsf/ocsf_form.h"
#include "loader/ocsf/ocsf_writers.h"

#define OCSF_WRITER(id, name, type, stack) [RECORD_##id] = name##_ocsf,

static int format_ocsf(struct format *f, const struct event *ev)
{
	static json_writer *const writers[RECORD_TYPES] = { RECORDS(OCSF_WRITER) };

	return json_event(f, ev, writers);
}

const struct line_form form_ocsf = { .event = format_ocsf,
	                              .loss = format_loss_ocsf,
	                              .agent = format_agent_ocsf,
	                              .of_class = format_class_ocsf,
	                              .budget = format_budget_ocsf,
	                              .hash = format_hash_ocsf,
	                              .container = format_container_ocsf };
