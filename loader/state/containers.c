/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/state/containers.h"

#define BUCKETS 1024

struct containers {
	struct container_entry *places[CONTAINERS_MAX], *buckets[BUCKETS];
};

const char *container_runtime_name(enum container_runtime runtime)
{
	static const char *const names[CONTAINER_RUNTIMES] = { [RUNTIME_DOCKER] = "docker",
		                                               [RUNTIME_CONTAINERD] = "containerd",
		                                               [RUNTIME_CRIO] = "cri-o",
		                                               [RUNTIME_PODMAN] = "podman" };

	return runtime < CONTAINER_RUNTIMES ? names[runtime] : NULL;
}

struct containers *containers_new(void)
{
	return calloc(1, sizeof(struct containers));
}

void containers_free(struct containers *c)
{
	size_t i;

	for (i = 0; c && i < CONTAINERS_MAX; i++)
		containers_drop(c, i);
	free(c);
}

/* Ids are random: their first digits spread them. */
static size_t bucket_of(const char *id)
{
	size_t i, sum = 0;

	for (i = 0; i < 8; i++)
		sum = sum * 31 + (unsigned char)id[i];
	return sum % BUCKETS;
}

static struct container_entry *look_up(const struct containers *c, const char *id)
{
	struct container_entry *e = c->buckets[bucket_of(id)];

	while (e && memcmp(e->id, id, CONTAINER_ID_BYTES) != 0)
		e = e->next;
	return e;
}

struct container_entry *containers_find(struct containers *c, const char *id, uint64_t now_ns)
{
	struct container_entry *e = look_up(c, id);

	if (e)
		e->used_ns = now_ns;
	return e;
}

/* Free, or that of the entry that was used least recently. */
static size_t place_get(const struct containers *c)
{
	size_t best = 0, i;

	for (i = 0; i < CONTAINERS_MAX; i++) {
		if (!c->places[i])
			return i;
		if (c->places[i]->used_ns < c->places[best]->used_ns)
			best = i;
	}
	return best;
}

struct container_entry *containers_add(struct containers *c, const char *id, uint64_t now_ns)
{
	size_t place = place_get(c), bucket = bucket_of(id);
	struct container_entry *e = c->places[place];

	if (e && now_ns - e->used_ns < CONTAINERS_IDLE_NS)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	memcpy(e->id, id, sizeof(e->id));
	e->used_ns = now_ns;
	containers_drop(c, place);
	c->places[place] = e;
	e->next = c->buckets[bucket];
	c->buckets[bucket] = e;
	return e;
}

struct container_entry *containers_at(const struct containers *c, size_t i)
{
	return c->places[i];
}

void containers_drop(struct containers *c, size_t i)
{
	struct container_entry *e = c->places[i], **at;

	if (!e)
		return;
	for (at = &c->buckets[bucket_of(e->id)]; *at != e;)
		at = &(*at)->next;
	*at = e->next;
	c->places[i] = NULL;
	free(e->facts);
	free(e);
}

int container_entry_set(struct container_entry *e, const struct container_facts *facts)
{
	struct container_facts *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *facts;
	free(e->facts);
	e->facts = copy;
	return 0;
}

const struct container_facts *containers_facts(const struct containers *c, struct container_id id)
{
	const struct container_entry *e;

	if (!id.text || id.size != CONTAINER_ID_BYTES)
		return NULL;
	e = look_up(c, id.text);
	return e ? e->facts : NULL;
}
