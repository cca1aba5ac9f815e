/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/agent/proof.h"
#include "loader/host/choice.h"
#include "loader/stream/fields.h"
#include "offsets/facts.h"

const char *proof_outcome_text(enum proof_outcome outcome)
{
	static const char *const texts[] = {
		[PROOF_FOUND] = "proven",
		[PROOF_NONE] = "none",
		[PROOF_CONTRADICTED] = "contradicted",
		[PROOF_UNDECIDED] = "undecided",
		[PROOF_UNCONFIRMED] = "unconfirmed",
	};

	return texts[outcome];
}

void proof_deinit(struct proof *proof)
{
	offsets_kernel_free(proof->row);
	proof->row = NULL;
}

/* The next layout that passes, from *at on; NULL: no more. */
static const struct trial *passing_next(const struct trials *trials, size_t *at)
{
	while (*at < trials->count) {
		const struct trial *t = &trials->list[(*at)++];

		if (t->verdict == TRIAL_PASSES)
			return t;
	}
	return NULL;
}

/* ---- facts -------------------------------------------------------------- */

/* How the layouts that pass have one fact. */
struct agreement {
	const struct trial *first; /* that has it; NULL: none */
	bool all_have, same;
};

static struct agreement agreement_on(const struct trials *trials, size_t id)
{
	struct agreement a = { .all_have = true, .same = true };
	const struct trial *t;
	size_t at = 0;

	while ((t = passing_next(trials, &at))) {
		const struct layout_fact *fact = &t->candidate->layout.facts[id];

		if (fact->offset == LAYOUT_ABSENT)
			a.all_have = false;
		else if (!a.first)
			a.first = t;
		else if (memcmp(fact, &a.first->candidate->layout.facts[id], sizeof(*fact)) != 0)
			a.same = false;
	}
	return a;
}

static void facts_gather(const struct trials *trials, struct proof *p)
{
	const struct trial *t;
	size_t at = 0, i;

	for (i = 0; i < trials->count; i++)
		if (trials->list[i].verdict == TRIAL_UNDECIDED)
			p->outcome = PROOF_UNDECIDED;
	while ((t = passing_next(trials, &at))) {
		p->passing++;
		for (i = 0; i < LAYOUT_MAX; i++) {
			p->used[i] |= t->used[i];
			p->verified[i] |= t->verified[i];
		}
	}
	if (!p->passing && p->outcome != PROOF_UNDECIDED)
		p->outcome = PROOF_NONE;
}

/* ---- the entry ---------------------------------------------------------- */

/* A fact may share its name with another one, so that it is there already. */
static int fact_take(struct offsets_kernel *row, const struct offsets_kernel *from, size_t id)
{
	size_t at = 0;
	const struct offsets_fact *fact = offsets_kernel_alternative(from, id, &at);
	int err;

	if (!fact || offsets_kernel_fact(row, fact->type, fact->member))
		return 0;
	err = offsets_kernel_add_fact(row, fact);
	offsets_kernel_sort(row);
	return err;
}

static int facts_take(const struct trials *trials, struct proof *p, struct layout *ret)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < LAYOUT_MAX; i++) {
		struct agreement a = agreement_on(trials, i);

		ret->facts[i] = (struct layout_fact){ .offset = LAYOUT_ABSENT };
		if (!a.first)
			continue;
		p->differing[i] = !a.same && p->used[i];
		p->left_out[i] = !a.same || (!a.all_have && !p->verified[i]);
		if (p->left_out[i])
			continue;
		ret->facts[i] = a.first->candidate->layout.facts[i];
		err = fact_take(p->row, a.first->candidate->kernel, i);
	}
	return err;
}

/* "exec, fork" */
static void classes_text(unsigned int classes, char *ret, size_t ret_size)
{
	unsigned int type;
	size_t used = 0;

	ret[0] = '\0';
	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type) && used < ret_size)
			used += snprintf(ret + used, ret_size - used, "%s%s", used ? ", " : "",
			                 event_type_name(type));
}

/* A cut name might end within a character, which no key may. */
static int origin_set(struct proof *p, const struct trials *trials)
{
	char classes[256], name[256], others[64] = "", text[800];
	size_t at = 0;

	classes_text(trials->reference, classes, sizeof(classes));
	candidate_name(passing_next(trials, &at)->candidate, name, sizeof(name));
	if (strlen(name) == sizeof(name) - 1)
		strcpy(name, "a kernel with a long name");
	if (p->passing > 1)
		snprintf(others, sizeof(others), "; %zu layouts pass and agree", p->passing);
	snprintf(text, sizeof(text),
	         "proven on this host: the self-test of %s passed with the layout of %s%s", classes,
	         name, others);
	return offsets_kernel_set(p->row, OFFSETS_KEY_ORIGIN, text);
}

static int row_make(const struct host *host, const struct trials *trials, struct proof *p,
                    struct layout *ret, struct offsets_error *error)
{
	int err;

	p->row = offsets_kernel_new();
	err = p->row ? choice_kernel_identify(host, "proven", p->row) : -ENOMEM;
	if (!err)
		err = origin_set(p, trials);
	if (!err)
		err = facts_take(trials, p, ret);
	return err ? offsets_fail(error, err, "the entry of this kernel (%s) cannot be made: %s",
	                          host->release, strerror(-err))
	           : 0;
}

static const struct trial *trial_of(const struct trials *trials, const struct layout *layout)
{
	const struct trial *t;
	size_t at = 0;

	while ((t = passing_next(trials, &at)))
		if (!memcmp(&t->candidate->layout, layout, sizeof(*layout)))
			return t;
	return NULL;
}

static bool any(const bool facts[LAYOUT_MAX])
{
	return memchr(facts, true, LAYOUT_MAX * sizeof(*facts));
}

/* The layout that a run will make of the entry has to be the one that was meant. */
static int confirm(const struct config *config, const struct host *host,
                   const struct trials *trials, const struct layout *meant, struct proof *p,
                   struct offsets_error *error)
{
	const struct trial *tried = trial_of(trials, meant);
	struct layout layout;
	struct trial trial;
	int err;

	offsets_kernel_layout(p->row, &layout);
	p->outcome = memcmp(&layout, meant, sizeof(layout)) ? PROOF_UNCONFIRMED : PROOF_FOUND;
	if (tried || p->outcome != PROOF_FOUND) {
		p->works = tried ? tried->works : 0;
		return 0;
	}
	err = trials_confirm(config, host, meant, trials->reference, &trial, error);
	if (!err && trial.verdict != TRIAL_PASSES)
		p->outcome = PROOF_UNCONFIRMED;
	p->works = trial.works;
	return err;
}

int proof_make(const struct config *config, const struct host *host, const struct trials *trials,
               struct proof *ret, struct offsets_error *error)
{
	struct layout meant;
	int err;

	*ret = (struct proof){ .outcome = PROOF_FOUND };
	memset(&meant, 0, sizeof(meant));
	facts_gather(trials, ret);
	if (!ret->passing)
		return 0;
	err = row_make(host, trials, ret, &meant, error);
	if (!err && any(ret->differing))
		ret->outcome = PROOF_CONTRADICTED;
	if (!err && ret->outcome == PROOF_FOUND)
		err = confirm(config, host, trials, &meant, ret, error);
	if (err || ret->outcome != PROOF_FOUND)
		proof_deinit(ret);
	return err;
}
