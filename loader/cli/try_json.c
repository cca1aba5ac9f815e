/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as JSON; docs/sextant.8 has its members. */
#include <stdio.h>

#include "loader/cli/print.h"
#include "loader/cli/try_report.h"
#include "offsets/facts.h"
#include "offsets/util/jsonw.h"

static void candidate_json(struct jsonw *json, const struct candidate *c)
{
	static const enum offsets_key keys[] = { OFFSETS_KEY_RELEASE, OFFSETS_KEY_VERSION,
		                                 OFFSETS_KEY_BUILD_ID, OFFSETS_KEY_DISTRIBUTION,
		                                 OFFSETS_KEY_SOURCE };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		jsonw_string(json, offsets_key_name(keys[i]),
		             offsets_kernel_key(c->kernel, keys[i]));
}

static void trial_json(struct jsonw *json, const struct trial *t)
{
	static const char *const verdicts[] = {
		[TRIAL_PASSES] = "passes",
		[TRIAL_FAILS] = "fails",
		[TRIAL_UNUSABLE] = "unusable",
		[TRIAL_UNDECIDED] = "undecided",
	};
	bool is_unusable = t->verdict == TRIAL_UNUSABLE;

	jsonw_object_open(json, NULL);
	candidate_json(json, t->candidate);
	jsonw_u64(json, "kernels", t->candidate->kernels);
	jsonw_string(json, "verdict", verdicts[t->verdict]);
	json_classes(json, "passed", t->passed);
	json_classes(json, "differ", t->differ);
	json_classes(json, "missing", t->missing);
	json_classes(json, "not_covered", t->works & ~(t->passed | t->differ | t->missing));
	jsonw_string(json, "facts_in_question", !is_unusable && t->differ ? t->text : NULL);
	jsonw_string(json, "reason", is_unusable ? t->text : NULL);
	jsonw_object_close(json);
}

static void value_json(struct jsonw *json, const struct candidate *c, size_t id)
{
	const struct layout_fact *fact = &c->layout.facts[id];

	if (fact->offset == LAYOUT_ABSENT)
		return;
	jsonw_object_open(json, NULL);
	candidate_json(json, c);
	jsonw_u64(json, "offset", fact->offset);
	jsonw_u64(json, "size", fact->size);
	jsonw_u64(json, "bit_offset", fact->bit_offset);
	jsonw_u64(json, "bit_size", fact->bit_size);
	jsonw_object_close(json);
}

static void differing_json(struct jsonw *json, const struct try_report *r)
{
	size_t id, i;

	jsonw_array_open(json, "differing_facts");
	for (id = 0; id < LAYOUT_MAX; id++) {
		if (!r->proof.differing[id])
			continue;
		jsonw_object_open(json, NULL);
		jsonw_string(json, "fact", offsets_fact_name(id));
		jsonw_array_open(json, "values");
		for (i = 0; i < r->trials.count; i++)
			if (r->trials.list[i].verdict == TRIAL_PASSES)
				value_json(json, r->trials.list[i].candidate, id);
		jsonw_array_close(json);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static void proof_json(struct jsonw *json, const struct try_report *r)
{
	jsonw_object_open(json, "result");
	jsonw_string(json, "outcome", proof_outcome_text(r->proof.outcome));
	jsonw_u64(json, "passing_layouts", r->proof.passing);
	json_classes(json, "classes_compared", r->trials.reference);
	json_classes(json, "works", r->proof.works);
	json_facts(json, "used_facts", r->proof.used);
	json_facts(json, "verified_facts", r->proof.verified);
	json_facts(json, "left_out_facts", r->proof.left_out);
	differing_json(json, r);
	jsonw_string(json, "pinned", r->is_pinned ? r->config->pin : NULL);
	jsonw_object_close(json);
}

int try_json(const struct try_report *r)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_object_open(&json, "kernel");
	json_kernel(&json, &r->host);
	jsonw_object_close(&json);
	jsonw_u64(&json, "kernels", r->candidates.kernels);
	jsonw_u64(&json, "taken_ns", r->taken_ns);
	jsonw_array_open(&json, "layouts");
	for (i = 0; i < r->trials.count; i++)
		trial_json(&json, &r->trials.list[i]);
	jsonw_array_close(&json);
	proof_json(&json, r);
	jsonw_u64(&json, "exit_code", r->code);
	jsonw_object_close(&json);
	return jsonw_print(&json, stdout);
}
