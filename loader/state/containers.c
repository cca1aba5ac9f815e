/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/state/containers.h"

#define BUCKETS 1024

struct containers {
	struct container_entry *places[CONTAINERS_MAX], *buckets[BUCKETS];
	struct container_entry *oldest, *youngest; /* by when they were used */
	size_t free[CONTAINERS_MAX], free_count;   /* places; the last one is used next */
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
	struct containers *c = calloc(1, sizeof(*c));

	while (c && c->free_count < CONTAINERS_MAX) {
		c->free[c->free_count] = CONTAINERS_MAX - 1 - c->free_count;
		c->free_count++;
	}
	return c;
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

static void age_leave(struct containers *c, struct container_entry *e)
{
	*(e->older ? &e->older->younger : &c->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &c->youngest) = e->older;
}

/* As the youngest one. */
static void age_enter(struct containers *c, struct container_entry *e, uint64_t now_ns)
{
	e->used_ns = now_ns;
	e->older = c->youngest;
	e->younger = NULL;
	*(e->older ? &e->older->younger : &c->oldest) = e;
	c->youngest = e;
}

struct container_entry *containers_find(struct containers *c, const char *id, uint64_t now_ns)
{
	struct container_entry *e = look_up(c, id);

	if (e) {
		age_leave(c, e);
		age_enter(c, e, now_ns);
	}
	return e;
}

/* The one that was used least recently goes. False: it was used not long ago. */
static bool room_make(struct containers *c, uint64_t now_ns)
{
	if (c->free_count)
		return true;
	if (now_ns - c->oldest->used_ns < CONTAINERS_IDLE_NS)
		return false;
	containers_drop(c, c->oldest->place);
	return true;
}

struct container_entry *containers_add(struct containers *c, const char *id, uint64_t now_ns)
{
	size_t bucket = bucket_of(id);
	struct container_entry *e = room_make(c, now_ns) ? calloc(1, sizeof(*e)) : NULL;

	if (!e)
		return NULL;
	memcpy(e->id, id, sizeof(e->id));
	e->place = c->free[--c->free_count];
	c->places[e->place] = e;
	e->next = c->buckets[bucket];
	c->buckets[bucket] = e;
	age_enter(c, e, now_ns);
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
	age_leave(c, e);
	c->places[i] = NULL;
	c->free[c->free_count++] = i;
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
