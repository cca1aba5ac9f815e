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

static void set_put(struct audit *a, const char *key, uint64_t set, bool is_unread)
{
	audit_word(a, key, "\"");
	if (is_unread)
		jsonw_put(a->out, "?", 1);
	else
		jsonw_digits(a->out, set, 16, 16);
	jsonw_put(a->out, "\"", 1);
}

/* The numbers before the change: SYSCALL and CAPSET have those after it. */
static void before_put(struct audit *a, const struct credentials *c, bool is_unread)
{
	audit_own_number_if(a, "old_uid", c->uid, is_unread);
	audit_own_number_if(a, "old_euid", c->euid, is_unread);
	audit_own_number_if(a, "old_suid", c->suid, is_unread);
	audit_own_number_if(a, "old_fsuid", c->fsuid, is_unread);
	audit_own_number_if(a, "old_gid", c->gid, is_unread);
	audit_own_number_if(a, "old_egid", c->egid, is_unread);
	audit_own_number_if(a, "old_sgid", c->sgid, is_unread);
	audit_own_number_if(a, "old_fsgid", c->fsgid, is_unread);
	set_put(a, "old_pi", c->cap_inheritable, is_unread);
	set_put(a, "old_pp", c->cap_permitted, is_unread);
	set_put(a, "old_pe", c->cap_effective, is_unread);
	set_put(a, "old_pa", c->cap_ambient, is_unread);
	set_put(a, "old_bset", c->cap_bset, is_unread);
}

static void inode_put(struct audit *a, uint32_t inode)
{
	if (inode)
		jsonw_digits(a->out, inode, 10, 0);
	else
		jsonw_put(a->out, "?", 1);
}

/* mnt=4026531840-4026532511: the inode numbers before and after. 0: not known. */
static void namespace_put(struct audit *a, const char *key, uint32_t before, uint32_t after)
{
	audit_word(a, key, "");
	inode_put(a, before);
	jsonw_put(a->out, "-", 1);
	inode_put(a, after);
}

/* What SYSCALL and CAPSET have no fields for. */
static void more_put(struct audit *a, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	bool no_before = event_unread(ev, FIELD_CREDENTIALS_BEFORE);
	bool no_after = event_unread(ev, FIELD_CREDENTIALS_AFTER);

	audit_more_open(a, "credentials");
	before_put(a, &e->before, no_before);
	set_put(a, "bset", e->after.cap_bset, no_after);
	namespace_put(a, "user", no_before ? 0 : e->user_ns_before,
	              no_after ? 0 : e->user_ns_after);
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
	call.has_exit = has_before && has_after;
	audit_syscall(a, ev, &task, &call);
	if (has_after && (!has_before || capabilities_differ(&e->before, &e->after)))
		capset(a, e->process.pid, &e->after);
	more_put(a, ev);
	audit_end(a, &task);
}

/* Those that the kernel has. */
static void namespaces_put(struct audit *a, const struct namespace_set *b,
                           const struct namespace_set *n)
{
	const struct {
		const char *key;
		uint32_t before, after;
	} all[] = {
		{ "pid_for_children", b->pid_for_children, n->pid_for_children },
		{ "mnt", b->mnt, n->mnt },
		{ "net", b->net, n->net },
		{ "uts", b->uts, n->uts },
		{ "ipc", b->ipc, n->ipc },
		{ "cgroup", b->cgroup, n->cgroup },
	};
	size_t i;

	audit_more_open(a, "namespaces");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].before || all[i].after)
			namespace_put(a, all[i].key, all[i].before, all[i].after);
}

void namespaces_audit(struct audit *a, const struct event *ev)
{
	static const struct namespace_set unread = { 0 };
	const struct namespaces_event *e = &ev->namespaces;
	struct audit_call call = { .number = CALL_SETNS };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	audit_call_ended(&call, 0);
	audit_syscall(a, ev, &task, &call);
	namespaces_put(a, event_unread(ev, FIELD_NAMESPACES_BEFORE) ? &unread : &e->before,
	               event_unread(ev, FIELD_NAMESPACES_AFTER) ? &unread : &e->after);
	audit_end(a, &task);
}
