/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for people. Names of kernels are those of a database: escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/cli/check_report.h"
#include "loader/cli/print.h"
#include "loader/cli/try_report.h"
#include "offsets/facts.h"
#include "offsets/util/escape.h"

static const char *const verdicts[] = {
	[TRIAL_PASSES] = "passes:",
	[TRIAL_FAILS] = "fails:",
	[TRIAL_UNUSABLE] = "unusable:",
	[TRIAL_UNDECIDED] = "undecided:",
};

static void classes_line(const char *what, unsigned int classes, const char *more)
{
	if (!classes)
		return;
	printf("            %s ", what);
	print_classes(classes);
	printf("%s%s\n", *more ? " by " : "", more);
}

static void trial_print(const struct trial *t)
{
	char name[256];

	candidate_name(t->candidate, name, sizeof(name));
	escape_print(stdout, "%-11s %s, %zu kernel%s\n", verdicts[t->verdict], name,
	             t->candidate->kernels, t->candidate->kernels == 1 ? "" : "s");
	if (t->verdict == TRIAL_UNUSABLE) {
		escape_print(stdout, "            %s\n", t->text);
		return;
	}
	classes_line("passed", t->passed, "");
	classes_line("differ:", t->differ, t->text);
	classes_line("no event of", t->missing, "");
	classes_line("not covered:", t->works & ~(t->passed | t->differ | t->missing), "");
}

/* ---- the proof ---------------------------------------------------------- */

static void value_print(const struct layout_fact *fact)
{
	printf("%u, %u bytes", fact->offset, fact->size);
	if (fact->bit_size)
		printf(", bits %u-%u", fact->bit_offset, fact->bit_offset + fact->bit_size - 1);
}

/* Had an earlier layout that passes the same value? */
static bool value_before(const struct trials *trials, size_t at, size_t id)
{
	const struct layout_fact *fact = &trials->list[at].candidate->layout.facts[id];
	size_t i;

	for (i = 0; i < at; i++)
		if (trials->list[i].verdict == TRIAL_PASSES &&
		    !memcmp(&trials->list[i].candidate->layout.facts[id], fact, sizeof(*fact)))
			return true;
	return false;
}

/* Each value, with the first layout that has it. */
static void differing_print(const struct try_report *r, size_t id)
{
	const struct trials *trials = &r->trials;
	char name[256];
	size_t i;

	printf("differs:    %s\n", offsets_fact_name(id));
	for (i = 0; i < trials->count; i++) {
		const struct candidate *c = trials->list[i].candidate;

		if (trials->list[i].verdict != TRIAL_PASSES ||
		    c->layout.facts[id].offset == LAYOUT_ABSENT || value_before(trials, i, id))
			continue;
		printf("            ");
		value_print(&c->layout.facts[id]);
		candidate_name(c, name, sizeof(name));
		escape_print(stdout, ": %s\n", name);
	}
}

static void found_print(const struct try_report *r)
{
	const struct proof *p = &r->proof;
	size_t i;

	printf("result:     proven: %zu layout%s by the self-test of ", p->passing,
	       p->passing == 1 ? " passes" : "s pass and agree,");
	print_classes(r->trials.reference);
	printf("\n            %zu of %zu facts in use were verified\n",
	       report_facts_count(p->verified), report_facts_count(p->used));
	if (r->config->classes & ~p->works) {
		printf("            no program for ");
		print_classes(r->config->classes & ~p->works);
		printf("\n");
	}
	if (report_facts_count(p->left_out))
		printf("            %zu facts that not all have alike are left out%s\n",
		       report_facts_count(p->left_out),
		       r->config->verbose ? ":" : " (--verbose lists them)");
	for (i = 0; r->config->verbose && i < LAYOUT_MAX; i++)
		if (p->left_out[i])
			printf("            %s\n", offsets_fact_name(i));
	if (r->is_pinned)
		escape_print(stdout,
		             "pinned:     %s; name it with --db beside the other databases\n",
		             r->config->pin);
}

static void proof_print(const struct try_report *r)
{
	const struct proof *p = &r->proof;
	size_t i;

	for (i = 0; i < LAYOUT_MAX; i++)
		if (p->differing[i])
			differing_print(r, i);
	switch (p->outcome) {
	case PROOF_FOUND:
		found_print(r);
		break;
	case PROOF_NONE:
		printf("result:     refused: no layout passes; add this kernel's package with "
		       "'lkccb add'\n");
		break;
	case PROOF_CONTRADICTED:
		printf("result:     refused: %zu layouts pass and differ in facts in use; select "
		       "fewer classes with --events, or add this kernel's package with 'lkccb "
		       "add'\n",
		       p->passing);
		break;
	case PROOF_UNDECIDED:
		printf("result:     refused: events were lost each time a layout was tried; try "
		       "again when this host is less busy\n");
		break;
	case PROOF_UNCONFIRMED:
		printf("result:     refused: the facts on which the %zu layouts that pass agree do "
		       "not pass by themselves; add this kernel's package with 'lkccb add'\n",
		       p->passing);
		break;
	}
}

void try_text(const struct try_report *r)
{
	size_t i;

	print_kernel(&r->host);
	printf("tried:      %zu layouts of %zu kernels in %" PRIu64 ".%" PRIu64 " s\n",
	       r->trials.count, r->candidates.kernels, r->taken_ns / 1000000000,
	       r->taken_ns / 100000000 % 10);
	for (i = 0; i < r->trials.count; i++)
		trial_print(&r->trials.list[i]);
	proof_print(r);
}
