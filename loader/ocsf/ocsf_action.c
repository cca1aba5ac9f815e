/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread does to another process (Process Activity), to modules (Kernel
 * Extension Activity), and to other resources of the kernel (Kernel Activity).
 */
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#include "loader/ocsf/ocsf.h"
#include "loader/event/particulars.h"
#include "loader/ocsf/ocsf_writers.h"
#include "loader/stream/fields.h"

static const struct ocsf_activity unknown = { OCSF_PROCESS, OCSF_UNKNOWN, "Unknown",
	                                      OCSF_STATUS_UNKNOWN, 0 },
				  open_process = { OCSF_PROCESS, 3, "Open", OCSF_SUCCESS, 0 },
				  inject = { OCSF_PROCESS, 4, "Inject", OCSF_SUCCESS, 0 },
				  signal_process = { OCSF_PROCESS, OCSF_OTHER, "signal",
	                                             OCSF_SUCCESS, 0 },
				  launch = { OCSF_PROCESS, 1, "Launch", OCSF_FAILURE, 0 },
				  load = { OCSF_KERNEL_EXTENSION, 1, "Load", OCSF_SUCCESS, 0 },
				  unload = { OCSF_KERNEL_EXTENSION, 2, "Unload", OCSF_SUCCESS, 0 },
				  module = { OCSF_KERNEL_EXTENSION, OCSF_UNKNOWN, "Unknown",
	                                     OCSF_SUCCESS, 0 },
				  create = { OCSF_KERNEL, 1, "Create", OCSF_SUCCESS, 0 };

/* Attaching comes first: what writes is reported as such. */
static bool is_attach(const struct event *ev)
{
	return ev->action.number == PTRACE_ATTACH || ev->action.number == PTRACE_SEIZE;
}

static const struct ocsf_activity *kind_of(const struct event *ev)
{
	switch (ev->header.type) {
	case EVENT_PTRACE:
		if (event_unread(ev, FIELD_ACTION_OBJECT))
			return &unknown;
		return is_attach(ev) ? &open_process : &inject;
	case EVENT_PROCESS_ACCESS:
		return &open_process;
	case EVENT_SIGNAL:
		return &signal_process;
	case EVENT_EXEC_FAILED:
		return &launch;
	case EVENT_MODULE:
		if (event_unread(ev, FIELD_ACTION_OBJECT))
			return &module;
		return ev->action.number ? &load : &unload;
	default:
		return &create;
	}
}

static struct ocsf_activity activity_of(const struct event *ev)
{
	struct ocsf_activity ret = *kind_of(ev);

	ret.error = ev->action.error;
	if (ev->header.type == EVENT_EXEC_FAILED || !action_has_field(ev, FIELD_ACTION_OUTCOME))
		return ret;
	if (event_unread(ev, FIELD_ACTION_OUTCOME))
		ret.status = OCSF_STATUS_UNKNOWN;
	else
		ret.status = ev->action.error ? OCSF_FAILURE : OCSF_SUCCESS;
	return ret;
}

/* ---- the other process --------------------------------------------------- */

static void target_write(struct format *f, const struct event *ev)
{
	const struct parent_ids *t = &ev->action.target;
	const struct cached *living;

	if (event_unread(ev, FIELD_ACTION_TARGET)) {
		jsonw_object_open(&f->json, "process");
		jsonw_string(&f->json, "uid", "");
		ecs_unread(f, "uid");
	} else if (t->start_boottime_ns) {
		ocsf_process_open(
			f, "process",
			&(struct ocsf_process){
				.pid = t->pid,
				.start_boottime_ns = t->start_boottime_ns,
				.name = t->comm,
				.known = ecs_known(f, t->pid, t->start_boottime_ns, false) });
	} else {
		living = f->cache ? cache_find_living(f->cache, t->pid) : NULL;
		ocsf_number_open(f, "process", t->pid, living);
	}
	jsonw_object_close(&f->json);
}

/* ---- what is loaded or made ---------------------------------------------- */

static void text_write(struct format *f, const char *key, const struct event *ev)
{
	const char *text = ev->action.text;
	size_t size = strnlen(text, sizeof(ev->action.text));
	bool unread = event_unread(ev, FIELD_ACTION_OBJECT);

	ecs_bytes(f, key, text, unread ? 0 : size, sizeof(ev->action.text));
	if (unread)
		ecs_unread(f, key);
}

static bool is_stat_unread(const struct event *ev)
{
	return event_unread(ev, FIELD_MODULE_STAT) || event_unread(ev, FIELD_MODULE_NUMBERS);
}

/* The file that the module is loaded from; where there is none, or it is unloaded, its name. */
static void driver_write(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "driver");
	jsonw_object_open(&f->json, "file");
	if (module_has_file(ev)) {
		ocsf_path_text(f, ev, FILE_PATH);
		ocsf_file_type(&f->json, S_IFREG);
		ecs_inode(f, "uid", ev->opened.inode, is_stat_unread(ev));
		ocsf_hashes(&f->json, ev->hash);
	} else {
		text_write(f, "name", ev);
		ocsf_enum(&f->json, "type_id", OCSF_UNKNOWN, "type", "Unknown");
	}
	jsonw_object_close(&f->json);
	jsonw_object_close(&f->json);
}

/* Of the file what OCSF has no place for. */
static void driver_rest(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "file");
	if (is_stat_unread(ev))
		ecs_unread(f, "device");
	else
		ecs_device(&f->json, "device", ev->opened.device);
	jsonw_object_close(&f->json);
	ecs_hash_missing(&f->json, ev->hash);
}

static void kernel_write(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "kernel");
	text_write(f, "name", ev);
	ocsf_enum(&f->json, "type_id", OCSF_OTHER, "type", event_type_name(ev->header.type));
	jsonw_object_close(&f->json);
}

/* The process that was to run the file: it goes on as it was. */
static void failed_write(struct format *f, const struct event *ev, const struct actor *actor)
{
	const char *text = ev->action.text;
	size_t size = strnlen(text, sizeof(ev->action.text));

	ocsf_enum(&f->json, "launch_type_id", 3, "launch_type", "Exec");
	jsonw_object_open(&f->json, "process");
	jsonw_u64(&f->json, "pid", actor->ids->pid);
	jsonw_object_open(&f->json, "file");
	if (event_unread(ev, FIELD_ACTION_OBJECT))
		text_write(f, "name", ev);
	else
		ocsf_path(f, text, size);
	ocsf_enum(&f->json, "type_id", OCSF_UNKNOWN, "type", "Unknown");
	jsonw_object_close(&f->json);
	jsonw_object_close(&f->json);
}

static void object_write(struct format *f, const struct event *ev, const struct actor *actor)
{
	const struct action_event *e = &ev->action;

	if (action_has_target(ev))
		target_write(f, ev);
	else if (e->header.type == EVENT_EXEC_FAILED)
		failed_write(f, ev, actor);
	else if (e->header.type == EVENT_MODULE)
		driver_write(f, ev);
	else
		kernel_write(f, ev);
	if (e->header.type == EVENT_PROCESS_ACCESS)
		ecs_u64(f, "requested_permissions", e->number,
		        event_unread(ev, FIELD_ACTION_OBJECT));
}

void action_ocsf(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	const struct actor actor = ACTOR(e, e->uid);
	const struct ocsf_activity activity = activity_of(ev);

	ocsf_head(f, ev, &activity);
	if (action_has_field(ev, FIELD_ACTION_OUTCOME) && event_unread(ev, FIELD_ACTION_OUTCOME))
		ecs_unread(f, "status_id");
	if (kind_of(ev) == &inject)
		ocsf_enum(&f->json, "injection_type_id", OCSF_OTHER, "injection_type", "ptrace");
	ocsf_actor(f, ev, &actor);
	object_write(f, ev, &actor);
	ocsf_actor_rest(f, ev, &actor);
	action_unmapped(f, ev);
	if (e->header.type == EVENT_MODULE && module_has_file(ev))
		driver_rest(f, ev);
	ecs_sextant_close(f);
}

/* Entered by setns and unshare, which are not known apart. */
void namespaces_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity activity = { OCSF_KERNEL, OCSF_OTHER, "namespaces",
		                                       OCSF_SUCCESS, 0 };
	const struct namespaces_event *e = &ev->namespaces;
	const struct actor actor = ACTOR(e, e->uid);

	ocsf_head(f, ev, &activity);
	ocsf_actor(f, ev, &actor);
	jsonw_object_open(&f->json, "kernel");
	jsonw_string(&f->json, "name", "namespaces");
	ocsf_enum(&f->json, "type_id", OCSF_OTHER, "type", "namespaces");
	jsonw_object_close(&f->json);
	ocsf_actor_rest(f, ev, &actor);
	namespaces_unmapped(f, ev);
	ecs_sextant_close(f);
}
