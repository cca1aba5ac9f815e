/* SPDX-License-Identifier: BSD-2-Clause */
/* exec as ECS JSON. */
#include <string.h>

#include "container.h"
#include "ecs.h"

#define UNSET_ID 0xffffffffU /* loginuid and session of what no login started */

/* Not where there is none. */
static void exec_text_if(struct jsonw *json, const char *key, const struct event *ev,
                         enum event_text text)
{
	if (ev->texts[text].size || event_unread(ev, FIELD_TEXTS + text))
		ecs_text_member(json, key, ev, text);
}

static void args(struct jsonw *json, const struct event *ev)
{
	const char *argv = ev->argv;
	size_t left = ev->exec.argv_size, size, count = 0;

	if (event_unread(ev, FIELD_ARGV)) {
		jsonw_string(json, "args", NULL);
		return;
	}
	jsonw_array_open(json, "args");
	while (left) {
		size = strnlen(argv, left); /* the last may lack its NUL */
		jsonw_bytes(json, NULL, argv, size);
		size += size < left;
		argv += size;
		left -= size;
		count++;
	}
	jsonw_array_close(json);
	jsonw_u64(json, "args_count", count);
}

/* Is the variable one of the list? size: of the name. */
static bool env_listed(const char *list, const char *name, size_t size)
{
	while (*list) {
		size_t len = strcspn(list, ",");

		if (len && len == size && !memcmp(list, name, len))
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

/* The wanted variables, each with its NUL; their size. ret: exec.env_size bytes. */
static size_t env_filter(const char *list, const struct event *ev, char *ret)
{
	size_t left = ev->exec.env_size, kept = 0;
	const char *at = ev->env;

	while (left) {
		size_t size = strnlen(at, left), whole = size + (size < left);
		const char *end = memchr(at, '=', size);

		if (end && env_listed(list, at, end - at)) {
			memcpy(ret + kept, at, size);
			kept += size;
			ret[kept++] = '\0';
		}
		at += whole;
		left -= whole;
	}
	return kept;
}

/* Strings, each ended by NUL; none: no member. */
static void strings(struct jsonw *json, const char *key, const struct ecs_text *all, bool unread)
{
	size_t at = 0, size;

	if (unread) {
		jsonw_string(json, key, NULL);
		return;
	}
	if (!all->size)
		return;
	jsonw_array_open(json, key);
	for (; at < all->size; at += size + 1) {
		size = strlen(all->bytes + at);
		jsonw_bytes(json, NULL, all->bytes + at, size);
	}
	jsonw_array_close(json);
}

static void credentials(struct format *f, const struct event *ev)
{
	const struct credentials *c = &ev->exec.cred;
	const struct {
		const char *key;
		enum name_kind kind;
		uint32_t id;
	} all[] = {
		{ "user", NAME_USER, c->euid },       { "real_user", NAME_USER, c->uid },
		{ "saved_user", NAME_USER, c->suid }, { "group", NAME_GROUP, c->egid },
		{ "real_group", NAME_GROUP, c->gid }, { "saved_group", NAME_GROUP, c->sgid },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (event_unread(ev, FIELD_CRED))
			jsonw_string(&f->json, all[i].key, NULL);
		else
			ecs_id_object(f, all[i].key, all[i].kind, all[i].id);
}

/* ECS: what the process was before. */
static void previous(struct format *f, const struct event *ev)
{
	const struct cached *before = f->cache ? cache_find_before(f->cache, &ev->exec) : NULL;

	if (event_unread(ev, FIELD_PREVIOUS)) {
		jsonw_string(&f->json, "previous", NULL);
		return;
	}
	if (!ev->exec.previous_comm[0] && !(before && before->exe))
		return; /* nobody looked */
	jsonw_object_open(&f->json, "previous");
	if (ev->exec.previous_comm[0])
		ecs_comm(&f->json, "name", ev->exec.previous_comm);
	ecs_executable(f, before);
	jsonw_object_close(&f->json);
}

static void exec_process(struct format *f, const struct event *ev, const struct ecs_text *vars)
{
	const struct exec_event *e = &ev->exec;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "process");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_START));
	ecs_comm(json, "name", e->comm);
	ecs_text_member(json, "executable", ev, TEXT_EXE);
	ecs_text_member(json, "working_directory", ev, TEXT_CWD);
	args(json, ev);
	strings(json, "env_vars", vars, event_unread(ev, FIELD_ENV));
	credentials(f, ev);
	if (event_unread(ev, FIELD_NS_PID))
		jsonw_string(json, "vpid", NULL);
	else
		jsonw_u64(json, "vpid", e->ns.ns_pid);
	ecs_leader(f, "session_leader", e->sid, event_unread(ev, FIELD_GROUPS));
	if (e->caller_tid && e->caller_tid != e->process.pid)
		ecs_thread(json, e->caller_tid);
	previous(f, ev);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
}

/* user: who acts (real), as whom (effective), and who logged in. */
static void exec_user(struct format *f, const struct event *ev)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "user");
	if (event_unread(ev, FIELD_CRED)) {
		jsonw_string(json, "id", NULL);
		jsonw_string(json, "effective", NULL);
	} else {
		ecs_id_members(f, NAME_USER, ev->exec.cred.uid);
		ecs_user(f, "effective", ev->exec.cred.euid);
	}
	if (event_unread(ev, FIELD_LOGINUID))
		jsonw_string(json, "audit", NULL);
	else if (ev->exec.loginuid != UNSET_ID)
		ecs_user(f, "audit", ev->exec.loginuid);
	jsonw_object_close(json);
}

static void exec_file(struct jsonw *json, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;

	if (event_unread(ev, FIELD_EXE_INODE)) {
		jsonw_string(json, "executable", NULL);
		return;
	}
	jsonw_object_open(json, "executable");
	ecs_file_numbers(json, ev, e->inode, e->device);
	ecs_number(json, "mode", "%04o", e->mode & 07777);
	ecs_id_text(json, "uid", e->file_uid);
	ecs_id_text(json, "gid", e->file_gid);
	jsonw_bool(json, "deleted", !e->nlink);
	jsonw_object_close(json);
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
static bool cgroup_v1_told(const struct event *ev)
{
	return ev->header.unread & (1U << FIELD_CGROUP | 1U << FIELD_CGROUP_V1) ||
	       !path_leads_to(&ev->texts[TEXT_CGROUP_V1], &ev->texts[TEXT_CGROUP]);
}

static void exec_cgroup(struct jsonw *json, const struct event *ev)
{
	jsonw_object_open(json, "cgroup");
	ecs_text_member(json, "path", ev, TEXT_CGROUP);
	if (cgroup_v1_told(ev))
		ecs_text_member(json, "v1_path", ev, TEXT_CGROUP_V1);
	jsonw_object_close(json);
}

/* Where and how it was called. */
static void exec_surroundings(struct jsonw *json, const struct event *ev,
                              const struct ecs_text *interpreters)
{
	const struct event_path *root = &ev->texts[TEXT_ROOT];

	exec_text_if(json, "filename", ev, TEXT_FILENAME);
	exec_text_if(json, "interpreter", ev, TEXT_INTERP);
	strings(json, "interpreters", interpreters, event_unread(ev, FIELD_INTERPRETERS));
	if (event_unread(ev, FIELD_ROOT) || root->size != 1)
		ecs_text_member(json, "root", ev, TEXT_ROOT);
	exec_cgroup(json, ev);
	if (event_unread(ev, FIELD_TTY))
		jsonw_string(json, "tty", NULL);
	else if (ev->exec.tty[0])
		jsonw_bytes(json, "tty", ev->exec.tty, strnlen(ev->exec.tty, EVENTS_TTY_BYTES));
}

static void exec_namespaces(struct jsonw *json, const struct event *ev)
{
	const struct namespaces *ns = &ev->exec.ns;
	const struct {
		const char *key;
		uint32_t inum;
		bool unread;
	} all[] = {
		{ "pid", ns->pid_ns, event_unread(ev, FIELD_NS_PID) },
		{ "mnt", ns->mnt_ns, event_unread(ev, FIELD_NAMESPACES) },
		{ "net", ns->net_ns, event_unread(ev, FIELD_NAMESPACES) },
		{ "uts", ns->uts_ns, event_unread(ev, FIELD_NAMESPACES) },
		{ "ipc", ns->ipc_ns, event_unread(ev, FIELD_NAMESPACES) },
		{ "user", ns->user_ns, false },
		{ "cgroup", ns->cgroup_ns, false }, /* from 4.6 */
	};
	size_t i;

	jsonw_object_open(json, "namespace");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].unread)
			jsonw_string(json, all[i].key, NULL);
		else if (all[i].inum)
			jsonw_u64(json, all[i].key, all[i].inum);
	jsonw_object_close(json);
}

void ecs_exec(struct format *f, const struct event *ev)
{
	char vars_bytes[ENV_BYTES_MAX + 1];
	const struct ecs_text vars = { "process.env_vars", vars_bytes,
		                       env_filter(f->env, ev, vars_bytes) };
	const struct ecs_text interpreters = { "sextant.interpreters", ev->interpreters,
		                               ev->interpreters_size };
	const struct ecs_text texts[] = {
		{ "process.args", ev->argv, ev->exec.argv_size },
		vars,
		interpreters,
		ecs_path_text("process.executable", ev, TEXT_EXE),
		ecs_path_text("process.working_directory", ev, TEXT_CWD),
		ecs_path_text("sextant.filename", ev, TEXT_FILENAME),
		ecs_path_text("sextant.interpreter", ev, TEXT_INTERP),
		ecs_path_text("sextant.root", ev, TEXT_ROOT),
		ecs_path_text("sextant.cgroup.path", ev, TEXT_CGROUP),
		ecs_path_text("sextant.cgroup.v1_path", ev, TEXT_CGROUP_V1),
		ecs_comm_text("process.name", ev->exec.comm),
		ecs_comm_text("process.previous.name", ev->exec.previous_comm),
		ecs_comm_text("process.parent.name", ev->exec.parent.comm),
	};
	struct jsonw *json = &f->json;

	ecs_head(f, ev);
	exec_process(f, ev, &vars);
	exec_user(f, ev);
	ecs_container(json, container_of_exec(ev));
	ecs_sextant_open(f, ev);
	exec_file(json, ev);
	exec_surroundings(json, ev, &interpreters);
	exec_namespaces(json, ev);
	if (!event_unread(ev, FIELD_CRED)) {
		ecs_capabilities(json, &ev->exec.cred);
		ecs_id_text(json, "fs_uid", ev->exec.cred.fsuid);
		ecs_id_text(json, "fs_gid", ev->exec.cred.fsgid);
	}
	if (!event_unread(ev, FIELD_LOGINUID) && ev->exec.sessionid != UNSET_ID)
		jsonw_u64(json, "audit_session", ev->exec.sessionid);
	if (!event_unread(ev, FIELD_ARGV))
		jsonw_u64(json, "args_bytes", ev->exec.argv_total);
	ecs_sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}
