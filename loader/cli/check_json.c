/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as JSON. */
#include <stdio.h>

#include "loader/bpf/hook.h"
#include "loader/cli/check_report.h"
#include "loader/cli/print.h"
#include "offsets/facts.h"
#include "offsets/util/jsonw.h"

static void classes_json(struct jsonw *json, const struct report *r)
{
	unsigned int type;

	jsonw_object_open(json, "classes");
	for (type = 0; type < EVENT_TYPES; type++) {
		const char *source = report_class_source(r, type);

		if (!(r->config->classes & (1U << type)))
			continue;
		jsonw_object_open(json, event_type_name(type));
		jsonw_bool(json, "works", source != NULL);
		jsonw_string(json, "variant", source);
		jsonw_string(json, "attach", source ? probes_class(r->probes, type)->method : NULL);
		if (source)
			jsonw_u64(json, "tier", probes_class(r->probes, type)->tier);
		jsonw_string(json, "reason", source ? NULL : report_class_why(r, type));
		if (source && *probes_class(r->probes, type)->lacks)
			jsonw_string(json, "without", probes_class(r->probes, type)->lacks);
		jsonw_object_close(json);
	}
	jsonw_object_close(json);
}

static void programs_json(struct jsonw *json, const struct report *r)
{
	size_t count = 0, i;
	const struct program_state *programs =
		r->probes ? probes_programs(r->probes, &count) : NULL;

	jsonw_object_open(json, "instructions_walked");
	for (i = 0; i < count; i++)
		jsonw_u64(json, programs[i].name, programs[i].walked);
	jsonw_object_close(json);
}

static void json_null(void *arg, const char *path, const struct field *field, const char *fact)
{
	(void)field;
	(void)fact;
	jsonw_string(arg, NULL, path);
}

static void offsets_json(struct jsonw *json, const struct report *r)
{
	size_t i;

	jsonw_object_open(json, "offsets");
	jsonw_string(json, "error", *r->choice_error ? r->choice_error : NULL);
	if (r->choice.row) {
		jsonw_string(json, "matched_by", choice_how_text(r->choice.how));
		if (r->choice.serial)
			jsonw_u64(json, "signature_serial", r->choice.serial);
		else
			jsonw_string(json, "signature_serial", NULL);
		for (i = 0; offsets_key_name(i); i++)
			jsonw_string(json, offsets_key_name(i),
			             offsets_kernel_key(r->choice.row, i));
		jsonw_array_open(json, "absent_facts");
		for (i = 0; i < LAYOUT_MAX; i++)
			if (report_fact_absent(r, i))
				jsonw_string(json, NULL, offsets_fact_name(i));
		jsonw_array_close(json);
		jsonw_array_open(json, "null_fields");
		report_nulls(r, json_null, json);
		jsonw_array_close(json);
	}
	jsonw_object_close(json);
}

static void self_test_json(struct jsonw *json, const struct report *r)
{
	bool others[LAYOUT_MAX];
	size_t i;

	for (i = 0; i < LAYOUT_MAX; i++)
		others[i] = r->used[i] && !r->verified[i];
	jsonw_object_open(json, "self_test");
	json_classes(json, "covers", report_tested(r, true));
	json_classes(json, "does_not_cover", report_tested(r, false));
	json_facts(json, "verified_facts", r->verified);
	json_facts(json, "unverified_facts", others);
	jsonw_object_close(json);
}

static void obstacles_json(struct jsonw *json, const struct obstacles *obstacles)
{
	size_t i;

	jsonw_array_open(json, "obstacles");
	for (i = 0; i < obstacles->count; i++)
		jsonw_string(json, NULL, obstacles->text[i]);
	jsonw_array_close(json);
}

int report_json(const struct report *r)
{
	struct jsonw json;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_object_open(&json, "kernel");
	json_kernel(&json, &r->host);
	jsonw_u64(&json, "version_code", r->version_code);
	jsonw_object_close(&json);
	offsets_json(&json, r);
	classes_json(&json, r);
	self_test_json(&json, r);
	if (r->config->instructions)
		programs_json(&json, r);
	jsonw_string(&json, "switched_off", hook_switched_off());
	obstacles_json(&json, &r->obstacles);
	jsonw_string(&json, "jit", r->jit);
	jsonw_string(&json, "lockdown", r->lockdown);
	jsonw_string(&json, "tracefs", *r->tracefs ? r->tracefs : NULL);
	jsonw_bool(&json, "memlock_needed", r->memlock_needed);
	jsonw_u64(&json, "kernel_memory_bytes", r->memory);
	jsonw_u64(&json, "exit_code", r->code);
	jsonw_object_close(&json);
	return jsonw_print(&json, stdout);
}
