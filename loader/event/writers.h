/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records (probes/abi/schema.h) in the forms of this folder: exec_json() writes
 * the members of the line, without the outermost braces; exec_text() what stands
 * behind time and class. exec_unmapped() writes what schemas have no names for:
 * "sextant" in ECS, "unmapped" in OCSF. A writer uses ecs.h or words.h, and no other writer.
 */
#ifndef LOADER_EVENT_WRITERS_H
#define LOADER_EVENT_WRITERS_H

#include "loader/event/format.h"

#define WRITERS(id, name, type, stack)                                  \
	void name##_json(struct format *f, const struct event *ev);     \
	void name##_unmapped(struct format *f, const struct event *ev); \
	void name##_text(struct jsonw *out, const struct event *ev);
RECORDS(WRITERS)

/* A line of JSON by the writer of the event's record: as line_form.event(). */
typedef void json_writer(struct format *f, const struct event *ev);
int json_event(struct format *f, const struct event *ev, json_writer *const *writers);

/*
 * What the sensor says of itself, in a form: format_loss_json() and so on; and the form of these
 * and of the caller's format_json(), for events.
 */
#define OWN_WRITERS(form)                                                                          \
	void format_loss_##form(struct format *f, uint64_t time_ns, const struct loss *loss);      \
	void format_agent_##form(struct format *f, uint64_t time_ns, enum agent_action action,     \
	                         const struct agent_report *report);                               \
	void format_class_##form(struct format *f, uint64_t time_ns, enum event_type type,         \
	                         const char *reason);                                              \
	void format_budget_##form(struct format *f, uint64_t time_ns,                              \
	                          const struct budget_report *budget, const char *executable);     \
	void format_hash_##form(struct format *f, uint64_t time_ns, const struct late_hash *late); \
	void format_container_##form(struct format *f, uint64_t time_ns,                           \
	                             const struct container_id *id);

#define LINE_FORM(form)                                                         \
	const struct line_form form_##form = { .event = format_##form,          \
		                               .loss = format_loss_##form,      \
		                               .agent = format_agent_##form,    \
		                               .of_class = format_class_##form, \
		                               .budget = format_budget_##form,  \
		                               .hash = format_hash_##form,      \
		                               .container = format_container_##form }

OWN_WRITERS(json)
OWN_WRITERS(text)

#endif
