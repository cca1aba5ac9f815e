/* SPDX-License-Identifier: BSD-2-Clause */
/* exec, fork, thread and exit as records of audit. */
#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "loader/audit/audit_call.h"
#include "loader/audit/audit_execve.h"
#include "loader/audit/audit_file.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"

/* ---- exec ---------------------------------------------------------------- */

static void exec_task(struct audit *a, const struct event *ev, struct audit_task *ret)
{
	const struct exec_event *e = &ev->exec;
	bool ids_unread = event_unread(ev, FIELD_EXEC_LOGINUID);

	audit_task_init(a, ev, &e->parent, e->comm, AUDIT_UNSET, ret);
	if (!event_unread(ev, FIELD_EXEC_CRED))
		audit_task_ids(ret, &e->cred);
	ret->auid = ids_unread ? AUDIT_UNSET : e->loginuid;
	ret->ses = ids_unread ? AUDIT_UNSET : e->sessionid;
	if (!event_unread(ev, FIELD_EXEC_TTY))
		audit_task_tty(ret, e->tty);
	ret->exe = event_unread(ev, FIELD_EXEC_EXE) ? NULL : ev->texts[TEXT_EXE].text;
	ret->exe_size = ev->texts[TEXT_EXE].size;
	ret->args = (struct span){ ev->argv, e->argv_size };
	if (event_unread(ev, FIELD_EXEC_ARGV))
		ret->args.size = 0;
}

static struct audit_file exec_file(const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	bool has_owner = !event_unread(ev, FIELD_EXEC_EXE_STAT);

	return (struct audit_file){ .has_numbers =
		                            has_owner && !event_unread(ev, FIELD_EXEC_EXE_NUMBERS),
		                    .has_owner = has_owner,
		                    .inode = e->inode,
		                    .device = e->device,
		                    .mode = e->mode,
		                    .uid = e->file_uid,
		                    .gid = e->file_gid,
		                    .type = "NORMAL" };
}

static bool is_script(const struct event *ev)
{
	return !event_unread(ev, FIELD_EXEC_INTERP) && ev->texts[TEXT_INTERP].size;
}

static struct audit_file exec_script(const struct event *ev)
{
	return (struct audit_file){ .has_numbers = ev->has_script &&
		                                   !event_unread(ev, FIELD_EXEC_SCRIPT_NUMBERS),
		                    .inode = ev->script.inode,
		                    .device = ev->script.device,
		                    .type = "NORMAL" };
}

/*
 * As the caller named it; a script without mode and owner, and then what runs it. If it is not
 * known whether it is a script, by the path of what runs: the numbers are of that file.
 */
static void exec_paths(struct audit *a, const struct event *ev)
{
	const struct audit_file script = exec_script(ev), file = exec_file(ev);
	bool is_named = ev->texts[TEXT_FILENAME].size && !event_unread(ev, FIELD_EXEC_FILENAME) &&
	                !event_unread(ev, FIELD_EXEC_INTERP);

	if (is_script(ev)) {
		audit_file(a, 0, ev, TEXT_FILENAME, &script);
		audit_file(a, 1, ev, TEXT_EXE, &file);
	} else {
		audit_file(a, 0, ev, is_named ? TEXT_FILENAME : TEXT_EXE, &file);
	}
}

void exec_audit(struct audit *a, const struct event *ev)
{
	struct audit_call call = { .number = CALL_EXECVE, .items = is_script(ev) ? 2 : 1 };
	struct audit_task task;

	exec_task(a, ev, &task);
	audit_call_ended(&call, 0);
	audit_syscall(a, ev, &task, &call);
	if (!event_unread(ev, FIELD_EXEC_ARGV))
		audit_execve(a, ev->argv, ev->exec.argv_size);
	if (!event_unread(ev, FIELD_EXEC_CWD)) {
		audit_record(a, "CWD");
		audit_path(a, "cwd", ev, TEXT_CWD);
	}
	exec_paths(a, ev);
	audit_end(a, &task);
}

/* ---- fork, exit ---------------------------------------------------------- */

/* The child's parent is that of who calls clone(), or that one itself. */
void fork_audit(struct audit *a, const struct event *ev)
{
	const struct fork_event *e = &ev->fork;
	bool is_sibling = e->clone_flags & (CLONE_PARENT | CLONE_THREAD);
	struct audit_call call = { .number = CALL_CLONE,
		                   .outcome = AUDIT_SUCCESS,
		                   .has_exit = true,
		                   .exit = ev->header.type == EVENT_THREAD ? e->child.tid
		                                                           : e->child.pid,
		                   .args = { e->clone_flags | e->exit_signal } };
	struct audit_task task;

	audit_task_init(a, ev, is_sibling ? &e->parent : NULL, e->comm, e->uid, &task);
	audit_syscall(a, ev, &task, &call);
	audit_end(a, &task);
}

/*
 * Signals that end a process with a core file (signal(7)), and that the kernel reports:
 * audit_core_dumps() leaves out SIGQUIT, which people send.
 */
static bool is_abnormal(unsigned int signal)
{
	static const uint32_t mask = 1U << SIGILL | 1U << SIGTRAP | 1U << SIGABRT | 1U << SIGBUS |
	                             1U << SIGFPE | 1U << SIGSEGV | 1U << SIGXCPU | 1U << SIGXFSZ |
	                             1U << SIGSYS;

	return signal < 32 && mask >> signal & 1;
}

/* A record without a system call: ANOM_ABEND. */
static void abend(struct audit *a, const struct audit_task *t, unsigned int signal)
{
	audit_record(a, "ANOM_ABEND");
	audit_number(a, "auid", t->auid);
	audit_number(a, "uid", t->uid);
	audit_number(a, "gid", t->gid);
	audit_number(a, "ses", t->ses);
	audit_number(a, "pid", t->pid);
	audit_comm(a, "comm", t->comm);
	audit_exe(a, t);
	audit_number(a, "sig", signal);
	audit_number(a, "res", 1);
}

/* By another signal, or it is not known how it ended. */
static void ended(struct audit *a, const struct audit_task *t, unsigned int signal, bool is_unread)
{
	audit_own_open(a, t, "exit");
	audit_own_text(a, "comm", t->comm, strnlen(t->comm, EVENTS_COMM_BYTES));
	audit_own_number_if(a, "sig", signal, is_unread);
	audit_own_close(a, false);
}

void exit_audit(struct audit *a, const struct event *ev)
{
	const struct exit_event *e = &ev->exit;
	bool is_unread = event_unread(ev, FIELD_EXIT_CODE);
	unsigned int signal = e->exit_code & 0x7f;
	struct audit_call call = { .number = CALL_EXIT_GROUP,
		                   .args = { e->exit_code >> 8 & 0xff } };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	if (is_unread || (signal && !is_abnormal(signal))) {
		ended(a, &task, signal, is_unread);
	} else if (signal) {
		abend(a, &task, signal);
	} else {
		audit_syscall(a, ev, &task, &call);
		audit_end(a, &task);
	}
}
