/* SPDX-License-Identifier: BSD-2-Clause */
/* credentials and namespaces: what a thread changes of its own. */
#include "loader/event/credential_ids.h"
#include "loader/event/ecs.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

bool credentials_user_changed(const struct credentials *before, const struct credentials *after)
{
	return before->uid != after->uid || before->euid != after->euid ||
	       before->suid != after->suid || before->fsuid != after->fsuid;
}

static void credentials_set(struct format *f, const char *key, const struct credentials *c,
                            uint32_t user_ns, bool unread)
{
	struct jsonw *json = &f->json;

	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(json, key);
	credential_ids(f, c, true, false);
	ecs_capabilities(json, c);
	ecs_u64(f, "user_namespace", user_ns, !user_ns);
	jsonw_object_close(json);
}

void credentials_unmapped(struct format *f, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;

	credentials_set(f, "before", &e->before, e->user_ns_before,
	                event_unread(ev, FIELD_CREDENTIALS_BEFORE));
	credentials_set(f, "after", &e->after, e->user_ns_after,
	                event_unread(ev, FIELD_CREDENTIALS_AFTER));
}

void credentials_json(struct format *f, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	struct actor actor = ACTOR(e, e->before.uid);

	actor.uid_unread = event_unread(ev, FIELD_CREDENTIALS_BEFORE);
	ecs_head(f, ev);
	ecs_actor(f, ev, &actor);
	ecs_sextant_open(f, ev);
	credentials_unmapped(f, ev);
	ecs_sextant_close(f);
}

static void namespace_set(struct format *f, const char *key, const struct namespace_set *ns,
                          bool unread)
{
	const struct {
		const char *key;
		uint32_t inum;
	} all[] = {
		{ "pid_for_children", ns->pid_for_children },
		{ "mnt", ns->mnt },
		{ "net", ns->net },
		{ "uts", ns->uts },
		{ "ipc", ns->ipc },
		{ "cgroup", ns->cgroup }, /* from 4.6 */
	};
	struct jsonw *json = &f->json;
	size_t i;

	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(json, key);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].inum)
			jsonw_u64(json, all[i].key, all[i].inum);
	jsonw_object_close(json);
}

void namespaces_unmapped(struct format *f, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;

	namespace_set(f, "before", &e->before, event_unread(ev, FIELD_NAMESPACES_BEFORE));
	namespace_set(f, "after", &e->after, event_unread(ev, FIELD_NAMESPACES_AFTER));
}

void namespaces_json(struct format *f, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;
	const struct actor actor = ACTOR(e, e->uid);

	ecs_head(f, ev);
	ecs_actor(f, ev, &actor);
	ecs_sextant_open(f, ev);
	namespaces_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- text -------------------------------------------------------------- */

void credentials_text(struct jsonw *out, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	const struct credentials *b = &e->before, *a = &e->after;

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	if (event_unread(ev, FIELD_CREDENTIALS_BEFORE) ||
	    event_unread(ev, FIELD_CREDENTIALS_AFTER)) {
		jsonw_put(out, " ", 1);
		words_unknown(out);
		return;
	}
	jsonw_printf(out, " uid %u,%u,%u to %u,%u,%u gid %u,%u,%u to %u,%u,%u", b->uid, b->euid,
	             b->suid, a->uid, a->euid, a->suid, b->gid, b->egid, b->sgid, a->gid, a->egid,
	             a->sgid);
	jsonw_printf(out, " effective %llx to %llx", (unsigned long long)b->cap_effective,
	             (unsigned long long)a->cap_effective);
}

void namespaces_text(struct jsonw *out, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	words_uid(out, e->uid, false);
	if (event_unread(ev, FIELD_NAMESPACES_BEFORE) || event_unread(ev, FIELD_NAMESPACES_AFTER)) {
		jsonw_put(out, " ", 1);
		words_unknown(out);
		return;
	}
	jsonw_printf(out, " mnt %u to %u net %u to %u pid %u to %u", e->before.mnt, e->after.mnt,
	             e->before.net, e->after.net, e->before.pid_for_children,
	             e->after.pid_for_children);
}
