/* SPDX-License-Identifier: BSD-2-Clause */
/* credentials and namespaces as records of audit. */
#include "loader/audit/audit_call.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"
#include "loader/event/particulars.h"

static bool gids_differ(const struct credentials *a, const struct credentials *b)
{
	return a->gid != b->gid || a->egid != b->egid || a->sgid != b->sgid || a->fsgid != b->fsgid;
}

static bool capabilities_differ(const struct credentials *a, const struct credentials *b)
{
	return a->cap_permitted != b->cap_permitted || a->cap_effective != b->cap_effective ||
	       a->cap_inheritable != b->cap_inheritable || a->cap_ambient != b->cap_ambient ||
	       a->cap_bset != b->cap_bset;
}

/* What such a change is made by. */
static struct audit_call call_of(const struct credentials *before, const struct credentials *after)
{
	if (credentials_user_changed(before, after))
		return (struct audit_call){ .number = CALL_SETRESUID,
			                    .args = { after->uid, after->euid, after->suid } };
	if (gids_differ(before, after))
		return (struct audit_call){ .number = CALL_SETRESGID,
			                    .args = { after->gid, after->egid, after->sgid } };
	if (capabilities_differ(before, after))
		return (struct audit_call){ .number = CALL_CAPSET };
	return (struct audit_call){ .number = CALL_SETNS }; /* of another user namespace */
}

static void capset(struct audit *a, uint32_t pid, const struct credentials *c)
{
	audit_record(a, "CAPSET");
	audit_number(a, "pid", pid);
	audit_hexadecimal(a, "cap_pi", c->cap_inheritable, 16);
	audit_hexadecimal(a, "cap_pp", c->cap_permitted, 16);
	audit_hexadecimal(a, "cap_pe", c->cap_effective, 16);
	audit_hexadecimal(a, "cap_pa", c->cap_ambient, 16);
}

/* The ids before the change: SYSCALL has those after it. */
static void before_put(struct audit *a, const struct credentials *c)
{
	audit_more_open(a, "credentials");
	audit_own_number(a, "old_uid", c->uid);
	audit_own_number(a, "old_euid", c->euid);
	audit_own_number(a, "old_suid", c->suid);
	audit_own_number(a, "old_gid", c->gid);
	audit_own_number(a, "old_egid", c->egid);
	audit_own_number(a, "old_sgid", c->sgid);
	audit_hexadecimal(a, "old_pe", c->cap_effective, 16);
}

void credentials_audit(struct audit *a, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	bool has_before = !event_unread(ev, FIELD_CREDENTIALS_BEFORE);
	bool has_after = !event_unread(ev, FIELD_CREDENTIALS_AFTER);
	struct audit_call call = { .number = CALL_SETRESUID };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, AUDIT_UNSET, &task);
	if (has_after)
		audit_task_ids(&task, &e->after);
	if (has_before && has_after)
		call = call_of(&e->before, &e->after);
	audit_call_ended(&call, 0);
	audit_syscall(a, ev, &task, &call);
	if (has_after && (!has_before || capabilities_differ(&e->before, &e->after)))
		capset(a, e->process.pid, &e->after);
	if (has_before)
		before_put(a, &e->before);
	audit_end(a, &task);
}

static void namespace_put(struct audit *a, const char *key, uint32_t before, uint32_t after)
{
	audit_number(a, key, before);
	jsonw_put(a->out, "-", 1);
	jsonw_digits(a->out, after, 10, 0);
}

/* mnt=4026531840-4026532511: the inode numbers before and after. */
static void namespaces_put(struct audit *a, const struct namespace_set *b,
                           const struct namespace_set *n)
{
	audit_more_open(a, "namespaces");
	namespace_put(a, "pid_for_children", b->pid_for_children, n->pid_for_children);
	namespace_put(a, "mnt", b->mnt, n->mnt);
	namespace_put(a, "net", b->net, n->net);
	namespace_put(a, "uts", b->uts, n->uts);
	namespace_put(a, "ipc", b->ipc, n->ipc);
	namespace_put(a, "cgroup", b->cgroup, n->cgroup);
}

void namespaces_audit(struct audit *a, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;
	struct audit_call call = { .number = CALL_SETNS };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	audit_call_ended(&call, 0);
	audit_syscall(a, ev, &task, &call);
	if (!event_unread(ev, FIELD_NAMESPACES_BEFORE) && !event_unread(ev, FIELD_NAMESPACES_AFTER))
		namespaces_put(a, &e->before, &e->after);
	audit_end(a, &task);
}
