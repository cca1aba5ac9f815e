/* SPDX-License-Identifier: BSD-2-Clause */
/* What each event begins with, from @timestamp to the agent. */
#include <string.h>

#include "loader/event/actions.h"
#include "loader/event/ecs.h"
#include "loader/state/ecs_common.h"
#include "loader/stream/fields.h"
#include "loader/util/monotonic.h"
#include "offsets/util/version.h"

/* ---- the host and the agent ---------------------------------------------- */

void ecs_word(struct format *f, const char *key, const char *value, size_t size)
{
	if (*value)
		ecs_bytes(f, key, value, strlen(value), size);
}

/* ECS: redhat, debian, suse. */
static const char *os_family(const struct host_os *os)
{
	static const struct {
		const char *word, *family;
	} all[] = { { "rhel", "redhat" },   { "fedora", "redhat" }, { "centos", "redhat" },
		    { "debian", "debian" }, { "ubuntu", "debian" }, { "suse", "suse" } };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strstr(os->id, all[i].word) || strstr(os->like, all[i].word))
			return all[i].family;
	return "";
}

void ecs_os_words(struct format *f)
{
	const struct host_os *os = &f->host->os;

	ecs_word(f, "platform", os->id, sizeof(os->id));
	ecs_word(f, "family", os_family(os), sizeof(os->id));
	ecs_word(f, "full", os->pretty_name, sizeof(os->pretty_name));
}

static void host_os_members(struct format *f)
{
	const struct host *host = f->host;
	const struct host_os *os = &host->os;

	jsonw_object_open(&f->json, "os");
	jsonw_string(&f->json, "type", "linux");
	ecs_os_words(f);
	ecs_word(f, "name", os->name, sizeof(os->name));
	ecs_word(f, "version", os->version, sizeof(os->version));
	ecs_word(f, "kernel", host->release, sizeof(host->release));
	jsonw_object_close(&f->json);
}

void ecs_run(struct format *f)
{
	jsonw_text_open(&f->json, "ephemeral_id");
	jsonw_digits(&f->json, f->run, 16, 8);
	jsonw_text_close(&f->json);
}

static void host_members(struct format *f)
{
	const struct host *host = f->host;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "host");
	ecs_bytes(f, "hostname", host->name, strlen(host->name), sizeof(host->name));
	ecs_bytes(f, "name", host->name, strlen(host->name), sizeof(host->name));
	ecs_word(f, "id", host->machine_id, sizeof(host->machine_id));
	ecs_word(f, "architecture", host->machine, sizeof(host->machine));
	host_os_members(f);
	jsonw_object_open(json, "boot");
	if (*host->boot_id)
		jsonw_string(json, "id", host->boot_id);
	else
		ecs_unread(f, "id");
	jsonw_object_close(json);
	jsonw_object_close(json);
	jsonw_object_open(json, "agent");
	jsonw_string(json, "type", "sextant");
	jsonw_string(json, "version", SEXTANT_VERSION);
	ecs_run(f);
	jsonw_object_close(json);
}

void ecs_constant(struct format *f, struct constant *c, void (*write)(struct format *f))
{
	size_t begin = f->json.size, notes = f->notes.count;

	if (c->size && !strcmp(c->host_name, f->host->name)) {
		jsonw_members(&f->json, c->text, c->size);
		return;
	}
	write(f);
	c->size = 0;
	if (f->json.failed || f->json.size - begin > sizeof(c->text) || f->notes.count > notes)
		return; /* what is noted has to be noted in each event */
	memcpy(c->text, f->json.text + begin, f->json.size - begin);
	c->size = f->json.size - begin;
	snprintf(c->host_name, sizeof(c->host_name), "%s", f->host->name);
}

/* ---- the event ----------------------------------------------------------- */

/* "connection start" is two of them. */
static void types_write(struct jsonw *json, const char *types)
{
	size_t size;

	jsonw_array_open(json, "type");
	for (; *types; types += size + (types[size] == ' ')) {
		for (size = 0; types[size] && types[size] != ' '; size++)
			;
		jsonw_bytes(json, NULL, types, size);
	}
	jsonw_array_close(json);
}

struct beginning {
	uint64_t time_ns, offset_ns; /* to add to it for the wall clock */
	const char *kind, *category, *types, *action, *dataset;
};

/* Leaves "event" open. */
static void begin(struct format *f, const struct beginning *b)
{
	struct jsonw *json = &f->json;

	ecs_time(json, "@timestamp", b->time_ns + b->offset_ns);
	ecs_common_version(json);
	jsonw_object_open(json, "event");
	jsonw_string(json, "kind", b->kind);
	jsonw_array_open(json, "category");
	jsonw_string(json, NULL, b->category);
	jsonw_array_close(json);
	types_write(json, b->types);
	jsonw_string(json, "action", b->action);
	jsonw_string(json, "module", "sextant");
	jsonw_text_open(json, "dataset");
	jsonw_put(json, "sextant.", 8);
	jsonw_put(json, b->dataset, strlen(b->dataset));
	jsonw_text_close(json);
	ecs_time(json, "created", clock_monotonic_ns() + b->offset_ns);
}

/* Of this boot and run: by the CPU and the number of the event on it. */
void ecs_event_id(struct format *f, const char *key, const struct event *ev)
{
	struct jsonw *json = &f->json;

	jsonw_text_open(json, key);
	jsonw_put(json, f->host->boot_id, strnlen(f->host->boot_id, 8));
	jsonw_put(json, "-", 1);
	jsonw_digits(json, f->run, 16, 8);
	jsonw_put(json, "-", 1);
	if (ev)
		jsonw_digits(json, ev->header.cpu, 10, 0);
	else
		jsonw_put(json, "own", 3);
	jsonw_put(json, "-", 1);
	jsonw_digits(json, ev ? ev->header.sequence : f->own_events, 10, 0);
	jsonw_text_close(json);
}

void ecs_head_open(struct format *f, const struct event *ev)
{
	begin(f, &(struct beginning){ .time_ns = ev->header.time_ns,
	                              .offset_ns = f->clock.monotonic_ns,
	                              .kind = "event",
	                              .category = event_class_get(ev->header.type)->category,
	                              .types = event_types(ev),
	                              .action = event_action(ev),
	                              .dataset = event_type_name(ev->header.type) });
	ecs_event_id(f, "id", ev);
	jsonw_u64(&f->json, "sequence", ev->header.sequence);
}

void ecs_head_close(struct format *f)
{
	jsonw_object_close(&f->json);
	ecs_constant(f, &f->constant, host_members);
}

void ecs_head(struct format *f, const struct event *ev)
{
	ecs_head_open(f, ev);
	ecs_head_close(f);
}

void ecs_own_head(struct format *f, uint64_t time_ns, const struct own_event *own)
{
	begin(f, &(struct beginning){ .time_ns = time_ns,
	                              .offset_ns = f->clock.monotonic_ns,
	                              .kind = own->kind,
	                              .category = "process",
	                              .types = own->type,
	                              .action = own->action,
	                              .dataset = own->dataset });
	ecs_event_id(f, "id", NULL);
	ecs_head_close(f);
}
