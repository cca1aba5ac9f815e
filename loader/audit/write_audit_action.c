/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace to exec_failed as records of audit. */
#include <linux/bpf.h>
#include <string.h>

#include "loader/audit/audit_call.h"
#include "loader/audit/audit_file.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"
#include "loader/event/particulars.h"
#include "loader/stream/fields.h"

static bool knows_field(const struct event *ev, enum action_field field)
{
	return action_has_field(ev, field) && !event_unread(ev, field);
}

static uint32_t module_call(const struct event *ev)
{
	if (!event_unread(ev, FIELD_MODULE_OBJECT) && !ev->action.number)
		return CALL_DELETE_MODULE;
	return (ev->action.file & MODULE_IMAGES) == MODULE_IN_MEMORY ? CALL_INIT_MODULE
	                                                             : CALL_FINIT_MODULE;
}

/* The system call and the arguments that it has in place of what is known of the event. */
static struct audit_call call_of(const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool is_known = knows_field(ev, FIELD_ACTION_OBJECT);
	uint64_t number = is_known ? e->number : 0, value = is_known ? e->value : 0;
	uint64_t target = knows_field(ev, FIELD_ACTION_TARGET) ? e->target.pid : 0;

	switch (e->header.type) {
	case EVENT_PTRACE:
		return (struct audit_call){ .number = CALL_PTRACE,
			                    .args = { number, target, value } };
	case EVENT_PROCESS_ACCESS:
		return (struct audit_call){ .number = CALL_PROCESS_VM_READV, .args = { target } };
	case EVENT_SIGNAL:
		return (struct audit_call){ .number = CALL_KILL, .args = { target, number } };
	case EVENT_MEMFD:
		return (struct audit_call){ .number = CALL_MEMFD_CREATE };
	case EVENT_BPF:
		return (struct audit_call){ .number = CALL_BPF, .args = { BPF_PROG_LOAD } };
	case EVENT_MODULE:
		return (struct audit_call){ .number = module_call(ev),
			                    .items = module_has_file(ev) };
	default:
		return (struct audit_call){ .number = CALL_EXECVE };
	}
}

/* What those that succeed return is known where it is 0. */
static void outcome_take(const struct event *ev, struct audit_call *call)
{
	if (ev->header.type != EVENT_EXEC_FAILED && !knows_field(ev, FIELD_ACTION_OUTCOME))
		return;
	audit_call_ended(call, ev->action.error);
	call->has_exit = ev->action.error || ev->header.type == EVENT_SIGNAL ||
	                 ev->header.type == EVENT_PTRACE;
}

static void name_put(struct audit *a, const char *key, const struct event *ev)
{
	const struct action_event *e = &ev->action;

	if (event_unread(ev, FIELD_ACTION_OBJECT))
		audit_word(a, key, "(null)");
	else
		audit_own_text(a, key, e->text, strnlen(e->text, sizeof(e->text)));
}

static void program_put(struct audit *a, const struct event *ev)
{
	bool is_unread = event_unread(ev, FIELD_ACTION_OBJECT);

	audit_record(a, "BPF");
	audit_word(a, "prog-id", "?"); /* the kernel gives it later */
	audit_word(a, "op", "LOAD");
	audit_more_open(a, "bpf");
	name_put(a, "name", ev);
	audit_own_number_if(a, "type", ev->action.number, is_unread);
	audit_own_number_if(a, "instructions", ev->action.value, is_unread);
}

static void failed_path_put(struct audit *a, const struct event *ev)
{
	audit_record(a, "PATH");
	audit_number(a, "item", 0);
	name_put(a, "name", ev);
	audit_word(a, "nametype", "UNKNOWN");
}

static void module_put(struct audit *a, const struct event *ev)
{
	const struct audit_file file = { .has_numbers = !event_unread(ev, FIELD_MODULE_STAT) &&
		                                        !event_unread(ev, FIELD_MODULE_NUMBERS),
		                         .inode = ev->opened.inode,
		                         .device = ev->opened.device,
		                         .type = "NORMAL" };

	audit_record(a, "KERN_MODULE");
	name_put(a, "name", ev);
	if (module_has_file(ev))
		audit_file(a, 0, ev, FILE_PATH, &file);
}

/* An argument of 0 would be taken for what was asked. */
static void unread_put(struct audit *a, const struct event *ev, const char *key)
{
	if (!event_unread(ev, FIELD_ACTION_OBJECT))
		return;
	audit_more_open(a, event_type_name(ev->header.type));
	audit_own_word(a, key, "?");
}

static void object_put(struct audit *a, const struct event *ev)
{
	switch (ev->header.type) {
	case EVENT_PTRACE:
		unread_put(a, ev, "request");
		break;
	case EVENT_SIGNAL:
		unread_put(a, ev, "signal");
		break;
	case EVENT_PROCESS_ACCESS:
		audit_more_open(a, "process_access");
		audit_own_number_if(a, "access_mode", ev->action.number,
		                    event_unread(ev, FIELD_ACTION_OBJECT));
		break;
	case EVENT_MEMFD:
		audit_more_open(a, "memfd");
		name_put(a, "name", ev);
		break;
	case EVENT_BPF:
		program_put(a, ev);
		break;
	case EVENT_MODULE:
		module_put(a, ev);
		break;
	case EVENT_EXEC_FAILED:
		failed_path_put(a, ev);
		break;
	default:
		break;
	}
}

void action_audit(struct audit *a, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	struct audit_call call = call_of(ev);
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	outcome_take(ev, &call);
	if (ev->header.type == EVENT_EXEC_FAILED)
		call.items = 1;
	audit_syscall(a, ev, &task, &call);
	if (knows_field(ev, FIELD_ACTION_TARGET))
		audit_target(a, &e->target);
	object_put(a, ev);
	audit_end(a, &task);
}
