/* SPDX-License-Identifier: BSD-2-Clause */
#include "lkccb/cmd/epoch.h"
#include "lkccb/cmd/statement.h"
#include "lkccb/input/attestation.h"
#include "offsets/util/version.h"

static void digest_print(struct jsonw *json, const char *sha256)
{
	jsonw_object_open(json, "digest");
	jsonw_string(json, "sha256", sha256);
	jsonw_object_close(json);
}

static void subject_print(struct jsonw *json, const struct record *r)
{
	jsonw_array_open(json, "subject");
	jsonw_object_open(json, NULL);
	jsonw_string(json, "name", record_base_name(r->o->db));
	digest_print(json, r->database);
	jsonw_object_close(json);
	jsonw_array_close(json);
}

static void option_print(struct jsonw *json, const char *key, const char *value)
{
	if (value)
		jsonw_string(json, key, value);
}

/* What decides which kernels are read and what of them, without where they are. */
static void options_print(struct jsonw *json, const struct record *r)
{
	const struct options *o = r->o;

	jsonw_object_open(json, "externalParameters");
	jsonw_string(json, "command", r->command);
	jsonw_bool(json, "all-units", o->input.all_units);
	jsonw_bool(json, "modules", o->input.modules);
	jsonw_bool(json, "replace", o->replace);
	jsonw_bool(json, "again", o->again);
	jsonw_bool(json, "signatures-verified", o->keyring != NULL);
	jsonw_bool(json, "allow-expired", o->allow_expired);
	option_print(json, "suite", o->suite);
	option_print(json, "component", o->component);
	option_print(json, "arch", o->arch);
	option_print(json, "shard", o->shard);
	option_print(json, "release", o->input.release);
	option_print(json, "machine", o->input.machine);
	option_print(json, "version", o->input.version);
	jsonw_object_close(json);
}

static void item_print(struct jsonw *json, const struct record_item *item)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "name", item->name);
	if (*item->sha256)
		digest_print(json, item->sha256);
	else
		jsonw_string(json, "uri", item->name);
	jsonw_object_open(json, "annotations");
	jsonw_string(json, "role", record_role_name(item->role));
	if (item->version)
		jsonw_string(json, "version", item->version);
	jsonw_object_close(json);
	jsonw_object_close(json);
}

static void definition_print(struct jsonw *json, const struct record *r)
{
	size_t i;

	jsonw_object_open(json, "buildDefinition");
	jsonw_string(json, "buildType", ATTESTATION_BUILD_TYPE);
	options_print(json, r);
	jsonw_array_open(json, "resolvedDependencies");
	for (i = 0; i < r->count; i++)
		item_print(json, &r->items[i]);
	jsonw_array_close(json);
	jsonw_object_close(json);
}

static void details_print(struct jsonw *json, const struct record *r)
{
	char time[EPOCH_TEXT_MAX];

	epoch_text(r->time_s, time);
	jsonw_object_open(json, "runDetails");
	jsonw_object_open(json, "builder");
	jsonw_string(json, "id", ATTESTATION_BUILDER);
	jsonw_object_open(json, "version");
	jsonw_string(json, "lkccb", SEXTANT_VERSION);
	jsonw_object_close(json);
	jsonw_object_close(json);
	jsonw_object_open(json, "metadata");
	jsonw_string(json, "startedOn", time);
	jsonw_object_close(json);
	jsonw_object_close(json);
}

void statement_print(const struct record *r, struct jsonw *json)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "_type", ATTESTATION_TYPE);
	subject_print(json, r);
	jsonw_string(json, "predicateType", ATTESTATION_PREDICATE);
	jsonw_object_open(json, "predicate");
	definition_print(json, r);
	details_print(json, r);
	jsonw_object_close(json);
	jsonw_object_close(json);
}
