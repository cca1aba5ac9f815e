/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What processes write to terminals as records of audit. Not as a record TTY: that is what
 * a user types.
 */
#include "loader/audit/audit_call.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"

void terminal_audit(struct audit *a, const struct event *ev)
{
	const struct terminal_event *e = &ev->terminal;
	struct audit_call call = { .number = CALL_WRITE, .outcome = AUDIT_SUCCESS };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	audit_task_tty(&task, e->tty);
	audit_syscall(a, ev, &task, &call);
	audit_more_open(a, "terminal");
	if (event_unread(ev, FIELD_TERMINAL_TEXT))
		audit_own_word(a, "text", "?");
	else
		audit_own_text(a, "text", ev->text, ev->text_size);
	audit_own_number(a, "skipped", e->skipped);
	audit_end(a, &task);
}
