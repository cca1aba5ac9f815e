/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The choice, in three layers: is a program usable (its facts, its hook), is a
 * unit (a program and those that are PAIRED with it), is a source (its facts, its
 * tail calls, its REQUIRED units).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "offsets/facts.h"
#include "loader/bpf/findings.h"
#include "loader/bpf/plan.h"
#include "loader/rules/filter.h"

struct plan {
	struct plan_request request;
	const struct source *taken[EVENT_TYPES]; /* NULL: none */
	struct class_state classes[EVENT_TYPES];
	struct mapset maps; /* of what is chosen */
	size_t count;
	struct planned list[];
};

/* ---- the list --------------------------------------------------------- */

static bool same_hook(const struct hook *a, const struct hook *b)
{
	return a && b ? a->kind == b->kind && !strcmp(a->text, b->text) : a == b;
}

static struct planned *planned_find(struct plan *plan, const char *name, const struct hook *hook)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (!strcmp(plan->list[i].name, name) && same_hook(plan->list[i].hook, hook))
			return &plan->list[i];
	return NULL;
}

static struct planned *planned_of(struct plan *plan, const struct program *program)
{
	return planned_find(plan, program->name, &program->hook);
}

/* The one that is there already, or a new one. */
static struct planned *planned_add(struct plan *plan, const char *name, const struct hook *hook,
                                   const struct mapset *maps)
{
	struct planned *planned = planned_find(plan, name, hook);

	if (!planned) {
		planned = &plan->list[plan->count++];
		planned->name = name;
		planned->hook = hook;
	}
	planned->maps.groups |= maps->groups;
	planned->maps.tiers |= maps->tiers;
	return planned;
}

static void source_add(struct plan *plan, const struct source *source)
{
	struct mapset maps = { source->maps, source->tiers & plan->request.tiers };
	const struct program *program;
	const struct tail *tail;

	for (tail = source->tails ? source->tails->list : NULL; tail && tail->program; tail++)
		planned_add(plan, tail->program, NULL, &maps);
	for (program = source->programs; program->name; program++) {
		struct planned *planned;

		if (program->need != PAIRED)
			maps.groups = source->maps | program->maps;
		planned = planned_add(plan, program->name, &program->hook, &maps);
		planned->facts = program->facts;
		planned->attempts = program->attempts;
	}
}

/* At most so many; those that are named twice are counted twice. */
static size_t programs_count(void)
{
	size_t count = 0, i;
	const struct source *source;
	const struct program *program;

	for (i = 0; i < class_sources_count; i++)
		for (source = class_sources[i].sources; source->tiers; source++) {
			count += TAILS_MAX;
			for (program = source->programs; program->name; program++)
				count++;
		}
	return count;
}

struct plan *plan_new(const struct plan_request *request)
{
	struct plan *plan = calloc(1, sizeof(*plan) + programs_count() * sizeof(plan->list[0]));
	const struct source *source;
	unsigned int type;
	size_t i;

	if (!plan)
		return NULL;
	plan->request = *request;
	for (type = 0; type < EVENT_TYPES; type++)
		plan->classes[type].wanted = request->classes & (1U << type);
	for (i = 0; i < class_sources_count; i++)
		for (source = class_sources[i].sources; source->tiers; source++)
			if (source->tiers & request->tiers)
				source_add(plan, source);
	return plan;
}

void plan_free(struct plan *plan)
{
	free(plan);
}

struct planned *plan_list(struct plan *plan, size_t *ret_count)
{
	*ret_count = plan->count;
	return plan->list;
}

/* ---- is it usable? ---------------------------------------------------- */

void plan_refuse(struct planned *planned, const char *reason)
{
	planned->checked = planned->refused = true;
	snprintf(planned->reason, sizeof(planned->reason), "%.255s", reason);
}

/* The first fact that this kernel lacks; FACTS_END: it has all. */
static enum layout_id fact_missing(const struct plan *plan, const enum layout_id *facts)
{
	const enum layout_id *fact = facts;

	while (fact && *fact != FACTS_END &&
	       plan->request.layout->facts[*fact].offset != LAYOUT_ABSENT)
		fact++;
	return fact ? *fact : FACTS_END;
}

static int facts_check(const struct plan *plan, const enum layout_id *facts,
                       struct offsets_error *error)
{
	enum layout_id missing = fact_missing(plan, facts);

	return missing == FACTS_END ? 0
	                            : offsets_fail(error, -ENODATA, "the kernel entry lacks %s",
	                                           offsets_fact_name(missing));
}

static bool program_usable(struct plan *plan, struct planned *planned)
{
	struct offsets_error error;
	int err;

	if (planned->checked)
		return !planned->refused;
	planned->checked = true;
	err = facts_check(plan, planned->facts, &error);
	if (!err && planned->hook)
		err = plan->request.hook(plan->request.arg, planned->hook, &planned->method,
		                         &error);
	if (err)
		plan_refuse(planned, error.text);
	planned->absent = err == -ENOENT;
	return !err;
}

static const struct program *unit_next(const struct program *program)
{
	do
		program++;
	while (program->need == PAIRED && program->name);
	return program;
}

/* The first one of the unit that is not usable; NULL: all are. */
static struct planned *unit_obstacle(struct plan *plan, const struct program *unit)
{
	const struct program *program, *end = unit_next(unit);

	for (program = unit; program < end; program++)
		if (!program_usable(plan, planned_of(plan, program)))
			return planned_of(plan, program);
	return NULL;
}

static struct planned *tails_obstacle(struct plan *plan, const struct tails *tails)
{
	const struct tail *tail;

	for (tail = tails ? tails->list : NULL; tail && tail->program; tail++) {
		struct planned *planned = planned_find(plan, tail->program, NULL);

		if (!program_usable(plan, planned))
			return planned;
	}
	return NULL;
}

/* True: it is usable. Else *ret says what is in the way. */
static bool source_usable(struct plan *plan, const struct source *source, struct finding *ret)
{
	const struct program *unit;
	struct offsets_error error;
	struct planned *obstacle;

	if (source->checks_paths && !filter_fits(plan->request.layout)) {
		finding_set(ret, NULL, source->programs->hook.text,
		            "by the kernel entry, members of struct dentry or mount that the check "
		            "of a path reads at once are apart");
		return false;
	}
	if (facts_check(plan, source->facts, &error)) {
		finding_set(ret, NULL, source->programs->hook.text, error.text);
		return false;
	}
	obstacle = tails_obstacle(plan, source->tails);
	for (unit = source->programs; !obstacle && unit->name; unit = unit_next(unit))
		if (unit->need == REQUIRED)
			obstacle = unit_obstacle(plan, unit);
	if (!obstacle)
		return true;
	finding_set(ret, NULL, obstacle->hook ? obstacle->hook->text : obstacle->name,
	            obstacle->reason);
	return false;
}

/* ---- the choice ------------------------------------------------------- */

static void unit_take(struct plan *plan, const struct program *unit)
{
	const struct program *program, *end = unit_next(unit);

	for (program = unit; program < end; program++) {
		planned_of(plan, program)->chosen = true;
		plan->maps.groups |= program->maps;
	}
}

/* What the class lacks without one of its units. */
static void unit_lacks(struct findings *findings, const struct program *unit,
                       const struct planned *obstacle)
{
	if (unit->lacks && !(unit->need == IF_HOOK_EXISTS && obstacle->absent))
		findings_add(findings, unit->lacks, obstacle->hook->text, obstacle->reason);
}

static void source_take(struct plan *plan, const struct source *source, struct class_state *state)
{
	struct planned *first = planned_of(plan, source->programs), *obstacle;
	struct findings findings = { 0 };
	const struct program *unit;
	const struct tail *tail;
	bool taken = false; /* one of a unit and its fallbacks */

	state->source = first->hook->text;
	state->method = attach_method_name(first->method);
	state->tier = ffs(source->tiers & plan->request.tiers) - 1;
	plan->maps.groups |= source->maps;
	plan->maps.tiers |= source->tiers & plan->request.tiers;
	for (tail = source->tails ? source->tails->list : NULL; tail && tail->program; tail++)
		planned_find(plan, tail->program, NULL)->chosen = true;
	for (unit = source->programs; unit->name; unit = unit_next(unit)) {
		if (unit->need == FALLBACK && taken)
			continue;
		obstacle = unit_obstacle(plan, unit);
		taken = !obstacle;
		if (obstacle)
			unit_lacks(&findings, unit, obstacle);
		else
			unit_take(plan, unit);
	}
	findings_lacks(&findings, source->lacks, state->lacks, sizeof(state->lacks));
}

#define NO_SOURCE "there are no programs for it on kernels before 4.11 (except RHEL 7)"

static void class_make(struct plan *plan, const struct class_sources *class)
{
	struct class_state *state = &plan->classes[class->type];
	struct findings findings = { 0 };
	const struct source *source;
	struct finding finding;

	for (source = class->sources; source->tiers; source++) {
		if (!(source->tiers & plan->request.tiers))
			continue;
		if (source_usable(plan, source, &finding)) {
			plan->taken[class->type] = source;
			source_take(plan, source, state);
			return;
		}
		findings_add(&findings, NULL, finding.name, finding.reason);
	}
	findings_reasons(&findings, state->reason, sizeof(state->reason));
	if (!findings.count)
		snprintf(state->reason, sizeof(state->reason), "%s", NO_SOURCE);
}

bool plan_make(struct plan *plan)
{
	bool any = false;
	size_t i;

	for (i = 0; i < plan->count; i++)
		plan->list[i].chosen = false;
	plan->maps = (struct mapset){ 0 };
	memset(plan->taken, 0, sizeof(plan->taken));
	for (i = 0; i < class_sources_count; i++) {
		struct class_state *state = &plan->classes[class_sources[i].type];

		*state = (struct class_state){ .wanted = state->wanted };
		if (state->wanted)
			class_make(plan, &class_sources[i]);
		any |= state->source != NULL;
	}
	return any;
}

void plan_refuse_source(struct plan *plan, enum event_type type, const char *reason)
{
	if (plan->taken[type])
		plan_refuse(planned_of(plan, plan->taken[type]->programs), reason);
}

const struct source *plan_source(const struct plan *plan, enum event_type type)
{
	return plan->taken[type];
}

static void facts_set(const enum layout_id *list, bool facts[LAYOUT_MAX])
{
	for (; list && *list != FACTS_END; list++)
		facts[*list] = true;
}

void plan_facts(struct plan *plan, enum event_type type, bool facts[LAYOUT_MAX])
{
	const struct source *source = plan->taken[type];
	const struct program *program;

	if (!source)
		return;
	facts_set(source->facts, facts);
	for (program = source->programs; program->name; program++)
		if (planned_of(plan, program)->chosen)
			facts_set(program->facts, facts);
}

bool plan_serves(struct plan *plan, const struct planned *planned, enum event_type type)
{
	const struct source *source = plan->taken[type];
	const struct program *program;

	for (program = source ? source->programs : NULL; program && program->name; program++)
		if (planned_of(plan, program) == planned)
			return planned->chosen;
	return false;
}

struct mapset plan_maps(const struct plan *plan)
{
	return plan->maps;
}

unsigned int plan_attempts(const struct plan *plan)
{
	unsigned int attempts = 0;
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->list[i].chosen)
			attempts |= plan->list[i].attempts;
	return attempts;
}

const struct class_state *plan_class(const struct plan *plan, enum event_type type)
{
	return &plan->classes[type];
}
