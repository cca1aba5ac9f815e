/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records: exec_audit() writes those of audit. It uses audit_task.h, and no
 * other writer.
 */
#ifndef LOADER_AUDIT_AUDIT_WRITERS_H
#define LOADER_AUDIT_AUDIT_WRITERS_H

#include "loader/audit/audit.h"
#include "loader/event/format.h"

#define AUDIT_WRITERS(id, name, type, stack) \
	void name##_audit(struct audit *a, const struct event *ev);
RECORDS(AUDIT_WRITERS)

/* The functions of form_audit. */
void format_loss_audit(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_agent_audit(struct format *format, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report);
void format_class_audit(struct format *format, uint64_t time_ns, enum event_type type,
                       const char *reason);
void format_budget_audit(struct format *format, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable);
void format_hash_audit(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_container_audit(struct format *format, uint64_t time_ns, const struct container_id *id);

#endif
