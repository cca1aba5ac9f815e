/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: exec, fork and thread, exit, changes of credentials and namespaces. */
#include <signal.h>
#include <string.h>

#include "loader/stream/fields.h"
#include "loader/verify/comparison.h"

/* Does this kernel's entry have the fact? Fields do not say so of all that they are read by. */
static bool has(const struct comparison *c, enum layout_id id)
{
	return c->layout->facts[id].offset != LAYOUT_ABSENT;
}

/* ---- credentials and namespaces --------------------------------------- */

static void compare_cred(const struct comparison *c, const struct event *ev, unsigned int field,
                         const struct credentials *seen, const struct proc *t)
{
	const struct pair pairs[] = {
		{ "process.real_user.id", seen->uid, t->uids[0] },
		{ "process.user.id", seen->euid, t->uids[1] },
		{ "process.saved_user.id", seen->suid, t->uids[2] },
		{ "sextant.fs_uid", seen->fsuid, t->uids[3] },
		{ "process.real_group.id", seen->gid, t->gids[0] },
		{ "process.group.id", seen->egid, t->gids[1] },
		{ "process.saved_group.id", seen->sgid, t->gids[2] },
		{ "sextant.fs_gid", seen->fsgid, t->gids[3] },
		{ "sextant.capabilities.permitted", seen->cap_permitted, t->cap_permitted },
		{ "sextant.capabilities.effective", seen->cap_effective, t->cap_effective },
		{ "sextant.capabilities.inheritable", seen->cap_inheritable, t->cap_inheritable },
		{ "sextant.capabilities.bounding", seen->cap_bset, t->cap_bounding },
	};
	const struct pair ambient[] = { { "sextant.capabilities.ambient", seen->cap_ambient,
		                          t->cap_ambient } };

	COMPARE_NUMBERS(c, ev, field, pairs);
	if (has(c, LAYOUT_CRED_CAP_AMBIENT))
		COMPARE_NUMBERS(c, ev, field, ambient);
}

/* Those that /proc shows; truth 0: it does not. */
static void compare_inodes(const struct comparison *c, const struct event *ev, unsigned int field,
                           const struct pair *pairs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (pairs[i].truth)
			compare_numbers(c, ev, field, &pairs[i], 1);
}

#define COMPARE_INODES(c, ev, field, pairs) \
	compare_inodes(c, ev, field, pairs, sizeof(pairs) / sizeof(*(pairs)))

/* ---- exec ------------------------------------------------------------- */

static void compare_exec_namespaces(const struct comparison *c, const struct event *ev)
{
	const struct namespaces *seen = &ev->exec.ns;
	const struct proc *t = &c->child->truth;
	const struct pair pairs[] = {
		{ "sextant.namespace.mnt", seen->mnt_ns, t->mnt_ns },
		{ "sextant.namespace.net", seen->net_ns, t->net_ns },
		{ "sextant.namespace.uts", seen->uts_ns, t->uts_ns },
		{ "sextant.namespace.ipc", seen->ipc_ns, t->ipc_ns },
	};
	const struct pair pids[] = {
		{ "process.vpid", seen->ns_pid, t->ns_pid },
		{ "sextant.namespace.pid", seen->pid_ns, t->pid_ns },
	};
	const struct pair user[] = { { "sextant.namespace.user", seen->user_ns, t->user_ns } };
	const struct pair cgroup[] = { { "sextant.namespace.cgroup", seen->cgroup_ns,
		                         t->cgroup_ns } };

	if (can_compare(c, ev, FIELD_EXEC_NAMESPACES))
		COMPARE_INODES(c, ev, FIELD_EXEC_NAMESPACES, pairs);
	if (can_compare(c, ev, FIELD_EXEC_NS_PID))
		COMPARE_INODES(c, ev, FIELD_EXEC_NS_PID, pids);
	if (has(c, LAYOUT_CRED_USER_NS) && has(c, LAYOUT_USER_NS_INUM))
		COMPARE_INODES(c, ev, FIELD_EXEC_CRED, user);
	if (has(c, LAYOUT_NSPROXY_CGROUP) && has(c, LAYOUT_CGROUP_NS_INUM))
		COMPARE_INODES(c, ev, FIELD_EXEC_NAMESPACES, cgroup);
}

static void compare_exe(const struct comparison *c, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	const struct proc *t = &c->child->truth;
	const struct pair pairs[] = {
		{ "sextant.executable.mode", e->mode, t->exe_mode },
		{ "sextant.executable.deleted", !e->nlink, !t->exe_links },
	};
	const struct pair numbers[] = {
		{ "sextant.executable.inode", e->inode, t->exe_inode },
		{ "sextant.executable.device", e->device, t->exe_device },
	};

	if (!can_compare(c, ev, FIELD_EXEC_EXE_STAT))
		return;
	COMPARE_NUMBERS(c, ev, FIELD_EXEC_EXE_STAT, pairs);
	COMPARE_INODES(c, ev, FIELD_EXEC_EXE_NUMBERS, numbers);
}

/* PROC_CGROUP_INIT_INO, include/linux/proc_ns.h, from 4.6 on (a79a908fd2b0). */
#define CGROUP_NS_INITIAL 0xeffffffbU

/*
 * Does the end of the kernel's path equal this one? /proc shows it from the root of the
 * reader's cgroup namespace, which is "/" in it and may have any name, and may be left.
 */
static bool is_known(const struct comparison *c, const char *path)
{
	const char *end = strrchr(path, ')');

	if (!*path || strstr(path, "/..") || (end && !end[1]))
		return false;
	return path[1] || !c->child->own.cgroup_ns || c->child->own.cgroup_ns == CGROUP_NS_INITIAL;
}

/* Unread texts: what the program could not know. */
static void compare_exec_texts(const struct comparison *c, const struct event *ev)
{
	const struct proc *t = &c->child->truth;
	const struct event_path *filename = &ev->texts[TEXT_FILENAME];

	if (!event_unread(ev, FIELD_EXEC_FILENAME))
		differences_bytes(c->differences, EVENT_EXEC, FIELD_EXEC_FILENAME,
		                  "sextant.filename", filename->text, filename->size,
		                  CHILD_EXECUTES, strlen(CHILD_EXECUTES));
	if (can_compare(c, ev, FIELD_EXEC_EXE))
		compare_path(c, ev, FIELD_EXEC_EXE, &ev->texts[TEXT_EXE], t->exe);
	if (can_compare(c, ev, FIELD_EXEC_CWD))
		compare_path(c, ev, FIELD_EXEC_CWD, &ev->texts[TEXT_CWD], t->cwd);
	if (c->child->root_is_initial && can_compare(c, ev, FIELD_EXEC_ROOT))
		compare_path(c, ev, FIELD_EXEC_ROOT, &ev->texts[TEXT_ROOT], t->root);
	if (is_known(c, t->cgroup) && can_compare(c, ev, FIELD_EXEC_CGROUP))
		compare_path(c, ev, FIELD_EXEC_CGROUP, &ev->texts[TEXT_CGROUP], t->cgroup);
	if (is_known(c, t->cgroup_v1) && can_compare(c, ev, FIELD_EXEC_CGROUP_V1))
		compare_path(c, ev, FIELD_EXEC_CGROUP_V1, &ev->texts[TEXT_CGROUP_V1], t->cgroup_v1);
}

static void compare_strings(const struct comparison *c, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	const struct proc *t = &c->child->truth;

	if (can_compare(c, ev, FIELD_EXEC_ARGV))
		differences_bytes(c->differences, EVENT_EXEC, FIELD_EXEC_ARGV, "process.args",
		                  c->sample->argv, e->argv_size, t->cmdline, t->cmdline_size);
	/* Unless the user wants none of it. */
	if (can_compare(c, ev, FIELD_EXEC_ENV) && e->env_total)
		differences_bytes(c->differences, EVENT_EXEC, FIELD_EXEC_ENV, "process.env_vars",
		                  c->sample->env, e->env_size, t->environment, t->environment_size);
}

static void compare_session(const struct comparison *c, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	const struct proc *t = &c->child->truth;
	const struct pair sid[] = { { "process.session_leader.pid", e->sid, t->sid } };
	const struct pair umask[] = { { "sextant.umask", e->umask, CHILD_UMASK } };
	const struct pair audit[] = {
		{ "user.audit.id", e->loginuid, t->loginuid },
		{ "sextant.audit_session", e->sessionid, t->sessionid },
	};

	if (!event_unread(ev, FIELD_GROUPS))
		COMPARE_NUMBERS(c, ev, FIELD_GROUPS, sid);
	if (can_compare(c, ev, FIELD_EXEC_UMASK))
		COMPARE_NUMBERS(c, ev, FIELD_EXEC_UMASK, umask);
	if (t->has_audit && can_compare(c, ev, FIELD_EXEC_LOGINUID))
		COMPARE_NUMBERS(c, ev, FIELD_EXEC_LOGINUID, audit);
	if (!t->has_other_tty && can_compare(c, ev, FIELD_EXEC_TTY))
		differences_bytes(c->differences, EVENT_EXEC, FIELD_EXEC_TTY, "sextant.tty", e->tty,
		                  strnlen(e->tty, sizeof(e->tty)), t->tty, strlen(t->tty));
}

void compare_exec(const struct comparison *c)
{
	const struct event *ev = &c->sample->exec;

	compare_actor(c, ev, &c->child->truth, &ev->exec.parent, &c->child->above);
	if (can_compare(c, ev, FIELD_EXEC_CRED))
		compare_cred(c, ev, FIELD_EXEC_CRED, &ev->exec.cred, &c->child->truth);
	compare_session(c, ev);
	compare_exec_namespaces(c, ev);
	compare_exec_texts(c, ev);
	compare_exe(c, ev);
	compare_strings(c, ev);
}

/* ---- fork, thread ----------------------------------------------------- */

static void compare_caller(const struct comparison *c, const struct event *ev,
                           const struct proc *caller)
{
	const struct pair pairs[] = {
		{ "sextant.caller.start (in 1/100 s)",
		  start_ticks(ev->fork.process.start_boottime_ns), caller->start_ticks },
	};

	if (can_compare(c, ev, FIELD_FORK_CALLER))
		COMPARE_NUMBERS(c, ev, FIELD_FORK_CALLER, pairs);
}

/* Then the child is in the group of its parent. */
void compare_fork(const struct comparison *c)
{
	const struct event *ev = &c->sample->fork;
	struct proc child = c->child->truth;
	const struct pair pairs[] = {
		{ "process.pid", ev->fork.child.pid, c->child->pid },
		{ "sextant.child_signal", ev->fork.exit_signal, SIGCHLD },
	};

	child.pgid = c->child->above.pgid;
	compare_actor(c, ev, &child, &ev->fork.parent, &c->child->above);
	compare_caller(c, ev, &c->child->above);
	compare_numbers(c, ev, FIELD_START, pairs, ev->fork.exit_signal ? 2 : 1);
}

void compare_thread(const struct comparison *c)
{
	const struct event *ev = &c->sample->thread;
	const struct pair pairs[] = {
		{ "process.thread.id", ev->fork.child.tid, c->child->thread },
		{ "process.pid", ev->fork.child.pid, c->child->pid },
		{ "process.start (in 1/100 s)", start_ticks(ev->fork.child.start_boottime_ns),
		  c->child->truth.start_ticks },
	};

	COMPARE_NUMBERS(c, ev, FIELD_START, pairs);
}

/* ---- exit ------------------------------------------------------------- */

/* Between what the child knew before its end, and what its two threads could have used. */
static void compare_cpu_time(const struct comparison *c, const struct event *ev)
{
	const uint64_t least = c->child->cpu_min_ns, most = 2 * c->child->lived_ns;
	const uint64_t seen = ev->exit.cpu_time_ns;
	const struct pair pairs[] = { { "sextant.cpu_time_ns", seen,
		                        seen < least  ? least
		                        : seen > most ? most
		                                      : seen } };

	if (can_compare(c, ev, FIELD_EXIT_CPU_TIME))
		COMPARE_NUMBERS(c, ev, FIELD_EXIT_CPU_TIME, pairs);
}

void compare_exit(const struct comparison *c)
{
	const struct event *ev = &c->sample->exit, *other = &c->sample->other_exit;
	const struct pair pairs[] = {
		{ "wait status", ev->exit.exit_code, c->child->status },
		{ "events of one exit", c->sample->exits, 1 },
	};
	const struct pair others[] = {
		{ "wait status", other->exit.exit_code, c->child->other_status },
		{ "events of one exit", c->sample->other_exits, 1 },
	};

	compare_actor(c, ev, &c->child->truth, &ev->exit.parent, &c->child->above);
	if (can_compare(c, ev, FIELD_EXIT_CODE))
		COMPARE_NUMBERS(c, ev, FIELD_EXIT_CODE, pairs);
	if (c->sample->other_exits && can_compare(c, other, FIELD_EXIT_CODE))
		COMPARE_NUMBERS(c, other, FIELD_EXIT_CODE, others);
	compare_cpu_time(c, ev);
}

/* ---- changes ---------------------------------------------------------- */

/* The last change of the child. */
void compare_credentials(const struct comparison *c)
{
	const struct event *ev = &c->sample->credentials;
	const struct pair user[] = { { "sextant.after.user_namespace",
		                       ev->credentials.user_ns_after, c->child->changed.user_ns } };

	compare_actor(c, ev, &c->child->changed, &ev->credentials.parent, &c->child->above);
	if (!can_compare(c, ev, FIELD_CREDENTIALS_BEFORE) ||
	    !can_compare(c, ev, FIELD_CREDENTIALS_AFTER))
		return;
	compare_cred(c, ev, FIELD_CREDENTIALS_AFTER, &ev->credentials.after, &c->child->changed);
	if (has(c, LAYOUT_CRED_USER_NS) && has(c, LAYOUT_USER_NS_INUM))
		COMPARE_INODES(c, ev, FIELD_CREDENTIALS_AFTER, user);
}

/* unshare() of the child: before it, it had those of its parent. */
void compare_namespaces(const struct comparison *c)
{
	const struct event *ev = &c->sample->namespaces;
	const struct namespace_set *before = &ev->namespaces.before, *after = &ev->namespaces.after;
	const struct proc *was = &c->child->above, *is = &c->child->truth;
	const struct pair befores[] = {
		{ "sextant.before.mnt", before->mnt, was->mnt_ns },
		{ "sextant.before.net", before->net, was->net_ns },
		{ "sextant.before.uts", before->uts, was->uts_ns },
		{ "sextant.before.ipc", before->ipc, was->ipc_ns },
		{ "sextant.before.pid_for_children", before->pid_for_children, is->pid_ns },
	};
	const struct pair afters[] = {
		{ "sextant.after.mnt", after->mnt, is->mnt_ns },
		{ "sextant.after.net", after->net, is->net_ns },
		{ "sextant.after.uts", after->uts, is->uts_ns },
		{ "sextant.after.ipc", after->ipc, is->ipc_ns },
		{ "sextant.after.pid_for_children", after->pid_for_children, is->pid_ns },
		{ "sextant.after.cgroup", after->cgroup,
		  has(c, LAYOUT_NSPROXY_CGROUP) ? is->cgroup_ns : 0 },
	};

	compare_actor(c, ev, is, &ev->namespaces.parent, &c->child->above);
	if (can_compare(c, ev, FIELD_NAMESPACES_BEFORE))
		COMPARE_INODES(c, ev, FIELD_NAMESPACES_BEFORE, befores);
	if (can_compare(c, ev, FIELD_NAMESPACES_AFTER))
		COMPARE_INODES(c, ev, FIELD_NAMESPACES_AFTER, afters);
}
