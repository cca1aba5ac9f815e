/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as ECS JSON. Where ECS has a field it is used; the rest is below
 * "sextant". A field that was not read is null and named in
 * sextant.read_errors; text that is no UTF-8 is also in sextant.raw, in hex.
 */
#include <stdio.h>
#include <string.h>

#include "container.h"
#include "fields.h"
#include "format.h"

#define UNSET_ID 0xffffffffU /* loginuid and session of what no login started */

static void id_text(struct jsonw *json, const char *key, uint32_t id)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", id);
	jsonw_string(json, key, text);
}

static void id_members(struct format *f, enum name_kind kind, uint32_t id)
{
	const char *name = f->names ? names_find(f->names, kind, id) : NULL;

	id_text(&f->json, "id", id);
	if (name)
		jsonw_bytes(&f->json, "name", name, strlen(name));
}

static void id_object(struct format *f, const char *key, enum name_kind kind, uint32_t id)
{
	jsonw_object_open(&f->json, key);
	id_members(f, kind, id);
	jsonw_object_close(&f->json);
}

static void user(struct format *f, const char *key, uint32_t id)
{
	id_object(f, key, NAME_USER, id);
}

static void comm(struct jsonw *json, const char *key, const char *name)
{
	jsonw_bytes(json, key, name, strnlen(name, EVENTS_COMM_BYTES));
}

static void thread(struct jsonw *json, uint32_t tid)
{
	jsonw_object_open(json, "thread");
	jsonw_u64(json, "id", tid);
	jsonw_object_close(json);
}

static void time_string(struct jsonw *json, const char *key, uint64_t wall_ns)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(wall_ns, text);
	jsonw_string(json, key, text);
}

/* Boot, pid and start: known from /proc as well, so a seeded cache finds it. */
static void entity_id(struct format *f, uint32_t pid, uint64_t ticks)
{
	char text[64];

	snprintf(text, sizeof(text), "%.8s-%u-%llu", f->host->boot_id, pid,
	         (unsigned long long)ticks);
	jsonw_string(&f->json, "entity_id", text);
}

static void identity(struct format *f, uint32_t pid, uint64_t start_boottime_ns, bool unread)
{
	jsonw_u64(&f->json, "pid", pid);
	if (unread) {
		jsonw_string(&f->json, "entity_id", NULL);
		jsonw_string(&f->json, "start", NULL);
		return;
	}
	entity_id(f, pid, start_ticks(start_boottime_ns));
	time_string(&f->json, "start", start_boottime_ns + f->clock.boottime_ns);
}

static void executable(struct format *f, const struct cached *known)
{
	if (known && known->exe)
		jsonw_bytes(&f->json, "executable", known->exe, known->exe_size);
}

static const struct cached *known(struct format *f, uint32_t pid, uint64_t start_boottime_ns)
{
	return f->cache ? cache_find(f->cache, pid, start_boottime_ns) : NULL;
}

static void parent(struct format *f, const struct parent_ids *p, bool unread)
{
	if (unread) {
		jsonw_string(&f->json, "parent", NULL);
		return;
	}
	jsonw_object_open(&f->json, "parent");
	identity(f, p->pid, p->start_boottime_ns, false);
	comm(&f->json, "name", p->comm);
	executable(f, known(f, p->pid, p->start_boottime_ns));
	jsonw_object_close(&f->json);
}

/* ECS: the leader of the process group, of the session. It may have ended long ago. */
static void leader(struct format *f, const char *key, uint32_t pid, bool unread)
{
	const struct cached *process = f->cache ? cache_find_living(f->cache, pid) : NULL;

	if (unread) {
		jsonw_string(&f->json, key, NULL);
		return;
	}
	jsonw_object_open(&f->json, key);
	jsonw_u64(&f->json, "pid", pid);
	if (process)
		entity_id(f, pid, process->start_ticks);
	executable(f, process);
	jsonw_object_close(&f->json);
}

/* Whom a process belongs to. */
static void lineage(struct format *f, const struct event *ev, const struct parent_ids *p)
{
	leader(f, "group_leader", p->pgid, event_unread(ev, FIELD_GROUPS));
	parent(f, p, event_unread(ev, FIELD_PARENT));
}

/* From the start of a process to its exit, ns. */
static uint64_t run_time(const struct format *f, const struct exit_event *e)
{
	uint64_t start = e->process.start_boottime_ns + f->clock.boottime_ns;
	uint64_t end = e->header.time_ns + f->clock.monotonic_ns;

	return end > start ? end - start : 0;
}

/* ECS: event.category and event.type. */
static const struct kind {
	const char *category, *type;
} kinds[EVENT_TYPES] = {
	[EVENT_EXEC] = { "process", "start" },
	[EVENT_FORK] = { "process", "start" },
	[EVENT_THREAD] = { "process", "start" },
	[EVENT_EXIT] = { "process", "end" },
	[EVENT_CREDENTIALS] = { "process", "change" },
	[EVENT_NAMESPACES] = { "process", "change" },
	[EVENT_PTRACE] = { "process", "access" },
	[EVENT_PROCESS_ACCESS] = { "process", "access" },
	[EVENT_SIGNAL] = { "process", "access" },
	[EVENT_MEMFD] = { "process", "info" },
	[EVENT_BPF] = { "process", "info" },
	[EVENT_MODULE] = { "driver", "start" },
};

static void head(struct format *f, const struct event *ev)
{
	struct kind kind = kinds[ev->header.type];
	struct jsonw *json = &f->json;

	if (ev->header.type == EVENT_MODULE && !ev->action.number)
		kind.type = "end";
	time_string(json, "@timestamp", ev->header.time_ns + f->clock.monotonic_ns);
	jsonw_object_open(json, "ecs");
	jsonw_string(json, "version", "8.11.0");
	jsonw_object_close(json);
	jsonw_object_open(json, "event");
	jsonw_string(json, "kind", "event");
	jsonw_array_open(json, "category");
	jsonw_string(json, NULL, kind.category);
	jsonw_array_close(json);
	jsonw_array_open(json, "type");
	jsonw_string(json, NULL, kind.type);
	jsonw_array_close(json);
	jsonw_string(json, "action", event_type_name(ev->header.type));
	jsonw_u64(json, "sequence", ev->header.sequence);
	if (ev->header.type == EVENT_EXIT && !event_unread(ev, FIELD_START))
		jsonw_u64(json, "duration", run_time(f, &ev->exit));
	jsonw_object_close(json);
	jsonw_object_open(json, "host");
	jsonw_string(json, "hostname", f->host->name);
	jsonw_object_open(json, "boot");
	jsonw_string(json, "id", *f->host->boot_id ? f->host->boot_id : NULL);
	jsonw_object_close(json);
	jsonw_object_close(json);
}

static void names_of(struct jsonw *json, const char *key, uint32_t bits)
{
	unsigned int i;

	if (!bits)
		return;
	jsonw_array_open(json, key);
	for (i = 0; i < FIELDS; i++)
		if (bits & (1U << i))
			jsonw_string(json, NULL, field_get(i)->name);
	jsonw_array_close(json);
}

/* Opens "sextant" and writes what every event has in it. */
static void sextant_open(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "sextant");
	jsonw_u64(&f->json, "cpu", ev->header.cpu);
	names_of(&f->json, "read_errors", ev->header.unread);
	names_of(&f->json, "truncated", ev->header.truncated);
}

/* Bytes of the kernel's under the name of their field. */
struct text {
	const char *key, *bytes;
	size_t size;
};

static struct text comm_text(const char *key, const char *name)
{
	return (struct text){ key, name, strnlen(name, EVENTS_COMM_BYTES) };
}

/* Closes "sextant"; before that, the exact bytes of text that JSON cannot carry. */
static void sextant_close(struct jsonw *json, const struct text *texts, size_t count)
{
	bool open = false;
	size_t i;

	for (i = 0; i < count; i++) {
		if (jsonw_utf8_valid(texts[i].bytes, texts[i].size))
			continue;
		if (!open)
			jsonw_object_open(json, "raw");
		open = true;
		jsonw_hex(json, texts[i].key, texts[i].bytes, texts[i].size);
	}
	if (open)
		jsonw_object_close(json);
	jsonw_object_close(json);
}

/* ---- exec ------------------------------------------------------------- */

static void exec_text(struct jsonw *json, const char *key, const struct event *ev,
                      enum exec_text text)
{
	if (event_unread(ev, FIELD_TEXTS + text))
		jsonw_string(json, key, NULL);
	else
		jsonw_bytes(json, key, ev->texts[text].text, ev->texts[text].size);
}

/* Not where there is none. */
static void exec_text_if(struct jsonw *json, const char *key, const struct event *ev,
                         enum exec_text text)
{
	if (ev->texts[text].size || event_unread(ev, FIELD_TEXTS + text))
		exec_text(json, key, ev, text);
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

static void env_vars(struct jsonw *json, const struct event *ev, const struct text *vars)
{
	size_t at = 0, size;

	if (event_unread(ev, FIELD_ENV)) {
		jsonw_string(json, "env_vars", NULL);
		return;
	}
	if (!vars->size)
		return;
	jsonw_array_open(json, "env_vars");
	for (; at < vars->size; at += size + 1) {
		size = strlen(vars->bytes + at);
		jsonw_bytes(json, NULL, vars->bytes + at, size);
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
			id_object(f, all[i].key, all[i].kind, all[i].id);
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
		comm(&f->json, "name", ev->exec.previous_comm);
	executable(f, before);
	jsonw_object_close(&f->json);
}

static void exec_process(struct format *f, const struct event *ev, const struct text *vars)
{
	const struct exec_event *e = &ev->exec;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "process");
	identity(f, e->process.pid, e->process.start_boottime_ns, event_unread(ev, FIELD_START));
	comm(json, "name", e->comm);
	exec_text(json, "executable", ev, TEXT_EXE);
	exec_text(json, "working_directory", ev, TEXT_CWD);
	args(json, ev);
	env_vars(json, ev, vars);
	credentials(f, ev);
	if (event_unread(ev, FIELD_NS_PID))
		jsonw_string(json, "vpid", NULL);
	else
		jsonw_u64(json, "vpid", e->ns.ns_pid);
	leader(f, "session_leader", e->sid, event_unread(ev, FIELD_GROUPS));
	if (e->caller_tid && e->caller_tid != e->process.pid)
		thread(json, e->caller_tid);
	previous(f, ev);
	lineage(f, ev, &e->parent);
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
		id_members(f, NAME_USER, ev->exec.cred.uid);
		user(f, "effective", ev->exec.cred.euid);
	}
	if (event_unread(ev, FIELD_LOGINUID))
		jsonw_string(json, "audit", NULL);
	else if (ev->exec.loginuid != UNSET_ID)
		user(f, "audit", ev->exec.loginuid);
	jsonw_object_close(json);
}

static void exec_file(struct jsonw *json, const struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	char text[32];

	if (event_unread(ev, FIELD_EXE_INODE)) {
		jsonw_string(json, "executable", NULL);
		return;
	}
	jsonw_object_open(json, "executable");
	snprintf(text, sizeof(text), "%llu", (unsigned long long)e->inode);
	jsonw_string(json, "inode", text);
	snprintf(text, sizeof(text), "%u:%u", e->device >> 20, e->device & 0xfffff);
	jsonw_string(json, "device", text);
	snprintf(text, sizeof(text), "%04o", e->mode & 07777);
	jsonw_string(json, "mode", text);
	id_text(json, "uid", e->file_uid);
	id_text(json, "gid", e->file_gid);
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
	exec_text(json, "path", ev, TEXT_CGROUP);
	if (cgroup_v1_told(ev))
		exec_text(json, "v1_path", ev, TEXT_CGROUP_V1);
	jsonw_object_close(json);
}

static void exec_container(struct jsonw *json, const struct event *ev)
{
	static const enum exec_text texts[] = { TEXT_CGROUP_V1, TEXT_CGROUP };
	const char *id = NULL;
	size_t i;

	for (i = 0; !id && i < 2; i++)
		if (!event_unread(ev, FIELD_TEXTS + texts[i]))
			id = container_id(ev->texts[texts[i]].text, ev->texts[texts[i]].size);
	if (!id)
		return;
	jsonw_object_open(json, "container");
	jsonw_bytes(json, "id", id, CONTAINER_ID_BYTES);
	jsonw_object_close(json);
}

/* Where and how it was called. */
static void exec_surroundings(struct jsonw *json, const struct event *ev)
{
	const struct event_path *root = &ev->texts[TEXT_ROOT];

	exec_text_if(json, "filename", ev, TEXT_FILENAME);
	exec_text_if(json, "interpreter", ev, TEXT_INTERP);
	if (event_unread(ev, FIELD_ROOT) || root->size != 1)
		exec_text(json, "root", ev, TEXT_ROOT);
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

static void capabilities(struct jsonw *json, const struct credentials *c)
{
	const struct {
		const char *key;
		uint64_t set;
	} all[] = {
		{ "permitted", c->cap_permitted },     { "effective", c->cap_effective },
		{ "inheritable", c->cap_inheritable }, { "bounding", c->cap_bset },
		{ "ambient", c->cap_ambient },
	};
	char text[24];
	size_t i;

	jsonw_object_open(json, "capabilities");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)all[i].set);
		jsonw_string(json, all[i].key, text);
	}
	jsonw_object_close(json);
}

static struct text path_text(const char *key, const struct event *ev, enum exec_text text)
{
	return (struct text){ key, ev->texts[text].text, ev->texts[text].size };
}

static void exec_json(struct format *f, const struct event *ev)
{
	char vars_bytes[ENV_BYTES_MAX + 1];
	const struct text vars = { "process.env_vars", vars_bytes,
		                   env_filter(f->env, ev, vars_bytes) };
	const struct text texts[] = {
		{ "process.args", ev->argv, ev->exec.argv_size },
		vars,
		path_text("process.executable", ev, TEXT_EXE),
		path_text("process.working_directory", ev, TEXT_CWD),
		path_text("sextant.filename", ev, TEXT_FILENAME),
		path_text("sextant.interpreter", ev, TEXT_INTERP),
		path_text("sextant.root", ev, TEXT_ROOT),
		path_text("sextant.cgroup.path", ev, TEXT_CGROUP),
		path_text("sextant.cgroup.v1_path", ev, TEXT_CGROUP_V1),
		comm_text("process.name", ev->exec.comm),
		comm_text("process.previous.name", ev->exec.previous_comm),
		comm_text("process.parent.name", ev->exec.parent.comm),
	};
	struct jsonw *json = &f->json;

	head(f, ev);
	exec_process(f, ev, &vars);
	exec_user(f, ev);
	exec_container(json, ev);
	sextant_open(f, ev);
	exec_file(json, ev);
	exec_surroundings(json, ev);
	exec_namespaces(json, ev);
	if (!event_unread(ev, FIELD_CRED)) {
		capabilities(json, &ev->exec.cred);
		id_text(json, "fs_uid", ev->exec.cred.fsuid);
		id_text(json, "fs_gid", ev->exec.cred.fsgid);
	}
	if (!event_unread(ev, FIELD_LOGINUID) && ev->exec.sessionid != UNSET_ID)
		jsonw_u64(json, "audit_session", ev->exec.sessionid);
	if (!event_unread(ev, FIELD_ARGV))
		jsonw_u64(json, "args_bytes", ev->exec.argv_total);
	sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}

/* ---- fork, thread, exit ----------------------------------------------- */

static void fork_json(struct format *f, const struct event *ev)
{
	const struct fork_event *e = &ev->fork;
	const struct text texts[] = {
		comm_text("process.name", e->comm),
		comm_text("process.parent.name", e->parent.comm),
	};
	struct jsonw *json = &f->json;
	char flags[24];

	head(f, ev);
	jsonw_object_open(json, "process");
	identity(f, e->child.pid, e->child.start_boottime_ns, event_unread(ev, FIELD_CHILD_START));
	comm(json, "name", e->comm);
	executable(f, known(f, e->process.pid, e->process.start_boottime_ns));
	if (ev->header.type == EVENT_THREAD)
		thread(json, e->child.tid);
	lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	user(f, "user", e->uid);
	sextant_open(f, ev);
	/* Who called clone(): not the parent with CLONE_PARENT. */
	jsonw_object_open(json, "caller");
	identity(f, e->process.pid, e->process.start_boottime_ns, event_unread(ev, FIELD_CALLER));
	thread(json, e->process.tid);
	jsonw_object_close(json);
	snprintf(flags, sizeof(flags), "0x%llx", (unsigned long long)e->clone_flags);
	jsonw_string(json, "clone_flags", flags);
	sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}

static void exit_json(struct format *f, const struct event *ev)
{
	const struct exit_event *e = &ev->exit;
	const struct text texts[] = {
		comm_text("process.name", e->comm),
		comm_text("process.parent.name", e->parent.comm),
	};
	struct jsonw *json = &f->json;
	uint32_t signal = e->exit_code & 0x7f;

	head(f, ev);
	jsonw_object_open(json, "process");
	identity(f, e->process.pid, e->process.start_boottime_ns, event_unread(ev, FIELD_START));
	comm(json, "name", e->comm);
	executable(f, known(f, e->process.pid, e->process.start_boottime_ns));
	if (event_unread(ev, FIELD_EXIT_CODE))
		jsonw_string(json, "exit_code", NULL);
	else if (!signal)
		jsonw_u64(json, "exit_code", (e->exit_code >> 8) & 0xff);
	lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	user(f, "user", e->uid);
	sextant_open(f, ev);
	if (event_unread(ev, FIELD_CPU_TIME))
		jsonw_string(json, "cpu_time_ns", NULL);
	else
		jsonw_u64(json, "cpu_time_ns", e->cpu_time_ns);
	if (signal && !event_unread(ev, FIELD_EXIT_CODE)) {
		jsonw_u64(json, "exit_signal", signal);
		jsonw_bool(json, "core_dumped", e->exit_code & 0x80);
	}
	sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}

/* ---- changes ---------------------------------------------------------- */

/* What both have in common; the process is as it was before. */
static void change_open(struct format *f, const struct event *ev, const char *name,
                        const struct process_ids *ids, const struct parent_ids *p, uint32_t uid)
{
	head(f, ev);
	jsonw_object_open(&f->json, "process");
	identity(f, ids->pid, ids->start_boottime_ns, event_unread(ev, FIELD_START));
	comm(&f->json, "name", name);
	executable(f, known(f, ids->pid, ids->start_boottime_ns));
	thread(&f->json, ids->tid);
	lineage(f, ev, p);
	jsonw_object_close(&f->json);
	user(f, "user", uid);
	sextant_open(f, ev);
}

static void change_close(struct jsonw *json, const char *name, const struct parent_ids *p)
{
	const struct text texts[] = {
		comm_text("process.name", name),
		comm_text("process.parent.name", p->comm),
	};

	sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
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
		id_object(f, all[i].key, all[i].kind, all[i].id);
	capabilities(json, c);
	jsonw_u64(json, "user_namespace", user_ns);
	jsonw_object_close(json);
}

static void credentials_json(struct format *f, const struct event *ev)
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

static void namespaces_json(struct format *f, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;

	change_open(f, ev, e->comm, &e->process, &e->parent, e->uid);
	namespace_set(&f->json, "before", &e->before, event_unread(ev, FIELD_BEFORE));
	namespace_set(&f->json, "after", &e->after, event_unread(ev, FIELD_AFTER));
	change_close(&f->json, e->comm, &e->parent);
}

/* ---- actions ---------------------------------------------------------- */

static void target(struct format *f, const struct event *ev)
{
	const struct parent_ids *t = &ev->action.target;

	if (event_unread(ev, FIELD_TARGET)) {
		jsonw_string(&f->json, "target", NULL);
		return;
	}
	jsonw_object_open(&f->json, "target");
	identity(f, t->pid, t->start_boottime_ns, false);
	comm(&f->json, "name", t->comm);
	executable(f, known(f, t->pid, t->start_boottime_ns));
	jsonw_object_close(&f->json);
}

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

static void action_object(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	char mode[16];

	switch (e->header.type) {
	case EVENT_PROCESS_ACCESS:
		snprintf(mode, sizeof(mode), "0x%x", e->number);
		jsonw_string(&f->json, "access_mode", mode);
		return;
	case EVENT_SIGNAL:
		jsonw_u64(&f->json, "signal", e->number);
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

static void action_json(struct format *f, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool on_process = e->header.type <= EVENT_SIGNAL;
	const struct text texts[] = {
		comm_text("process.name", e->comm),
		comm_text("process.parent.name", e->parent.comm),
		comm_text("sextant.target.name", e->target.comm),
		{ "sextant.object.name", e->text, action_text_size(e) },
	};

	change_open(f, ev, e->comm, &e->process, &e->parent, e->uid);
	if (on_process)
		target(f, ev);
	if (!event_unread(ev, FIELD_OBJECT))
		action_object(f, ev);
	sextant_close(&f->json, texts, sizeof(texts) / sizeof(texts[0]));
}

void format_json(struct format *f, const struct event *ev)
{
	static void (*const writers[EVENT_TYPES])(struct format *, const struct event *) = {
		[EVENT_EXEC] = exec_json,
		[EVENT_FORK] = fork_json,
		[EVENT_THREAD] = fork_json,
		[EVENT_EXIT] = exit_json,
		[EVENT_CREDENTIALS] = credentials_json,
		[EVENT_NAMESPACES] = namespaces_json,
		[EVENT_PTRACE] = action_json,
		[EVENT_PROCESS_ACCESS] = action_json,
		[EVENT_SIGNAL] = action_json,
		[EVENT_MEMFD] = action_json,
		[EVENT_BPF] = action_json,
		[EVENT_MODULE] = action_json,
	};

	jsonw_reset(&f->json);
	jsonw_object_open(&f->json, NULL);
	writers[ev->header.type](f, ev);
	jsonw_object_close(&f->json);
}
