/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes, and what one process does to another or to the kernel, as ECS JSON. */
#include <string.h>
#include <sys/ptrace.h>

#include "loader/event/ecs.h"

/* ---- changes ---------------------------------------------------------- */

static void credentials_set(struct format *f, const char *key, const struct credentials *c,
                            uint32_t user_ns, bool unread)
{
	const struct {
		const char *key;
		enum name_kind kind;
		uint32_t id;
	} all[] = {
		{ "user", NAME_USER, c->euid },         { "real_user", NAME_USER, c->uid },
		{ "saved_user", NAME_USER, c->suid },   { "fs_user", NAME_USER, c->fsuid },
		{ "group", NAME_GROUP, c->egid },       { "real_group", NAME_GROUP, c->gid },
		{ "saved_group", NAME_GROUP, c->sgid }, { "fs_group", NAME_GROUP, c->fsgid },
	};
	struct jsonw *json = &f->json;
	size_t i;

	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(json, key);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ecs_id_object(f, all[i].key, all[i].kind, all[i].id, false);
	ecs_capabilities(json, c);
	ecs_u64(f, "user_namespace", user_ns, !user_ns);
	jsonw_object_close(json);
}

void ecs_credentials(struct format *f, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	struct actor actor = ACTOR(e, e->before.uid);

	actor.uid_unread = event_unread(ev, FIELD_BEFORE);
	ecs_actor(f, ev, &actor);
	ecs_sextant_open(f, ev);
	credentials_set(f, "before", &e->before, e->user_ns_before, event_unread(ev, FIELD_BEFORE));
	credentials_set(f, "after", &e->after, e->user_ns_after, event_unread(ev, FIELD_AFTER));
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

void ecs_namespaces(struct format *f, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;
	const struct actor actor = ACTOR(e, e->uid);

	ecs_actor(f, ev, &actor);
	ecs_sextant_open(f, ev);
	namespace_set(f, "before", &e->before, event_unread(ev, FIELD_BEFORE));
	namespace_set(f, "after", &e->after, event_unread(ev, FIELD_AFTER));
	ecs_sextant_close(f);
}

/* ---- actions ---------------------------------------------------------- */

static void action_text(struct format *f, const char *key, const struct action_event *e)
{
	ecs_bytes(f, key, e->text, strnlen(e->text, sizeof(e->text)), sizeof(e->text));
}

/* include/uapi/linux/ptrace.h, arch/x86/include/uapi/asm/ptrace-abi.h */
const char *ptrace_request_name(uint32_t request)
{
	switch (request) {
	case PTRACE_ATTACH:
		return "attach";
	case PTRACE_SEIZE:
		return "seize";
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return "poke_memory";
	case PTRACE_POKEUSER:
		return "poke_user";
	default:
		return "set_registers";
	}
}

/* Where it writes to, of those that have an address. */
static void ptrace_object(struct jsonw *json, const struct action_event *e)
{
	jsonw_string(json, "request", ptrace_request_name(e->number));
	if (e->number >= PTRACE_POKETEXT && e->number <= PTRACE_POKEUSER)
		ecs_number(json, "address", "0x%llx", (unsigned long long)e->value);
}

/* Where what is done stands in "sextant". */
static const char *object_key(unsigned int type)
{
	static const char *const keys[EVENT_TYPES] = {
		[EVENT_PTRACE] = "request",       [EVENT_PROCESS_ACCESS] = "access_mode",
		[EVENT_SIGNAL] = "signal",        [EVENT_MEMFD] = "memfd",
		[EVENT_BPF] = "program",          [EVENT_MODULE] = "module",
		[EVENT_EXEC_FAILED] = "filename",
	};

	return keys[type];
}

/* What is loaded or made, by its name. */
static void named_object(struct format *f, const char *key, const struct action_event *e)
{
	jsonw_object_open(&f->json, key);
	action_text(f, "name", e);
	if (e->header.type == EVENT_BPF) {
		jsonw_u64(&f->json, "type", e->number);
		jsonw_u64(&f->json, "instructions", e->value);
	}
	if (e->header.type == EVENT_MODULE)
		jsonw_bool(&f->json, "loaded", e->number);
	jsonw_object_close(&f->json);
}

static void action_object(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	const char *key = object_key(e->header.type);

	if (event_unread(ev, FIELD_OBJECT)) {
		ecs_unread(f, key);
		return;
	}
	switch (e->header.type) {
	case EVENT_PTRACE:
		ptrace_object(&f->json, e);
		break;
	case EVENT_PROCESS_ACCESS:
		ecs_number(&f->json, key, "0x%x", e->number);
		break;
	case EVENT_SIGNAL:
		jsonw_u64(&f->json, key, e->number);
		break;
	case EVENT_EXEC_FAILED:
		action_text(f, key, e);
		break;
	default:
		named_object(f, key, e);
	}
}

/* A system call's: known by its number alone. */
static void target_object(struct format *f, const struct event *ev)
{
	const struct parent_ids *target = &ev->action.target;

	if (target->start_boottime_ns)
		ecs_other(f, "target", target, event_unread(ev, FIELD_TARGET));
	else
		ecs_leader(f, "target", target->pid, event_unread(ev, FIELD_TARGET));
}

void ecs_action(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	const struct actor actor = ACTOR(e, e->uid);

	ecs_actor(f, ev, &actor);
	if (e->error)
		ecs_error(&f->json, e->error);
	ecs_sextant_open(f, ev);
	if (e->header.type <= EVENT_SIGNAL)
		target_object(f, ev);
	action_object(f, ev);
	ecs_sextant_close(f);
}
