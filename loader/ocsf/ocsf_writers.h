/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records: exec_ocsf() writes the members of the line, without the outermost
 * braces. It uses ocsf.h, and no other writer of this folder.
 */
#ifndef LOADER_OCSF_OCSF_WRITERS_H
#define LOADER_OCSF_OCSF_WRITERS_H

#include "loader/event/writers.h"

#define OCSF_WRITERS(id, name, type, stack) \
	void name##_ocsf(struct format *f, const struct event *ev);
RECORDS(OCSF_WRITERS)

/* The functions of form_ocsf. */
void format_loss_ocsf(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_agent_ocsf(struct format *format, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report);
void format_class_ocsf(struct format *format, uint64_t time_ns, enum event_type type,
                       const char *reason);
void format_budget_ocsf(struct format *format, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable);
void format_hash_ocsf(struct format *format, uint64_t time_ns, const struct late_hash *late);
void format_container_ocsf(struct format *format, uint64_t time_ns, const struct container_id *id);

#endif
