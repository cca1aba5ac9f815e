/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of OCSF that the events of several classes have. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/ocsf/ocsf.h"
#include "loader/stream/fields.h"

void ocsf_identity(struct format *f, const char *key, enum name_type type, uint32_t id, bool unread)
{
	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(&f->json, key);
	ecs_id_members(f, "uid", type, id);
	jsonw_object_close(&f->json);
}

void ocsf_effective(struct format *f, const struct credentials *c, bool unread)
{
	ocsf_identity(f, "user", NAME_USER, c->euid, unread);
	ocsf_identity(f, "group", NAME_GROUP, c->egid, unread);
	ecs_u64(f, "euid", c->euid, unread);
	ecs_u64(f, "egid", c->egid, unread);
}

/* ---- files --------------------------------------------------------------- */

/* Behind the last slash: all of it if there is none, or nothing behind it. */
static void name_write(struct format *f, const char *path, size_t size)
{
	const char *slash = size ? memrchr(path, '/', size) : NULL;
	size_t begin = slash && slash + 1 < path + size ? slash + 1 - path : 0;

	ecs_bytes(f, "name", path + begin, size - begin, NAME_MAX);
}

void ocsf_path(struct format *f, const char *path, size_t size)
{
	name_write(f, path, size);
	ecs_bytes(f, "path", path, size, EVENT_TEXT_BYTES);
}

void ocsf_path_text(struct format *f, const struct event *ev, enum event_text text)
{
	const struct event_path *path = &ev->texts[text];

	if (event_unread(ev, FIELD_TEXTS + text)) {
		jsonw_string(&f->json, "name", "");
		ecs_unread(f, "name");
	} else {
		name_write(f, path->text, path->size);
	}
	ecs_text_member(f, "path", ev, text);
}

void ocsf_file_type(struct jsonw *json, uint32_t mode)
{
	static const struct {
		uint32_t type;
		unsigned int id;
		const char *caption;
	} all[] = {
		{ S_IFREG, 1, "Regular File" },     { S_IFDIR, 2, "Folder" },
		{ S_IFCHR, 3, "Character Device" }, { S_IFBLK, 4, "Block Device" },
		{ S_IFSOCK, 5, "Local Socket" },    { S_IFIFO, 6, "Named Pipe" },
		{ S_IFLNK, 7, "Symbolic Link" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if ((mode & S_IFMT) == all[i].type) {
			ocsf_enum(json, "type_id", all[i].id, "type", all[i].caption);
			return;
		}
	ocsf_enum(json, "type_id", OCSF_UNKNOWN, "type", "Unknown");
}

void ocsf_hashes(struct jsonw *json, const struct event_hash *hash)
{
	if (!hash || hash->reason)
		return;
	jsonw_array_open(json, "hashes");
	jsonw_object_open(json, NULL);
	ocsf_enum(json, "algorithm_id", 3, "algorithm", "SHA-256");
	jsonw_hex(json, "value", hash->sha256, 32);
	jsonw_object_close(json);
	jsonw_array_close(json);
}

/* ---- processes ----------------------------------------------------------- */

/* The kernel executes regular files alone. */
static void executable_write(struct format *f, const struct cached *known)
{
	known = ecs_program(f, known);
	if (!known || !known->exe)
		return;
	jsonw_object_open(&f->json, "file");
	ocsf_path(f, known->exe, known->exe_size);
	ocsf_file_type(&f->json, S_IFREG);
	jsonw_object_close(&f->json);
}

void ocsf_process_open(struct format *f, const char *key, const struct ocsf_process *p)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, key);
	jsonw_u64(json, "pid", p->pid);
	if (p->is_start_unread) {
		ecs_unread(f, "uid");
		ecs_unread(f, "created_time");
	} else {
		ecs_entity_id(f, "uid", p->pid, start_ticks(p->start_boottime_ns));
		ocsf_time(json, "created_time", p->start_boottime_ns + f->clock.boottime_ns);
	}
	if (p->tid)
		jsonw_u64(json, "ptid", p->tid);
	if (p->name)
		ecs_comm(f, "name", p->name);
	executable_write(f, p->known);
}

void ocsf_number_open(struct format *f, const char *key, uint32_t pid, const struct cached *known)
{
	jsonw_object_open(&f->json, key);
	jsonw_u64(&f->json, "pid", pid);
	if (known)
		ecs_entity_id(f, "uid", pid, known->start_ticks);
	executable_write(f, known);
}

/* Its image has no place there without the id of the image: ocsf_place() has it. */
void ocsf_container(struct format *f, struct container_id id)
{
	const struct container_facts *facts = ecs_container_facts(f, id);
	const char *runtime = facts ? container_runtime_name(facts->runtime) : id.runtime;
	struct jsonw *json = &f->json;

	if (!id.text)
		return;
	jsonw_object_open(json, "container");
	jsonw_bytes(json, "uid", id.text, id.size);
	if (facts && facts->texts[FACT_NAME].size)
		ecs_bytes(f, "name", facts->texts[FACT_NAME].bytes, facts->texts[FACT_NAME].size,
		          CONTAINER_FACT_BYTES);
	if (runtime)
		jsonw_string(json, "runtime", runtime);
	jsonw_object_close(json);
}

void ocsf_place(struct format *f, struct container_id id, struct span service)
{
	ecs_container_rest(f, id);
	ecs_place(f, (struct container_id){ 0 }, service);
}

static const struct cached *parent_known(struct format *f, const struct event *ev,
                                         const struct parent_ids *p)
{
	return ecs_known(f, p->pid, p->start_boottime_ns, event_unread(ev, FIELD_PARENT));
}

void ocsf_parent(struct format *f, const struct event *ev, const struct parent_ids *p)
{
	const struct cached *known = parent_known(f, ev, p);

	if (event_unread(ev, FIELD_PARENT)) {
		ecs_unread(f, "parent_process");
		return;
	}
	ocsf_process_open(f, "parent_process",
	                  &(struct ocsf_process){ .pid = p->pid,
	                                          .start_boottime_ns = p->start_boottime_ns,
	                                          .name = p->comm,
	                                          .known = known });
	if (ecs_knows_args(f, known))
		ecs_command_line(f, "cmd_line", known->args, known->are_args_cut,
		                 f->parent_command_line, sizeof(f->parent_command_line));
	jsonw_object_close(&f->json);
}

static const struct cached *self_known(struct format *f, const struct event *ev,
                                       const struct process_ids *ids)
{
	return ecs_known(f, ids->pid, ids->start_boottime_ns, event_unread(ev, FIELD_START));
}

void ocsf_self(struct format *f, const struct event *ev, const struct actor *a)
{
	const struct cached *known = self_known(f, ev, a->ids);

	ocsf_process_open(f, "process",
	                  &(struct ocsf_process){ .pid = a->ids->pid,
	                                          .tid = a->ids->tid,
	                                          .start_boottime_ns = a->ids->start_boottime_ns,
	                                          .is_start_unread = event_unread(ev, FIELD_START),
	                                          .name = a->name,
	                                          .known = known });
	if (known)
		ocsf_container(f, known->container);
}

void ocsf_actor(struct format *f, const struct event *ev, const struct actor *a)
{
	jsonw_object_open(&f->json, "actor");
	ocsf_self(f, ev, a);
	ocsf_parent(f, ev, a->parent);
	jsonw_object_close(&f->json);
	ocsf_identity(f, "user", NAME_USER, a->uid, a->uid_unread);
	jsonw_object_close(&f->json);
}

/* ---- unmapped ------------------------------------------------------------ */

static void parent_rest(struct format *f, const struct cached *known)
{
	if (!ecs_knows_args(f, known))
		return;
	jsonw_object_open(&f->json, "parent");
	ecs_args(f, known->args, known->are_args_cut);
	jsonw_object_close(&f->json);
}

void ocsf_rest_open(struct format *f, const struct event *ev, const struct process_ids *ids,
                    const struct parent_ids *parent)
{
	jsonw_object_open(&f->json, "process");
	if (!event_unread(ev, FIELD_START))
		ecs_time(&f->json, "start", ids->start_boottime_ns + f->clock.boottime_ns);
	ecs_leader(f, "group_leader", parent->pgid, event_unread(ev, FIELD_GROUPS));
	parent_rest(f, parent_known(f, ev, parent));
}

void ocsf_actor_rest_open(struct format *f, const struct event *ev, const struct actor *a)
{
	ocsf_unmapped_open(f, ev->header.time_ns);
	jsonw_u64(&f->json, "cpu", ev->header.cpu);
	ocsf_rest_open(f, ev, a->ids, a->parent);
}

void ocsf_actor_rest_close(struct format *f, const struct event *ev, const struct actor *a)
{
	const struct cached *known = self_known(f, ev, a->ids);

	jsonw_object_close(&f->json);
	if (known)
		ocsf_place(f, known->container, known->service);
}

void ocsf_actor_rest(struct format *f, const struct event *ev, const struct actor *a)
{
	ocsf_actor_rest_open(f, ev, a);
	ocsf_actor_rest_close(f, ev, a);
}
