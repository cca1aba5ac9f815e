/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/event/ecs.h"
#include "loader/event/line.h"
#include "loader/event/lineage.h"

/* Processes that are looked at on the way up; a longer way is as one that is not known. */
#define WAY_MAX 64

/* The process of an exec, as far as its entry is concerned. */
static struct cached self_of(const struct event *exec)
{
	const struct exec_event *e = &exec->exec;
	const struct cgroups cgroups = cgroups_of_exec(exec);

	return (struct cached){
		.pid = e->process.pid,
		.start_ticks = start_ticks(e->process.start_boottime_ns),
		.session = event_unread(exec, FIELD_EXEC_LOGINUID) ? -1U : e->sessionid,
		.container = container_of(&cgroups),
	};
}

static bool is_same_container(struct container_id a, struct container_id b)
{
	if (!a.text || !b.text)
		return a.text == b.text;
	return a.size == b.size && !memcmp(a.text, b.text, a.size);
}

/*
 * A login has an audit session of its own, and a container an id; a service is a child of
 * process 1, and so is what outlived its parent.
 */
static bool begins_below(const struct cached *process, const struct cached *parent)
{
	return parent->pid == 1 || process->session != parent->session ||
	       !is_same_container(process->container, parent->container);
}

static const struct cached *exec_parent(struct format *f, const struct event *exec)
{
	const struct parent_ids *p = &exec->exec.parent;

	return ecs_known(f, p->pid, p->start_boottime_ns, event_unread(exec, FIELD_PARENT));
}

void lineage_entry_leader(struct format *f, const struct event *exec)
{
	const struct cached self = self_of(exec), *at = &self, *above = exec_parent(f, exec);
	unsigned int steps = 0;

	if (event_unread(exec, FIELD_START))
		return;
	while (above && !begins_below(at, above) && steps++ < WAY_MAX) {
		at = above;
		above = cache_find_parent(f->cache, at);
	}
	if (!above || steps > WAY_MAX)
		return;
	jsonw_object_open(&f->json, "entry_leader");
	ecs_known_identity(f, at);
	if (at != &self)
		ecs_executable(f, at);
	jsonw_bool(&f->json, "same_as_process", at == &self);
	jsonw_object_close(&f->json);
}

/* The end of a long path says more than its beginning. */
static void ancestor_write(struct format *f, const struct cached *known)
{
	const struct cached *program = ecs_program(f, known);
	const char *exe = program ? program->exe : NULL;
	size_t size = known->exe_size;

	jsonw_object_open(&f->json, NULL);
	ecs_known_identity(f, known);
	if (exe && size <= ANCESTOR_BYTES)
		jsonw_bytes(&f->json, "executable", exe, size);
	else if (exe)
		jsonw_bytes(&f->json, "executable", exe + size - ANCESTOR_BYTES, ANCESTOR_BYTES);
	jsonw_object_close(&f->json);
}

void lineage_ancestors(struct format *f, const struct event *exec)
{
	const struct cached *at = exec_parent(f, exec);
	unsigned int count;

	for (count = 0; at && count < ANCESTORS_MAX; count++) {
		at = cache_find_parent(f->cache, at);
		if (!at)
			break;
		if (!count)
			jsonw_array_open(&f->json, "ancestors");
		ancestor_write(f, at);
	}
	if (count)
		jsonw_array_close(&f->json);
}
