/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records (probes/abi/schema.h). exec_json() and exec_ocsf() write
 * the members of the line, without the outermost braces; exec_text() what stands
 * behind time and class; exec_audit() the records of audit. exec_own() writes what the
 * schemas have no names for: "sextant" in ECS, "unmapped" in OCSF. A writer uses ecs.h,
 * ocsf.h, words.h or audit_task.h, and no other writer.
 */
#ifndef LOADER_EVENT_WRITERS_H
#define LOADER_EVENT_WRITERS_H

#include "loader/event/audit.h"
#include "loader/event/format.h"

#define WRITERS(id, name, type, stack)                               \
	void name##_json(struct format *f, const struct event *ev);  \
	void name##_text(struct jsonw *out, const struct event *ev); \
	void name##_ocsf(struct format *f, const struct event *ev);  \
	void name##_own(struct format *f, const struct event *ev);   \
	void name##_audit(struct audit *a, const struct event *ev);
RECORDS(WRITERS)

/* The functions of form_json, form_text, form_ocsf and form_audit (format.h). */
int format_json(struct format *format, const struct event *ev);
int format_ocsf(struct format *format, const struct event *ev);
int format_text(struct format *format, const struct event *ev);
int format_audit(struct format *format, const struct event *ev);
void format_loss_json(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_loss_text(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_loss_audit(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_agent_json(struct format *format, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report);
void format_agent_text(struct format *format, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report);
void format_agent_audit(struct format *format, uint64_t time_ns, enum agent_action action,
                        const struct agent_report *report);
void format_class_json(struct format *format, uint64_t time_ns, enum event_type type,
                       const char *reason);
void format_class_text(struct format *format, uint64_t time_ns, enum event_type type,
                       const char *reason);
void format_class_audit(struct format *format, uint64_t time_ns, enum event_type type,
                        const char *reason);
void format_hash_json(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_hash_text(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_hash_audit(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_container_json(struct format *format, uint64_t time_ns, const struct container_id *id);
void format_container_text(struct format *format, uint64_t time_ns, const struct container_id *id);
void format_container_audit(struct format *format, uint64_t time_ns, const struct container_id *id);
void format_container_ocsf(struct format *format, uint64_t time_ns, const struct container_id *id);
void format_budget_json(struct format *format, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable);
void format_loss_ocsf(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_agent_ocsf(struct format *format, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report);
void format_class_ocsf(struct format *format, uint64_t time_ns, enum event_type type,
                       const char *reason);
void format_hash_ocsf(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_budget_ocsf(struct format *format, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable);
void format_budget_text(struct format *format, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable);
void format_budget_audit(struct format *format, uint64_t time_ns,
                         const struct budget_report *budget, const char *executable);

#endif
