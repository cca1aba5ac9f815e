/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/talkers.h"
#include "loader/host/proc.h"
#include "loader/stream/fields.h"
#include "offsets/util/escape.h"

#define SLOTS       512 /* a power of two */
#define PROBES      8   /* of so many slots the least gives way */
#define TALKER_NAME 200 /* bytes of a path; of a longer one its end */
#define SHOWN       20
#define HALVE_NS    60000000000ULL

struct talker {
	uint64_t hash; /* 0: free */
	uint64_t count, by_class[EVENT_TYPES];
	uint32_t pid; /* of the last event */
	char name[TALKER_NAME];
};

struct talkers {
	uint64_t halved_ns;
	struct talker list[SLOTS];
};

struct talkers *talkers_new(void)
{
	return calloc(1, sizeof(struct talkers));
}

void talkers_free(struct talkers *t)
{
	free(t);
}

/* ---- counting ---------------------------------------------------------- */

/* FNV-1a; never 0. */
static uint64_t hash_of(const char *name, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3ULL;
	return hash | 1;
}

/* The slot of that name, or the one that it takes. */
static struct talker *slot_of(struct talkers *t, uint64_t hash)
{
	struct talker *least = NULL;
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		struct talker *slot = &t->list[(hash >> 8 ^ i) & (SLOTS - 1)];

		if (slot->hash == hash)
			return slot;
		if (!least || slot->count < least->count)
			least = slot;
	}
	return least;
}

static void slot_take(struct talker *slot, uint64_t hash, const char *name, size_t size)
{
	uint64_t count = slot->count;

	if (size >= sizeof(slot->name)) {
		name += size - (sizeof(slot->name) - 1);
		size = sizeof(slot->name) - 1;
	}
	*slot = (struct talker){ .hash = hash, .count = count };
	memcpy(slot->name, name, size);
}

void talkers_event(struct talkers *t, const struct event *ev, const struct cached *process)
{
	const char *name = process && process->exe ? process->exe : event_comm(ev);
	size_t size =
		process && process->exe ? process->exe_size : strnlen(name, EVENTS_COMM_BYTES);
	uint64_t hash = hash_of(name, size);
	struct talker *slot = slot_of(t, hash);

	if (slot->hash != hash)
		slot_take(slot, hash, name, size);
	slot->count++;
	slot->by_class[ev->header.type]++;
	slot->pid = ev->head.process.pid;
}

void talkers_second(struct talkers *t, uint64_t now_ns)
{
	unsigned int i, type;

	if (now_ns - t->halved_ns < HALVE_NS)
		return;
	t->halved_ns = now_ns;
	for (i = 0; i < SLOTS; i++) {
		t->list[i].count /= 2;
		for (type = 0; type < EVENT_TYPES; type++)
			t->list[i].by_class[type] /= 2;
	}
}

const char *talkers_most(const struct talkers *t)
{
	const struct talker *most = &t->list[0];
	unsigned int i;

	for (i = 1; i < SLOTS; i++)
		if (t->list[i].count > most->count)
			most = &t->list[i];
	return most->hash ? most->name : "unknown";
}

/* ---- for people -------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
	const struct talker *const *x = a, *const *y = b;

	return (*x)->count < (*y)->count ? 1 : (*x)->count > (*y)->count ? -1 : 0;
}

/* The class of which it makes most. */
static unsigned int class_most(const struct talker *talker)
{
	unsigned int type, most = 0;

	for (type = 0; type < EVENT_TYPES; type++)
		if (talker->by_class[type] > talker->by_class[most])
			most = type;
	return most;
}

/* Names of a path: "/system.slice/a.service" has two. */
static unsigned int names_count(const char *path)
{
	unsigned int count = 0;

	for (; *path; path++)
		count += path[0] == '/' && path[1] && path[1] != '/';
	return count;
}

/*
 * The cgroup of a process, if a rule can name it and it is that of a service: a session's
 * or the root has others in it. "": none.
 */
static void service_cgroup(uint32_t pid, char *ret, size_t size)
{
	char lines[4096];
	char *at, *path;

	*ret = '\0';
	if (proc_cgroups(pid, lines, sizeof(lines)))
		return;
	at = strstr(lines, "0::/");
	path = at ? at + 3 : strstr(lines, ":name=systemd:/");
	if (path && path != at + 3)
		path += strlen(":name=systemd:");
	if (!path)
		return;
	path[strcspn(path, "\n")] = '\0';
	if (!strncmp(path, "/system.slice/", 14) && names_count(path) <= 3)
		snprintf(ret, size, "%s", path);
}

static void talker_put(struct jsonw *out, const struct talker *talker)
{
	const char *slash = strrchr(talker->name, '/'), *base = slash ? slash + 1 : talker->name;
	unsigned int most = class_most(talker);
	char cgroup[256];

	jsonw_printf(
		out, "%10" PRIu64 "  %-14s %3u %%  ", talker->count, event_type_name(most),
		(unsigned int)(100 * talker->by_class[most] / (talker->count ? talker->count : 1)));
	jsonw_escaped(out, talker->name);
	jsonw_put(out, "\n", 1);
	service_cgroup(talker->pid, cgroup, sizeof(cgroup));
	if (*cgroup) {
		jsonw_printf(out, "%34srule = deny cgroup ", "");
		jsonw_escaped(out, cgroup);
		jsonw_put(out, "\n", 1);
	} else if (*base && strlen(base) < EVENTS_COMM_BYTES &&
	           escape_is_plain(base, strlen(base)) && !strpbrk(base, " \t#")) {
		jsonw_printf(out, "%34srule = deny comm ", "");
		jsonw_escaped(out, base);
		jsonw_printf(out, "   (any process can take that name)\n");
	}
}

void talkers_text(struct talkers *t, struct jsonw *out)
{
	const struct talker *sorted[SLOTS];
	unsigned int i, count = 0;

	for (i = 0; i < SLOTS; i++)
		if (t->list[i].hash && t->list[i].count)
			sorted[count++] = &t->list[i];
	qsort(sorted, count, sizeof(sorted[0]), by_count);
	jsonw_printf(out, "%10s  %-20s  %s\n", "events", "most of them",
	             "executable, and a rule that leaves it out");
	for (i = 0; i < count && i < SHOWN; i++)
		talker_put(out, sorted[i]);
}
