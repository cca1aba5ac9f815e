/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread does to another process, or to the kernel: ptrace to exec_failed. */
#include <string.h>
#include <sys/ptrace.h>

#include "loader/event/ecs.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"
#include "loader/stream/fields.h"

bool action_has_field(const struct event *ev, enum action_field field)
{
	if (ev->header.type == EVENT_MODULE) /* which has others behind it */
		return field <= FIELD_ACTION_OBJECT;
	return field < fields_count(ev->header.type);
}

bool action_has_target(const struct event *ev)
{
	return action_has_field(ev, FIELD_ACTION_TARGET);
}

static void head(struct format *f, const struct event *ev)
{
	ecs_head_open(f, ev);
	if (ev->header.type == EVENT_EXEC_FAILED)
		ecs_outcome(f, true, false);
	else if (action_has_field(ev, FIELD_ACTION_OUTCOME))
		ecs_outcome(f, ev->action.error, event_unread(ev, FIELD_ACTION_OUTCOME));
	ecs_head_close(f);
}

static void text_member(struct format *f, const char *key, const struct action_event *e)
{
	ecs_bytes(f, key, e->text, strnlen(e->text, sizeof(e->text)), sizeof(e->text));
}

/* include/uapi/linux/ptrace.h, arch/x86/include/uapi/asm/ptrace-abi.h */
static const char *ptrace_request_name(uint32_t request)
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

static void module_members(struct format *f, const struct event *ev)
{
	jsonw_bool(&f->json, "loaded", ev->action.number);
	if (!ev->action.number)
		return;
	if (event_unread(ev, FIELD_MODULE_IMAGE))
		ecs_unread(f, "image");
	else
		jsonw_string(&f->json, "image", module_has_file(ev) ? "file" : "memory");
}

/* What is loaded or made, by its name. */
static void named_object(struct format *f, const char *key, const struct event *ev)
{
	const struct action_event *e = &ev->action;

	jsonw_object_open(&f->json, key);
	text_member(f, "name", e);
	if (e->header.type == EVENT_BPF) {
		jsonw_u64(&f->json, "type", e->number);
		jsonw_u64(&f->json, "instructions", e->value);
	}
	if (e->header.type == EVENT_MODULE)
		module_members(f, ev);
	jsonw_object_close(&f->json);
}

/* The file of a module, as the kernel had opened it. */
static void module_file(struct format *f, const struct event *ev)
{
	bool is_unread =
		event_unread(ev, FIELD_MODULE_STAT) || event_unread(ev, FIELD_MODULE_NUMBERS);

	jsonw_object_open(&f->json, "file");
	ecs_text_member(f, "path", ev, FILE_PATH);
	ecs_file_numbers(f, ev->opened.inode, ev->opened.device, is_unread);
	ecs_hash(&f->json, ev->hash);
	jsonw_object_close(&f->json);
}

void action_unmapped(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	const char *key = object_key(e->header.type);

	if (event_unread(ev, FIELD_ACTION_OBJECT)) {
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
		text_member(f, key, e);
		break;
	default:
		named_object(f, key, ev);
	}
}

/* A system call's: known by its number alone. */
static void target_object(struct format *f, const struct event *ev)
{
	const struct parent_ids *target = &ev->action.target;

	if (target->start_boottime_ns)
		ecs_other(f, "target", target, event_unread(ev, FIELD_ACTION_TARGET));
	else
		ecs_leader(f, "target", target->pid, event_unread(ev, FIELD_ACTION_TARGET));
}

static bool is_of_file(const struct event *ev)
{
	return ev->header.type == EVENT_MODULE && module_has_file(ev);
}

void action_json(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	const struct actor actor = ACTOR(e, e->uid);

	head(f, ev);
	ecs_actor(f, ev, &actor);
	if (e->error)
		ecs_error(&f->json, e->error);
	if (is_of_file(ev))
		module_file(f, ev);
	ecs_sextant_open(f, ev);
	if (action_has_target(ev))
		target_object(f, ev);
	action_unmapped(f, ev);
	if (is_of_file(ev))
		ecs_hash_missing(&f->json, ev->hash);
	ecs_sextant_close(f);
}

/* ---- text -------------------------------------------------------------- */

static void target(struct jsonw *out, const struct event *ev)
{
	const struct parent_ids *t = &ev->action.target;

	if (event_unread(ev, FIELD_ACTION_TARGET)) {
		jsonw_printf(out, " -> ?");
		return;
	}
	jsonw_printf(out, " -> %u", t->pid);
	if (!t->start_boottime_ns)
		return; /* known by its number alone */
	jsonw_put(out, " ", 1);
	words_comm(out, t->comm);
}

/* What was done, but its name. */
static void action_object_text(struct jsonw *out, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool unread = event_unread(ev, FIELD_ACTION_OBJECT);

	if (e->header.type == EVENT_MODULE && !unread)
		jsonw_printf(out, e->number ? " loaded" : " unloaded");
	if (e->header.type == EVENT_SIGNAL)
		jsonw_printf(out, unread ? " signal ?" : " signal %u", e->number);
	if (e->header.type == EVENT_PTRACE)
		jsonw_printf(out, " %s", unread ? "?" : ptrace_request_name(e->number));
}

static void image_text(struct jsonw *out, const struct event *ev)
{
	const struct event_path *path = &ev->texts[FILE_PATH];

	if (event_unread(ev, FIELD_MODULE_IMAGE))
		return;
	jsonw_printf(out, " from ");
	if (!module_has_file(ev))
		jsonw_printf(out, "memory");
	else if (event_unread(ev, FIELD_MODULE_PATH))
		words_unknown(out);
	else
		words_word(out, path->text, path->size);
}

void action_text(struct jsonw *out, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool has_name = !action_has_target(ev); /* of the memfd, program, module, file */

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	words_uid(out, e->uid, false);
	if (action_has_target(ev))
		target(out, ev);
	action_object_text(out, ev);
	if (e->error)
		jsonw_printf(out, " %s%s", strerror(e->error), has_name ? ":" : "");
	if (!has_name)
		return;
	jsonw_put(out, " ", 1);
	if (event_unread(ev, FIELD_ACTION_OBJECT))
		words_unknown(out);
	else
		words_word(out, e->text, strnlen(e->text, sizeof(e->text)));
	if (e->header.type == EVENT_MODULE && e->number && !event_unread(ev, FIELD_ACTION_OBJECT))
		image_text(out, ev);
}
