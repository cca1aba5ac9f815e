/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/in_use.h"
#include "loader/agent/programs.h"
#include "loader/agent/records.h"
#include "loader/agent/startup_test.h"
#include "loader/agent/trial.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "offsets/facts.h"

/* So often the progress is reported. */
#define PROGRESS_NS 5000000000ULL

/* Programs in the kernel, for one layout after the other. */
struct session {
	struct config config; /* with the classes that are tested */
	struct programs programs;
	struct records records;
	/* By class: the source by which an event came with a layout before; NULL: none. */
	const char *came_by[EVENT_TYPES];
};

static void session_init(struct session *s, const struct config *config, const struct host *host,
                         unsigned int classes)
{
	*s = (struct session){ .config = *config, .programs = { .host = *host } };
	s->config.classes = classes;
	s->records.layout = &s->programs.layout;
}

static void session_deinit(struct session *s)
{
	programs_deinit(&s->programs);
}

static bool same_facts_exist(const struct layout *a, const struct layout *b)
{
	size_t i;

	for (i = 0; i < LAYOUT_MAX; i++)
		if ((a->facts[i].offset == LAYOUT_ABSENT) != (b->facts[i].offset == LAYOUT_ABSENT))
			return false;
	return true;
}

/* Programs by fentry have the facts as constants. */
static bool has_fentry(const struct session *s)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const struct class_state *c = probes_class(s->programs.probes, type);

		if (c->source && !strcmp(c->method, attach_method_name(ATTACH_FENTRY)))
			return true;
	}
	return false;
}

static bool may_rearm(const struct session *s, const struct layout *layout)
{
	return s->programs.probes && !has_fentry(s) &&
	       same_facts_exist(&s->programs.layout, layout);
}

/* Between two layouts: its programs report nothing, so that the rings stay empty. */
static int session_rest(struct session *s, struct offsets_error *error)
{
	return s->programs.probes ? probes_silence(s->programs.probes, error) : 0;
}

static int session_load(struct session *s, const struct layout *layout, struct offsets_error *error)
{
	const struct probes_use use = records_use(&s->records);

	if (may_rearm(s, layout))
		return programs_rearm(&s->programs, layout, error);
	programs_stop(&s->programs);
	s->programs.layout = *layout;
	return programs_start(&s->programs, &s->config, &use, error);
}

/* Classes whose source in use has reported with a layout before. */
static unsigned int session_reached(const struct session *s)
{
	unsigned int type, reached = 0;

	for (type = 0; type < EVENT_TYPES; type++) {
		const char *source = probes_class(s->programs.probes, type)->source;

		if (source && s->came_by[type] && !strcmp(source, s->came_by[type]))
			reached |= 1U << type;
	}
	return reached;
}

static void session_learn(struct session *s, unsigned int came)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (came & (1U << type))
			s->came_by[type] = probes_class(s->programs.probes, type)->source;
}

/* False: exec or fork has no program. */
static bool is_usable(const struct session *s, struct trial *trial)
{
	const struct class_state *exec = probes_class(s->programs.probes, EVENT_EXEC),
				 *fork = probes_class(s->programs.probes, EVENT_FORK);
	const struct class_state *without = !exec->source ? exec : !fork->source ? fork : NULL;

	if (!without)
		return true;
	trial->verdict = TRIAL_UNUSABLE;
	snprintf(trial->text, sizeof(trial->text), "%s does not work: %.400s",
	         event_type_name(without == exec ? EVENT_EXEC : EVENT_FORK), without->reason);
	return false;
}

/*
 * The self-test does not compare what the layout lacks the facts for, so a layout with few
 * facts would pass. These fields of an exec have to be compared.
 */
static const unsigned int needed[] = { FIELD_START, FIELD_PARENT, FIELD_EXEC_CRED, FIELD_EXEC_EXE,
	                               FIELD_EXEC_ARGV };

/* The first fact that a needed field lacks; LAYOUT_MAX: none. */
static size_t needed_missing(const struct layout *layout)
{
	size_t i, j;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const struct field *field = field_get(EVENT_EXEC, needed[i]);

		for (j = 0; j < field->count; j++)
			if (layout->facts[field->facts[j]].offset == LAYOUT_ABSENT)
				return field->facts[j];
	}
	return LAYOUT_MAX;
}

/* False: too little of an exec would be compared. */
static bool is_enough(const struct layout *layout, struct trial *trial)
{
	size_t missing = needed_missing(layout);

	if (missing == LAYOUT_MAX)
		return true;
	trial->verdict = TRIAL_UNUSABLE;
	snprintf(trial->text, sizeof(trial->text),
	         "the kernel entry lacks %s, without which the self-test of exec proves too little",
	         offsets_fact_name(missing));
	return false;
}

static void judge(struct trial *trial, unsigned int reference)
{
	reference |= ENTRY_PROVERS;
	if (trial->verdict == TRIAL_PASSES &&
	    (trial->differ || (trial->passed & reference) != reference))
		trial->verdict = TRIAL_FAILS;
}

static int trial_test(struct session *s, struct trial *trial, struct offsets_error *error)
{
	struct startup_trial tried = { .lost = false };
	unsigned int reached = session_reached(s);
	int err = startup_try(&s->programs, &s->records, reached, &tried, error);

	if (signals_end())
		return offsets_fail(error, -EINTR, "interrupted by a signal");
	if (err)
		return err;
	trial->works = programs_classes(&s->programs);
	trial->passed = tried.result.passed;
	trial->missing = tried.result.missing;
	trial->differ = tried.result.failed & ~tried.result.missing;
	trial->is_early = trial->missing & ~reached;
	trial->verdict = tried.lost && tried.result.failed ? TRIAL_UNDECIDED : TRIAL_PASSES;
	snprintf(trial->text, sizeof(trial->text), "%s", tried.facts);
	session_learn(s, trial->passed | trial->differ);
	in_use_facts(s->programs.probes, trial->works & ~tried.result.failed, &s->programs.layout,
	             trial->used, trial->verified);
	if (trial->missing) /* other sources may have been taken: the next layout starts from
	                       nothing */
		programs_stop(&s->programs);
	return 0;
}

/* A layout with which nothing can be loaded is unusable: that is no error. */
static int trial_do(struct session *s, const struct layout *layout, struct trial *trial,
                    struct offsets_error *error)
{
	int err;

	if (!is_enough(layout, trial))
		return 0;
	err = session_load(s, layout, error);
	if (signals_end())
		return offsets_fail(error, -EINTR, "interrupted by a signal");
	if (err && (err != -ENOTSUP || !s->programs.probes))
		return err;
	if (is_usable(s, trial))
		return err ? err : trial_test(s, trial, error);
	programs_stop(&s->programs);
	return 0;
}

/* ---- all ---------------------------------------------------------------- */

struct run {
	struct session first, all; /* exec and fork; all classes */
	uint64_t told_ns;
};

static int candidate_try(struct run *run, const struct candidate *candidate, struct trial *trial,
                         struct offsets_error *error)
{
	int err;

	*trial = (struct trial){ .candidate = candidate };
	err = trial_do(&run->first, &candidate->layout, trial, error);
	judge(trial, 0);
	if (err || trial->verdict != TRIAL_PASSES ||
	    run->all.config.classes == run->first.config.classes)
		return err;
	*trial = (struct trial){ .candidate = candidate };
	err = trial_do(&run->all, &candidate->layout, trial, error);
	return err ? err : session_rest(&run->all, error);
}

static void progress(struct run *run, const struct trials *trials, size_t count)
{
	uint64_t now = clock_monotonic_ns();
	size_t i, kept = 0;

	if (now - run->told_ns < PROGRESS_NS)
		return;
	run->told_ns = now;
	for (i = 0; i < trials->count; i++)
		kept += trials->list[i].verdict == TRIAL_PASSES;
	log_line(LEVEL_INFO, "%zu of %zu layouts tried, %zu by which no event differs",
	         trials->count, count, kept);
}

static void reference_find(struct trials *trials)
{
	size_t i;

	for (i = 0; i < trials->count; i++) {
		const struct trial *t = &trials->list[i];

		if (t->verdict == TRIAL_PASSES && (t->passed & ENTRY_PROVERS) == ENTRY_PROVERS)
			trials->reference |= t->passed;
	}
	for (i = 0; i < trials->count; i++)
		judge(&trials->list[i], trials->reference);
}

/*
 * Events were missing before it was known that their sources report here: asks once more. By
 * a source that reports, the layout is the reason.
 */
static int early_try(struct run *run, struct trials *trials, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < trials->count; i++)
		if (trials->list[i].is_early && !trials->list[i].differ)
			err = candidate_try(run, trials->list[i].candidate, &trials->list[i],
			                    error);
	return err;
}

static int all_try(struct run *run, const struct candidates *candidates, struct trials *trials,
                   struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < candidates->count; i++) {
		err = candidate_try(run, &candidates->list[i], &trials->list[i], error);
		trials->count += !err;
		progress(run, trials, candidates->count);
	}
	return err ? err : early_try(run, trials, error);
}

int trials_run(const struct config *config, const struct host *host,
               const struct candidates *candidates, struct trials *ret, struct offsets_error *error)
{
	struct run *run = calloc(1, sizeof(*run));
	int err;

	*ret = (struct trials){ .count = 0 };
	ret->list = calloc(candidates->count, sizeof(*ret->list));
	if (!run || !ret->list) {
		free(run);
		return offsets_fail(error, -ENOMEM, "out of memory");
	}
	session_init(&run->first, config, host, ENTRY_PROVERS);
	session_init(&run->all, config, host, config->classes | ENTRY_PROVERS);
	run->told_ns = clock_monotonic_ns();
	err = all_try(run, candidates, ret, error);
	session_deinit(&run->first);
	session_deinit(&run->all);
	free(run);
	reference_find(ret);
	return err;
}

void trials_free(struct trials *trials)
{
	free(trials->list);
	*trials = (struct trials){ .count = 0 };
}

int trials_confirm(const struct config *config, const struct host *host,
                   const struct layout *layout, unsigned int reference, struct trial *ret,
                   struct offsets_error *error)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	*ret = (struct trial){ .candidate = NULL };
	if (!s)
		return offsets_fail(error, -ENOMEM, "out of memory");
	session_init(s, config, host, config->classes | ENTRY_PROVERS);
	err = trial_do(s, layout, ret, error);
	session_deinit(s);
	free(s);
	judge(ret, reference);
	return err;
}
