/* SPDX-License-Identifier: BSD-2-Clause */
/* What acts in an event: "process", "container", "orchestrator", "service", "user". */
#include "loader/event/ecs.h"

static void text(struct format *f, const char *key, const struct container_fact *fact, size_t max)
{
	if (fact->size)
		ecs_bytes(f, key, fact->bytes, fact->size, max);
}

/* A list of one. */
static void list(struct format *f, const char *key, const struct container_fact *fact)
{
	size_t size = fact->size;

	if (size > CONTAINER_WORD_BYTES) {
		size = CONTAINER_WORD_BYTES;
		ecs_cut(f, key);
	}
	if (size)
		ecs_strings(f, key, fact->bytes, size);
}

static void image(struct format *f, const struct container_facts *facts)
{
	struct jsonw *json = &f->json;

	if (!facts->texts[FACT_IMAGE].size)
		return;
	jsonw_object_open(json, "image");
	text(f, "name", &facts->texts[FACT_IMAGE], CONTAINER_FACT_BYTES);
	list(f, "tag", &facts->texts[FACT_TAG]);
	if (facts->texts[FACT_DIGEST].size) {
		jsonw_object_open(json, "hash");
		list(f, "all", &facts->texts[FACT_DIGEST]);
		jsonw_object_close(json);
	}
	jsonw_object_close(json);
}

static void orchestrator(struct format *f, const struct container_facts *facts)
{
	struct jsonw *json = &f->json;

	if (!facts->texts[FACT_POD].size)
		return;
	jsonw_object_open(json, "orchestrator");
	jsonw_string(json, "type", "kubernetes");
	text(f, "namespace", &facts->texts[FACT_NAMESPACE], CONTAINER_WORD_BYTES);
	jsonw_object_open(json, "resource");
	jsonw_string(json, "type", "pod");
	text(f, "name", &facts->texts[FACT_POD], CONTAINER_FACT_BYTES);
	text(f, "id", &facts->texts[FACT_POD_UID], CONTAINER_WORD_BYTES);
	jsonw_object_close(json);
	jsonw_object_close(json);
}

const struct container_facts *ecs_container_facts(const struct format *f, struct container_id id)
{
	return f->containers ? containers_facts(f->containers, id) : NULL;
}

void ecs_container_rest(struct format *f, struct container_id id)
{
	const struct container_facts *facts = ecs_container_facts(f, id);

	if (!facts)
		return;
	jsonw_object_open(&f->json, "container");
	image(f, facts);
	jsonw_object_close(&f->json);
	orchestrator(f, facts);
}

void ecs_container(struct format *f, struct container_id id)
{
	const struct container_facts *facts = ecs_container_facts(f, id);
	const char *runtime = facts ? container_runtime_name(facts->runtime) : id.runtime;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "container");
	jsonw_bytes(json, "id", id.text, id.size);
	if (facts) {
		text(f, "name", &facts->texts[FACT_NAME], CONTAINER_FACT_BYTES);
		image(f, facts);
	}
	if (runtime)
		jsonw_string(json, "runtime", runtime);
	jsonw_object_close(json);
	if (facts)
		orchestrator(f, facts);
}

void ecs_place(struct format *f, struct container_id id, struct span service)
{
	struct jsonw *json = &f->json;

	if (id.text)
		ecs_container(f, id);
	if (service.text) {
		jsonw_object_open(json, "service");
		jsonw_bytes(json, "name", service.text, service.size);
		jsonw_object_close(json);
	}
}

void ecs_place_known(struct format *f, const struct cached *known)
{
	if (known)
		ecs_place(f, known->container, known->service);
}

/* The process is as it was before. */
const struct cached *ecs_actor_open(struct format *f, const struct event *ev, const struct actor *a)
{
	bool unread = event_unread(ev, FIELD_START);
	const struct cached *known = ecs_known(f, a->ids->pid, a->ids->start_boottime_ns, unread);

	jsonw_object_open(&f->json, "process");
	ecs_identity(f, a->ids->pid, a->ids->start_boottime_ns, unread);
	ecs_comm(f, "name", a->name);
	ecs_executable(f, known);
	ecs_thread(&f->json, a->ids->tid);
	ecs_lineage(f, ev, a->parent);
	return known;
}

void ecs_actor_close(struct format *f, const struct actor *a, const struct cached *known)
{
	jsonw_object_close(&f->json);
	ecs_place_known(f, known);
	jsonw_object_open(&f->json, "user");
	if (a->uid_unread)
		ecs_unread(f, "id");
	else
		ecs_id_members(f, "id", NAME_USER, a->uid);
	jsonw_object_close(&f->json);
}

void ecs_actor(struct format *f, const struct event *ev, const struct actor *a)
{
	ecs_actor_close(f, a, ecs_actor_open(f, ev, a));
}
