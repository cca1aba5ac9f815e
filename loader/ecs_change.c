/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes, and what one process does to another or to the kernel, as ECS JSON. */
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>

#include "ecs.h"

/* ---- changes ---------------------------------------------------------- */

static void change_open(struct format *f, const struct event *ev, const char *name,
                        const struct process_ids *ids, const struct parent_ids *p, uint32_t uid)
{
	ecs_actor(f, ev, name, ids, p, uid);
	ecs_sextant_open(f, ev);
}

static void change_close(struct jsonw *json, const char *name, const struct parent_ids *p)
{
	const struct ecs_text texts[] = {
		ecs_comm_text("process.name", name),
		ecs_comm_text("process.parent.name", p->comm),
	};

	ecs_sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}

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
		jsonw_string(json, key, NULL);
		return;
	}
	jsonw_object_open(json, key);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ecs_id_object(f, all[i].key, all[i].kind, all[i].id);
	ecs_capabilities(json, c);
	jsonw_u64(json, "user_namespace", user_ns);
	jsonw_object_close(json);
}

void ecs_credentials(struct format *f, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;

	change_open(f, ev, e->comm, &e->process, &e->parent, e->before.uid);
	credentials_set(f, "before", &e->before, e->user_ns_before, event_unread(ev, FIELD_BEFORE));
	credentials_set(f, "after", &e->after, e->user_ns_after, event_unread(ev, FIELD_AFTER));
	change_close(&f->json, e->comm, &e->parent);
}

static void namespace_set(struct jsonw *json, const char *key, const struct namespace_set *ns,
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
	size_t i;

	if (unread) {
		jsonw_string(json, key, NULL);
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

	change_open(f, ev, e->comm, &e->process, &e->parent, e->uid);
	namespace_set(&f->json, "before", &e->before, event_unread(ev, FIELD_BEFORE));
	namespace_set(&f->json, "after", &e->after, event_unread(ev, FIELD_AFTER));
	change_close(&f->json, e->comm, &e->parent);
}

/* ---- actions ---------------------------------------------------------- */

static size_t action_text_size(const struct action_event *e)
{
	return strnlen(e->text, sizeof(e->text));
}

/* What is loaded or made, by its name. */
static void object_open(struct format *f, const char *key, const struct action_event *e)
{
	jsonw_object_open(&f->json, key);
	jsonw_bytes(&f->json, "name", e->text, action_text_size(e));
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

static void action_object(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	char mode[16];

	switch (e->header.type) {
	case EVENT_PTRACE:
		ptrace_object(&f->json, e);
		return;
	case EVENT_PROCESS_ACCESS:
		snprintf(mode, sizeof(mode), "0x%x", e->number);
		jsonw_string(&f->json, "access_mode", mode);
		return;
	case EVENT_SIGNAL:
		jsonw_u64(&f->json, "signal", e->number);
		return;
	case EVENT_EXEC_FAILED:
		jsonw_bytes(&f->json, "filename", e->text, action_text_size(e));
		return;
	case EVENT_MEMFD:
		object_open(f, "memfd", e);
		break;
	case EVENT_BPF:
		object_open(f, "program", e);
		jsonw_u64(&f->json, "type", e->number);
		jsonw_u64(&f->json, "instructions", e->value);
		break;
	case EVENT_MODULE:
		object_open(f, "module", e);
		jsonw_bool(&f->json, "loaded", e->number);
		break;
	default:
		return;
	}
	jsonw_object_close(&f->json);
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
	bool on_process = e->header.type <= EVENT_SIGNAL;
	const struct ecs_text texts[] = {
		ecs_comm_text("process.name", e->comm),
		ecs_comm_text("process.parent.name", e->parent.comm),
		ecs_comm_text("sextant.target.name", e->target.comm),
		{ e->header.type == EVENT_EXEC_FAILED ? "sextant.filename" : "sextant.object.name",
		  e->text, action_text_size(e) },
	};

	ecs_actor(f, ev, e->comm, &e->process, &e->parent, e->uid);
	if (e->error)
		ecs_error(&f->json, e->error);
	ecs_sextant_open(f, ev);
	if (on_process)
		target_object(f, ev);
	if (!event_unread(ev, FIELD_OBJECT))
		action_object(f, ev);
	ecs_sextant_close(&f->json, texts, sizeof(texts) / sizeof(texts[0]));
}
