/* SPDX-License-Identifier: BSD-2-Clause */
/* exec: Process Activity. */
#include <string.h>
#include <sys/stat.h>

#include "loader/event/env_vars.h"
#include "loader/ocsf/ocsf.h"
#include "loader/event/particulars.h"
#include "loader/ocsf/ocsf_writers.h"
#include "loader/state/container.h"
#include "loader/stream/strings.h"
#include "offsets/util/escape.h"

#define UNSET_ID 0xffffffffU /* loginuid and session of what no login started */

/* The process as it was before. */
static void exec_actor(struct format *f, const struct event *ev, const struct cached *before)
{
	const struct exec_event *e = &ev->exec;
	bool unread = event_unread(ev, FIELD_EXEC_PREVIOUS);

	jsonw_object_open(&f->json, "actor");
	ocsf_process_open(f, "process",
	                  &(struct ocsf_process){
				  .pid = e->process.pid,
				  .tid = e->caller_tid,
				  .start_boottime_ns = e->process.start_boottime_ns,
				  .is_start_unread = event_unread(ev, FIELD_START),
				  .name = !unread && e->previous_comm[0] ? e->previous_comm : NULL,
				  .known = before });
	if (unread)
		ecs_unread(f, "name");
	jsonw_object_close(&f->json);
	ocsf_identity(f, "user", NAME_USER, e->cred.uid, event_unread(ev, FIELD_EXEC_CRED));
	jsonw_object_close(&f->json);
}

static void exec_file(struct format *f, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "file");
	ocsf_path_text(f, ev, TEXT_EXE);
	ocsf_file_type(json, S_IFREG);
	ocsf_hashes(json, ev->hash);
	if (event_unread(ev, FIELD_EXEC_EXE_STAT)) {
		ecs_unread(f, "uid");
		ecs_unread(f, "owner");
		ecs_unread(f, "is_deleted");
	} else {
		ecs_inode(f, "uid", e->inode, event_unread(ev, FIELD_EXEC_EXE_NUMBERS));
		ocsf_identity(f, "owner", NAME_USER, e->file_uid, false);
		jsonw_bool(json, "is_deleted", !e->nlink);
	}
	jsonw_object_close(json);
}

/* "NAME=value"; False: it is not UTF-8. */
static bool variable_write(struct jsonw *json, const char *text, size_t size)
{
	const char *value = memchr(text, '=', size);

	jsonw_object_open(json, NULL);
	jsonw_bytes(json, "name", text, value - text);
	jsonw_bytes(json, "value", value + 1, text + size - value - 1);
	jsonw_object_close(json);
	return escape_is_utf8(text, size);
}

static void variables_write(struct format *f, const char *vars, size_t size)
{
	static const char key[] = "environment_variables";
	size_t at, next, length;
	bool valid = true;

	jsonw_array_open(&f->json, key);
	for (at = 0; at < size; at += next) {
		next = strings_next(vars + at, size - at, &length);
		valid &= variable_write(&f->json, vars + at, length);
	}
	jsonw_array_close(&f->json);
	if (!valid)
		notes_text(&f->notes, &f->json, NOTE_LIST, key, vars, size);
}

static void exec_variables(struct format *f, const struct event *ev, const char *vars, size_t size)
{
	if (event_truncated(ev, FIELD_EXEC_ENV))
		ecs_cut(f, "environment_variables");
	if (event_unread(ev, FIELD_EXEC_ENV))
		ecs_unread(f, "environment_variables");
	else if (size)
		variables_write(f, vars, size);
}

static void exec_ids(struct format *f, const struct event *ev)
{
	bool unread = event_unread(ev, FIELD_EXEC_LOGINUID);

	ocsf_effective(f, &ev->exec.cred, event_unread(ev, FIELD_EXEC_CRED));
	if (unread || ev->exec.loginuid != UNSET_ID)
		ecs_u64(f, "auid", ev->exec.loginuid, unread);
}

/* What could not be read of it, exec_unmapped() names. */
static void exec_session(struct format *f, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	bool has_tty = !event_unread(ev, FIELD_EXEC_TTY) && e->tty[0];
	bool has_id = !event_unread(ev, FIELD_EXEC_LOGINUID) && e->sessionid != UNSET_ID;

	if (!has_tty && !has_id)
		return;
	jsonw_object_open(&f->json, "session");
	if (has_id)
		ecs_id_text(f, "uid", e->sessionid, false);
	if (has_tty)
		ecs_comm(f, "terminal", e->tty);
	jsonw_object_close(&f->json);
}

static void exec_process(struct format *f, const struct event *ev, const char *vars,
                         size_t vars_size)
{
	const struct exec_event *e = &ev->exec;
	const struct cgroups cgroups = cgroups_of_exec(ev);

	ocsf_process_open(f, "process",
	                  &(struct ocsf_process){ .pid = e->process.pid,
	                                          .start_boottime_ns = e->process.start_boottime_ns,
	                                          .is_start_unread = event_unread(ev, FIELD_START),
	                                          .name = e->comm });
	exec_file(f, ev);
	exec_command_line(f, "cmd_line", ev);
	ecs_text_member(f, "working_directory", ev, TEXT_CWD);
	exec_variables(f, ev, vars, vars_size);
	exec_ids(f, ev);
	exec_session(f, ev);
	ecs_u64(f, "namespace_pid", e->ns.ns_pid, event_unread(ev, FIELD_EXEC_NS_PID));
	ocsf_container(f, container_of(&cgroups));
	ocsf_parent(f, ev, &e->parent);
	jsonw_object_close(&f->json);
}

static void exec_previous_rest(struct format *f, const struct cached *before)
{
	if (!before || !before->exe || !before->args.size)
		return;
	jsonw_object_open(&f->json, "previous");
	ecs_args(f, before->args, before->are_args_cut);
	jsonw_object_close(&f->json);
}

static void exec_rest(struct format *f, const struct event *ev, const struct cached *before)
{
	const struct exec_event *e = &ev->exec;
	const struct cgroups cgroups = cgroups_of_exec(ev);

	ocsf_unmapped_open(f, ev->header.time_ns);
	jsonw_u64(&f->json, "cpu", ev->header.cpu);
	ocsf_rest_open(f, ev, &e->process, &e->parent);
	exec_previous_rest(f, before);
	exec_process_rest(f, ev);
	jsonw_object_close(&f->json);
	ocsf_place(f, container_of(&cgroups), cgroups_service(&cgroups));
	exec_unmapped(f, ev);
	ecs_sextant_close(f);
}

void exec_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity launch = { OCSF_PROCESS, 1, "Launch", OCSF_SUCCESS, 0 };
	const struct cached *before = f->cache ? cache_find_before(f->cache, &ev->exec) : NULL;
	char vars[ENV_BYTES_MAX + 1];
	size_t vars_size = env_vars_filter(f->env, ev->env, ev->exec.env_size, vars);

	ocsf_head(f, ev, &launch);
	ocsf_enum(&f->json, "launch_type_id", 3, "launch_type", "Exec");
	exec_actor(f, ev, before);
	exec_process(f, ev, vars, vars_size);
	exec_rest(f, ev, before);
}
