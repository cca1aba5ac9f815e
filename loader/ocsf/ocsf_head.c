/* SPDX-License-Identifier: BSD-2-Clause */
/* What each event of OCSF begins with, from class_uid to the device, and its "unmapped". */
#include <string.h>

#include "loader/event/actions.h"
#include "loader/ocsf/ocsf.h"
#include "loader/stream/fields.h"
#include "loader/util/monotonic.h"
#include "offsets/util/version.h"

#define MS_NS 1000000

void ocsf_time(struct jsonw *json, const char *key, uint64_t wall_ns)
{
	jsonw_u64(json, key, wall_ns / MS_NS);
}

void ocsf_enum(struct jsonw *json, const char *id_key, unsigned int id, const char *key,
               const char *caption)
{
	jsonw_u64(json, id_key, id);
	jsonw_string(json, key, caption);
}

/* ---- the class ----------------------------------------------------------- */

static const char *class_name(enum ocsf_class class)
{
	switch (class) {
	case OCSF_FILE:
		return "File System Activity";
	case OCSF_KERNEL_EXTENSION:
		return "Kernel Extension Activity";
	case OCSF_KERNEL:
		return "Kernel Activity";
	case OCSF_PROCESS:
		return "Process Activity";
	case OCSF_NETWORK:
		return "Network Activity";
	case OCSF_DNS:
		return "DNS Activity";
	case OCSF_APPLICATION_LIFECYCLE:
		return "Application Lifecycle";
	case OCSF_APPLICATION_ERROR:
		return "Application Error";
	}
	return NULL;
}

/* An event is no alert; that the sensor sees less needs somebody to look at it. */
static void severity_write(struct jsonw *json, enum ocsf_class class)
{
	if (class == OCSF_APPLICATION_ERROR)
		ocsf_enum(json, "severity_id", 3, "severity", "Medium");
	else
		ocsf_enum(json, "severity_id", 1, "severity", "Informational");
}

static void status_write(struct jsonw *json, const struct ocsf_activity *a)
{
	static const char *const captions[] = { "Unknown", "Success", "Failure" };

	ocsf_enum(json, "status_id", a->status, "status", captions[a->status]);
	if (a->error)
		ecs_errno_name(json, "status_code", a->error);
}

/* writer_begins (loader/agent/writer.c) and the bodies of HTTP have how it begins. */
static void class_write(struct jsonw *json, uint64_t wall_ns, const struct ocsf_activity *a)
{
	jsonw_u64(json, "class_uid", a->class);
	ocsf_time(json, "time", wall_ns);
	jsonw_string(json, "class_name", class_name(a->class));
	jsonw_u64(json, "category_uid", a->class / 1000);
	ocsf_enum(json, "activity_id", a->id, "activity_name", a->name);
	jsonw_u64(json, "type_uid", a->class * 100 + a->id);
	severity_write(json, a->class);
	status_write(json, a);
}

/* ---- metadata ------------------------------------------------------------ */

void ocsf_product(struct jsonw *json, const char *key)
{
	jsonw_object_open(json, key);
	jsonw_string(json, "name", "Sextant");
	jsonw_string(json, "vendor_name", "Sextant");
	jsonw_string(json, "version", SEXTANT_VERSION);
	jsonw_object_close(json);
}

/* What the schema is made of: what lies outside of its core has to be named. */
static void schema_write(struct jsonw *json)
{
	static const char parts[] = "\"version\":\"" OCSF_VERSION "\","
				    "\"profiles\":[\"host\",\"container\",\"linux/linux_users\"],"
				    "\"extensions\":[{\"name\":\"linux\",\"uid\":\"1\","
				    "\"version\":\"" OCSF_VERSION "\"}]";

	jsonw_put(json, parts, sizeof(parts) - 1);
	json->comma = true;
}

static void metadata_write(struct format *f, const struct event *ev, const char *action,
                           const char *dataset)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "metadata");
	schema_write(json);
	ocsf_product(json, "product");
	jsonw_text_open(json, "log_name");
	jsonw_put(json, "sextant.", 8);
	jsonw_put(json, dataset, strlen(dataset));
	jsonw_text_close(json);
	jsonw_string(json, "event_code", action);
	ecs_event_id(f, "uid", ev);
	if (ev)
		jsonw_u64(json, "sequence", ev->header.sequence);
	ocsf_time(json, "logged_time", clock_monotonic_ns() + f->clock.monotonic_ns);
	jsonw_object_close(json);
}

/* ---- the device ---------------------------------------------------------- */

static void os_write(struct format *f)
{
	const struct host *host = f->host;
	const struct host_os *os = &host->os;

	jsonw_object_open(&f->json, "os");
	ocsf_enum(&f->json, "type_id", 200, "type", "Linux");
	ecs_word(f, "name", *os->name ? os->name : "Linux", sizeof(os->name));
	ecs_word(f, "version", os->version, sizeof(os->version));
	ecs_word(f, "kernel_release", host->release, sizeof(host->release));
	jsonw_object_close(&f->json);
}

static void device_write(struct format *f)
{
	const struct host *host = f->host;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "device");
	ocsf_enum(json, "type_id", 0, "type", "Unknown");
	ecs_bytes(f, "hostname", host->name, strlen(host->name), sizeof(host->name));
	ecs_word(f, "uid", host->machine_id, sizeof(host->machine_id));
	if (*host->boot_id)
		jsonw_string(json, "boot_uid", host->boot_id);
	else
		ecs_unread(f, "boot_uid");
	os_write(f);
	jsonw_object_close(json);
}

static void head_write(struct format *f, uint64_t time_ns, const struct event *ev,
                       const struct ocsf_activity *a, const char *action, const char *dataset)
{
	f->is_null_left_out = true;
	class_write(&f->json, time_ns + f->clock.monotonic_ns, a);
	metadata_write(f, ev, action, dataset);
	ecs_constant(f, &f->ocsf_device, device_write);
}

void ocsf_head(struct format *f, const struct event *ev, const struct ocsf_activity *activity)
{
	struct ocsf_activity a = *activity;

	if (event_is_early(ev))
		a.status = OCSF_STATUS_UNKNOWN;
	head_write(f, ev->header.time_ns, ev, &a, event_action(ev),
	           event_type_name(ev->header.type));
}

void ocsf_own_head(struct format *f, uint64_t time_ns, const struct ocsf_activity *a,
                   const char *action, const char *dataset)
{
	head_write(f, time_ns, NULL, a, action, dataset);
}

/* ---- unmapped ------------------------------------------------------------ */

static void rest_write(struct format *f)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "host");
	ecs_word(f, "architecture", f->host->machine, sizeof(f->host->machine));
	jsonw_object_open(json, "os");
	ecs_os_words(f);
	jsonw_object_close(json);
	jsonw_object_close(json);
	ecs_run(f);
}

void ocsf_unmapped_open(struct format *f, uint64_t time_ns)
{
	f->is_null_left_out = false;
	jsonw_object_open(&f->json, "unmapped");
	ecs_time(&f->json, "@timestamp", time_ns + f->clock.monotonic_ns);
	ecs_constant(f, &f->ocsf_rest, rest_write);
}
