/* SPDX-License-Identifier: BSD-2-Clause */
/* exec. */
#include <stdlib.h>
#include <string.h>

#include "loader/state/container.h"
#include "loader/event/credential_ids.h"
#include "loader/event/ecs.h"
#include "loader/event/env_vars.h"
#include "loader/event/lineage.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"
#include "loader/stream/strings.h"

#define UNSET_ID 0xffffffffU /* loginuid and session of what no login started */

/* Not where there is none. */
static void exec_text_if(struct format *f, const char *key, const struct event *ev,
                         enum event_text text)
{
	if (ev->texts[text].size || event_unread(ev, FIELD_TEXTS + text) ||
	    event_truncated(ev, FIELD_TEXTS + text))
		ecs_text_member(f, key, ev, text);
}

static void args(struct format *f, const struct event *ev)
{
	if (event_truncated(ev, FIELD_EXEC_ARGV))
		ecs_cut(f, "args");
	if (event_unread(ev, FIELD_EXEC_ARGV)) {
		ecs_unread(f, "args");
		ecs_unread(f, "args_count");
		return;
	}
	jsonw_u64(&f->json, "args_count", ecs_strings(f, "args", ev->argv, ev->exec.argv_size));
}

void exec_command_line(struct format *f, const char *key, const struct event *ev)
{
	const struct span strings = { ev->argv, ev->exec.argv_size };

	if (event_unread(ev, FIELD_EXEC_ARGV))
		ecs_unread(f, key);
	else
		ecs_command_line(f, key, strings, event_truncated(ev, FIELD_EXEC_ARGV),
		                 f->command_line, sizeof(f->command_line));
}

/* None: no member. */
static void strings_if(struct format *f, const char *key, const char *bytes, size_t size,
                       bool unread)
{
	if (unread)
		ecs_unread(f, key);
	else if (size)
		ecs_strings(f, key, bytes, size);
}

static void env_vars(struct format *f, const struct event *ev, const char *bytes, size_t size)
{
	if (event_truncated(ev, FIELD_EXEC_ENV))
		ecs_cut(f, "env_vars");
	strings_if(f, "env_vars", bytes, size, event_unread(ev, FIELD_EXEC_ENV));
}

/* ECS: what the process ran before, as far as it was observed. */
static void previous(struct format *f, const struct event *ev)
{
	const struct cached *before = f->cache ? cache_find_before(f->cache, &ev->exec) : NULL;

	if (!before || !before->exe)
		return;
	jsonw_object_open(&f->json, "previous");
	ecs_executable(f, before);
	if (before->args.size)
		ecs_args(f, before->args, before->are_args_cut);
	jsonw_object_close(&f->json);
}

/* ECS has no name there. */
static void previous_name(struct format *f, const struct event *ev)
{
	if (event_unread(ev, FIELD_EXEC_PREVIOUS))
		ecs_unread(f, "previous_name");
	else if (ev->exec.previous_comm[0])
		ecs_comm(f, "previous_name", ev->exec.previous_comm);
}

static void terminal(struct format *f, const struct event *ev)
{
	if (event_unread(ev, FIELD_EXEC_TTY))
		ecs_unread(f, "tty");
	else
		ecs_tty(f, ev->exec.tty);
}

void exec_process_rest(struct format *f, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;

	args(f, ev);
	credential_ids(f, &e->cred, false, event_unread(ev, FIELD_EXEC_CRED));
	ecs_leader(f, "session_leader", e->sid, event_unread(ev, FIELD_GROUPS));
	terminal(f, ev);
	lineage_entry_leader(f, ev);
}

/* That called exec. */
static void exec_thread(struct format *f, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;

	if (e->caller_tid && e->caller_tid != e->process.pid)
		ecs_thread(&f->json, e->caller_tid);
	else if (!e->caller_tid && event_unread(ev, FIELD_EXEC_PREVIOUS))
		ecs_unread(f, "thread");
}

/* vars: the variables of the environment that are wanted. */
static void exec_process(struct format *f, const struct event *ev, const char *vars,
                         size_t vars_size)
{
	const struct exec_event *e = &ev->exec;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "process");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_START));
	ecs_comm(f, "name", e->comm);
	ecs_text_member(f, "executable", ev, TEXT_EXE);
	ecs_hash(json, ev->hash);
	ecs_text_member(f, "working_directory", ev, TEXT_CWD);
	exec_process_rest(f, ev);
	exec_command_line(f, "command_line", ev);
	env_vars(f, ev, vars, vars_size);
	ecs_u64(f, "vpid", e->ns.ns_pid, event_unread(ev, FIELD_EXEC_NS_PID));
	exec_thread(f, ev);
	previous(f, ev);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
}

/* user: who acts (real), and as whom (effective). */
static void exec_user(struct format *f, const struct event *ev)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "user");
	if (event_unread(ev, FIELD_EXEC_CRED)) {
		ecs_unread(f, "id");
		ecs_unread(f, "effective");
	} else {
		ecs_id_members(f, "id", NAME_USER, ev->exec.cred.uid);
		ecs_user(f, "effective", ev->exec.cred.euid);
	}
	jsonw_object_close(json);
}

static void exec_file(struct format *f, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	struct jsonw *json = &f->json;

	if (event_unread(ev, FIELD_EXEC_EXE_STAT)) {
		ecs_unread(f, "executable");
		return;
	}
	jsonw_object_open(json, "executable");
	ecs_file_numbers(f, e->inode, e->device, event_unread(ev, FIELD_EXEC_EXE_NUMBERS));
	ecs_mode(json, "mode", e->mode & 07777);
	ecs_id_text(f, "uid", e->file_uid, false);
	ecs_id_text(f, "gid", e->file_gid, false);
	jsonw_bool(json, "deleted", !e->nlink);
	jsonw_object_close(json);
}

static void exec_script(struct format *f, const struct event *ev)
{
	if (event_unread(ev, FIELD_EXEC_SCRIPT))
		ecs_unread(f, "script");
	else if (ev->has_script)
		ecs_script(f, &ev->script, event_unread(ev, FIELD_EXEC_SCRIPT_NUMBERS),
		           ev->script_hash);
}

/* Is one path the other one, or above it? */
static bool path_leads_to(const struct event_path *above, const struct event_path *p)
{
	if (above->size == 1)
		return true; /* "/" */
	return above->size <= p->size && !memcmp(above->text, p->text, above->size) &&
	       (above->size == p->size || p->text[above->size] == '/');
}

/* Where version 2 is all there is, version 1's is that of an ancestor: it says nothing more. */
static bool cgroup_v1_differs(const struct event *ev)
{
	return (ev->header.unread | ev->header.truncated) &
	               (1U << FIELD_EXEC_CGROUP | 1U << FIELD_EXEC_CGROUP_V1) ||
	       !path_leads_to(&ev->texts[TEXT_CGROUP_V1], &ev->texts[TEXT_CGROUP]);
}

static void exec_cgroup(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "cgroup");
	ecs_text_member(f, "path", ev, TEXT_CGROUP);
	if (cgroup_v1_differs(ev))
		ecs_text_member(f, "v1_path", ev, TEXT_CGROUP_V1);
	jsonw_object_close(&f->json);
}

/* Where and how it was called. */
static void exec_surroundings(struct format *f, const struct event *ev)
{
	exec_text_if(f, "filename", ev, TEXT_FILENAME);
	exec_text_if(f, "interpreter", ev, TEXT_INTERP);
	strings_if(f, "interpreters", ev->interpreters, ev->interpreters_size,
	           event_unread(ev, FIELD_EXEC_INTERPRETERS));
	exec_script(f, ev);
	ecs_root(f, ev);
	exec_cgroup(f, ev);
	if (event_unread(ev, FIELD_EXEC_TTY))
		ecs_unread(f, "tty");
	else if (ev->exec.tty[0])
		ecs_comm(f, "tty", ev->exec.tty);
}

_Static_assert(EVENTS_TTY_BYTES == EVENTS_COMM_BYTES, "one writer for both");

static void exec_namespaces(struct format *f, const struct event *ev)
{
	struct jsonw *json = &f->json;
	const struct namespaces *ns = &ev->exec.ns;
	const struct {
		const char *key;
		uint32_t inum;
		bool unread;
	} all[] = {
		{ "pid", ns->pid_ns, event_unread(ev, FIELD_EXEC_NS_PID) },
		{ "mnt", ns->mnt_ns, event_unread(ev, FIELD_EXEC_NAMESPACES) },
		{ "net", ns->net_ns, event_unread(ev, FIELD_EXEC_NAMESPACES) },
		{ "uts", ns->uts_ns, event_unread(ev, FIELD_EXEC_NAMESPACES) },
		{ "ipc", ns->ipc_ns, event_unread(ev, FIELD_EXEC_NAMESPACES) },
		{ "user", ns->user_ns, !ns->user_ns },
		{ "cgroup", ns->cgroup_ns, false }, /* from 4.6 */
	};
	size_t i;

	jsonw_object_open(json, "namespace");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].unread)
			ecs_unread(f, all[i].key);
		else if (all[i].inum)
			jsonw_u64(json, all[i].key, all[i].inum);
	jsonw_object_close(json);
}

static void exec_rights(struct format *f, const struct event *ev)
{
	const struct credentials *c = &ev->exec.cred;
	bool unread = event_unread(ev, FIELD_EXEC_CRED);

	if (unread)
		ecs_unread(f, "capabilities");
	else
		ecs_capabilities(&f->json, c);
	ecs_id_text(f, "fs_uid", c->fsuid, unread);
	ecs_id_text(f, "fs_gid", c->fsgid, unread);
	if (event_unread(ev, FIELD_EXEC_UMASK))
		ecs_unread(f, "umask");
	else
		ecs_mode(&f->json, "umask", ev->exec.umask);
	unread = event_unread(ev, FIELD_EXEC_LOGINUID);
	if (unread || ev->exec.loginuid != UNSET_ID)
		ecs_id_object(f, "audit_user", NAME_USER, ev->exec.loginuid, unread);
	if (unread || ev->exec.sessionid != UNSET_ID)
		ecs_u64(f, "audit_session", ev->exec.sessionid, unread);
}

void exec_unmapped(struct format *f, const struct event *ev)
{
	exec_file(f, ev);
	ecs_hash_missing(&f->json, ev->hash);
	exec_surroundings(f, ev);
	exec_namespaces(f, ev);
	exec_rights(f, ev);
	previous_name(f, ev);
	lineage_ancestors(f, ev);
	if (ev->redacted)
		jsonw_u64(&f->json, "redacted", ev->redacted);
	ecs_u64(f, "args_bytes", ev->exec.argv_total, event_unread(ev, FIELD_EXEC_ARGV));
}

void exec_json(struct format *f, const struct event *ev)
{
	char vars[ENV_BYTES_MAX + 1];
	size_t vars_size = env_vars_filter(f->env, ev->env, ev->exec.env_size, vars);
	const struct cgroups cgroups = cgroups_of_exec(ev);

	ecs_head(f, ev);
	exec_process(f, ev, vars, vars_size);
	exec_user(f, ev);
	ecs_place(f, container_of(&cgroups), cgroups_service(&cgroups));
	ecs_sextant_open(f, ev);
	exec_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- text -------------------------------------------------------------- */

static void args_text(struct jsonw *out, const struct event *ev)
{
	const char *argv = ev->argv;
	size_t left = ev->exec.argv_size, next, length;

	if (event_unread(ev, FIELD_EXEC_ARGV)) {
		jsonw_put(out, " ", 1);
		words_unknown(out);
		return;
	}
	for (; left; argv += next, left -= next) {
		next = strings_next(argv, left, &length);
		jsonw_put(out, " ", 1);
		words_word(out, argv, length);
	}
}

void exec_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u", ev->exec.process.pid);
	words_parent(out, ev, &ev->exec.parent);
	words_uid(out, ev->exec.cred.uid, event_unread(ev, FIELD_EXEC_CRED));
	jsonw_put(out, " ", 1);
	words_text(out, ev, TEXT_EXE);
	jsonw_put(out, ":", 1);
	args_text(out, ev);
	jsonw_printf(out, " [in ");
	words_text(out, ev, TEXT_CWD);
	jsonw_put(out, "]", 1);
}
