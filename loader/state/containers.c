/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/state/containers.h"

#define SETS 128
#define WAYS 8
_Static_assert(SETS *WAYS == CONTAINERS_MAX, "all places are in a set");

struct containers {
	struct container_entry *places[CONTAINERS_MAX];
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
static size_t set_of(const char *id)
{
	size_t i, sum = 0;

	for (i = 0; i < 8; i++)
		sum = sum * 31 + (unsigned char)id[i];
	return sum % SETS * WAYS;
}

static struct container_entry *look_up(const struct containers *c, const char *id)
{
	struct container_entry *const *set = c->places + set_of(id);
	size_t i;

	for (i = 0; i < WAYS; i++)
		if (set[i] && !memcmp(set[i]->id, id, CONTAINER_ID_BYTES))
			return set[i];
	return NULL;
}

struct container_entry *containers_find(struct containers *c, const char *id, uint64_t now_ns)
{
	struct container_entry *e = look_up(c, id);

	if (e)
		e->used_ns = now_ns;
	return e;
}

/* Free, or that of the entry that was used least recently. */
static size_t place_for(const struct containers *c, const char *id)
{
	size_t first = set_of(id), best = first, i;

	for (i = first; i < first + WAYS; i++) {
		if (!c->places[i])
			return i;
		if (c->places[i]->used_ns < c->places[best]->used_ns)
			best = i;
	}
	return best;
}

struct container_entry *containers_add(struct containers *c, const char *id, uint64_t now_ns)
{
	struct container_entry *e = calloc(1, sizeof(*e));
	size_t place = place_for(c, id);

	if (!e)
		return NULL;
	memcpy(e->id, id, sizeof(e->id));
	e->used_ns = now_ns;
	containers_drop(c, place);
	c->places[place] = e;
	return e;
}

struct container_entry *containers_at(const struct containers *c, size_t i)
{
	return c->places[i];
}

void containers_drop(struct containers *c, size_t i)
{
	if (!c->places[i])
		return;
	free(c->places[i]->facts);
	free(c->places[i]);
	c->places[i] = NULL;
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
