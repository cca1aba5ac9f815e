/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records: exec_audit() writes those of audit. It uses audit_task.h, and no
 * other writer.
 */
#ifndef LOADER_AUDIT_AUDIT_WRITERS_H
#define LOADER_AUDIT_AUDIT_WRITERS_H

#include "loader/audit/audit.h"
#include "loader/event/writers.h"

#define AUDIT_WRITERS(id, name, type, stack) \
	void name##_audit(struct audit *a, const struct event *ev);
RECORDS(AUDIT_WRITERS)

OWN_WRITERS(audit)

#endif
