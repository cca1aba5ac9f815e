/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts: audit_log_exit(), audit_log_task_info() and audit_log_pid_context() of Linux 6.1. */
#include <stdio.h>
#include <string.h>

#include "loader/audit/audit_task.h"
#include "loader/event/ecs.h"
#include "loader/stream/fields.h"

void audit_task_ids(struct audit_task *task, const struct credentials *c)
{
	task->uid = c->uid;
	task->gid = c->gid;
	task->euid = c->euid;
	task->suid = c->suid;
	task->fsuid = c->fsuid;
	task->egid = c->egid;
	task->sgid = c->sgid;
	task->fsgid = c->fsgid;
}

/* What the cache has of the process, as of the event. */
static void known_take(struct audit_task *task, const struct cached *known)
{
	if (!known)
		return;
	task->ses = known->session;
	task->exe = known->exe;
	task->exe_size = known->exe_size;
	task->args = known->args;
}

void audit_task_init(struct audit *a, const struct event *ev, const struct parent_ids *parent,
                     const char *comm, uint32_t uid, struct audit_task *ret)
{
	static const struct credentials unset = { AUDIT_UNSET, AUDIT_UNSET, AUDIT_UNSET,
		                                  AUDIT_UNSET, AUDIT_UNSET, AUDIT_UNSET,
		                                  AUDIT_UNSET, AUDIT_UNSET, .cap_bset = 0 };
	const struct process_ids *p = &ev->head.process;

	*ret = (struct audit_task){ .pid = p->pid,
		                    .ppid = AUDIT_UNSET,
		                    .auid = AUDIT_UNSET,
		                    .ses = AUDIT_UNSET,
		                    .tty = "?",
		                    .comm = comm };
	if (parent && !event_unread(ev, FIELD_PARENT))
		ret->ppid = parent->pid;
	audit_task_ids(ret, &unset);
	ret->uid = uid;
	known_take(ret, ecs_program(a->format, ecs_known(a->format, p->pid, p->start_boottime_ns,
	                                                 event_unread(ev, FIELD_START))));
}

/* It comes from the kernel's names of terminals, which have no other characters. */
void audit_task_tty(struct audit_task *task, const char *tty)
{
	size_t size = strnlen(tty, EVENTS_TTY_BYTES);

	if (audit_needs_hex(tty, size))
		return;
	snprintf(task->tty, sizeof(task->tty), "%.*s", (int)size, tty);
	if (!size)
		strcpy(task->tty, "(none)");
}

void audit_call_ended(struct audit_call *call, uint32_t error)
{
	call->outcome = error ? AUDIT_FAILURE : AUDIT_SUCCESS;
	call->has_exit = true;
	call->exit = -(int64_t)error;
}

static void outcome_put(struct audit *a, const struct audit_call *call)
{
	if (call->outcome != AUDIT_NOT_KNOWN)
		audit_word(a, "success", call->outcome == AUDIT_SUCCESS ? "yes" : "no");
	if (call->has_exit)
		audit_signed(a, "exit", call->exit);
}

static void arguments_put(struct audit *a, const struct audit_call *call)
{
	static const char *const names[] = { "a0", "a1", "a2", "a3" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		audit_hexadecimal(a, names[i], call->args[i], 0);
	audit_number(a, "items", call->items);
}

static void ids_put(struct audit *a, const struct audit_task *t)
{
	if (t->ppid == AUDIT_UNSET)
		audit_word(a, "ppid", "?");
	else
		audit_number(a, "ppid", t->ppid);
	audit_number(a, "pid", t->pid);
	audit_number(a, "auid", t->auid);
	audit_number(a, "uid", t->uid);
	audit_number(a, "gid", t->gid);
	audit_number(a, "euid", t->euid);
	audit_number(a, "suid", t->suid);
	audit_number(a, "fsuid", t->fsuid);
	audit_number(a, "egid", t->egid);
	audit_number(a, "sgid", t->sgid);
	audit_number(a, "fsgid", t->fsgid);
	audit_word(a, "tty", t->tty);
	audit_number(a, "ses", t->ses);
}

void audit_exe(struct audit *a, const struct audit_task *t)
{
	size_t size = t->exe_size < AUDIT_PATH_BYTES ? t->exe_size : AUDIT_PATH_BYTES;

	if (t->exe)
		audit_text(a, "exe", t->exe + t->exe_size - size, size);
	else
		audit_word(a, "exe", "(null)");
}

void audit_syscall(struct audit *a, const struct event *ev, const struct audit_task *task,
                   const struct audit_call *call)
{
	const char *class = event_type_name(ev->header.type);

	audit_record(a, "SYSCALL");
	audit_word(a, "arch", "c000003e"); /* AUDIT_ARCH_X86_64 */
	audit_number(a, "syscall", call->number);
	outcome_put(a, call);
	arguments_put(a, call);
	ids_put(a, task);
	audit_comm(a, "comm", task->comm);
	audit_exe(a, task);
	audit_word(a, "key", "\"sextant_");
	jsonw_put(a->out, class, strlen(class));
	jsonw_put(a->out, "\"", 1);
}

void audit_end(struct audit *a, const struct audit_task *task)
{
	audit_title(a, task->args.text, task->args.size);
	audit_eoe(a);
}

void audit_target(struct audit *a, const struct parent_ids *target)
{
	audit_record(a, "OBJ_PID");
	audit_number(a, "opid", target->pid);
	audit_signed(a, "oauid", -1); /* the kernel writes these as %d */
	audit_signed(a, "ouid", -1);
	audit_signed(a, "oses", -1);
	if (target->start_boottime_ns)
		audit_comm(a, "ocomm", target->comm);
	else
		audit_word(a, "ocomm", "(null)"); /* known by its number alone */
}

void audit_own_open(struct audit *a, const struct audit_task *task, const char *op)
{
	audit_record(a, "TRUSTED_APP");
	audit_number(a, "pid", task->pid);
	audit_number(a, "uid", task->uid);
	audit_number(a, "auid", task->auid);
	audit_number(a, "ses", task->ses);
	audit_word(a, "msg", "'op=");
	jsonw_put(a->out, op, strlen(op));
}

void audit_more_open(struct audit *a, const char *op)
{
	audit_record(a, "KERNEL_OTHER");
	audit_own_word(a, "op", op);
}

void audit_own_word(struct audit *a, const char *key, const char *word)
{
	audit_word(a, key, "\"");
	jsonw_put(a->out, word, strlen(word));
	jsonw_put(a->out, "\"", 1);
}

void audit_own_number(struct audit *a, const char *key, uint64_t value)
{
	audit_word(a, key, "\"");
	jsonw_digits(a->out, value, 10, 0);
	jsonw_put(a->out, "\"", 1);
}

void audit_own_number_if(struct audit *a, const char *key, uint64_t value, bool is_unread)
{
	if (is_unread)
		audit_own_word(a, key, "?");
	else
		audit_own_number(a, key, value);
}

/* A quote of either kind would end it. */
void audit_own_text(struct audit *a, const char *key, const char *text, size_t size)
{
	audit_word(a, key, "");
	if (memchr(text, '\'', size))
		audit_bytes(a->out, text, size);
	else
		audit_string(a->out, text, size);
}

void audit_own_path(struct audit *a, const char *key, const char *path, size_t size)
{
	size_t kept = size < AUDIT_OWN_BYTES ? size : AUDIT_OWN_BYTES;

	audit_own_text(a, key, path + size - kept, kept);
}

void audit_own_close(struct audit *a, bool has_failed)
{
	audit_word(a, "res", has_failed ? "failed'" : "success'");
}
