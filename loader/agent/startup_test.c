/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/util/exit.h"
#include "loader/agent/startup_test.h"
#include "loader/rules/watch_rules.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/util/signals.h"
#include "offsets/util/cleanup.h"

/* How often: a storm may take what the test waits for, and hooks may not be reached. */
#define TRIES 6

/* The test's file is matched by a rule, so that the check of paths is tested too. */
static int rule_set(struct programs *p, const struct selftest *test, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct filter *rule = calloc(1, sizeof(*rule));
	int err;

	if (!rule)
		return offsets_fail(error, -ENOMEM, "out of memory");
	watch_rules_of_name(selftest_file(test), rule);
	err = probes_filter(p->probes, rule, error);
	if (err)
		return err;
	filter_settings(rule, &p->layout, &p->settings);
	return programs_set(p, error);
}

static void loss_note(void *arg, const struct loss *loss)
{
	(void)loss;
	*(bool *)arg = true;
}

/* *ret_lost: events were lost meanwhile, so that what is missing may be among them. */
static int test_once(struct programs *p, struct selftest *test, struct selftest_result *ret,
                     bool *ret_lost, struct offsets_error *error)
{
	int err = rule_set(p, test, error);

	*ret_lost = false;
	if (!err)
		err = probes_losses(p->probes, NULL, NULL, error);
	if (!err)
		err = selftest_run(test, p->probes, programs_classes(p), &p->layout, ret, error);
	if (!err)
		err = probes_losses(p->probes, loss_note, ret_lost, error);
	return err;
}

/*
 * A class of which nothing came: its hook may not be reached (a function that is
 * inlined, kprobes that are disabled), and its next source may be.
 */
static int other_sources(struct programs *p, unsigned int missing, enum log_level level,
                         struct offsets_error *error)
{
	char reason[256];
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const struct class_state *c = probes_class(p->probes, type);

		if (!(missing & (1U << type)))
			continue;
		snprintf(reason, sizeof(reason), "its hook is not reached%s%s",
		         p->disabled ? ": " : "", p->disabled ? p->disabled : "");
		log_line(level, "%s: no event came by %s in the self-test (%s)",
		         event_type_name(type), c->source, reason);
		probes_refuse(p->probes, type, reason);
	}
	return programs_restart(p, error);
}

/* A run of the test, and how it is repeated. */
struct repeat {
	struct selftest_result result;
	bool lost;            /* events were lost */
	unsigned int reached; /* classes whose sources are known to report here */
	enum log_level level; /* of messages about sources that do not */
	int runs;             /* until now */
	int err;              /* of other sources: -ENOTSUP: none is left */
};

/*
 * Takes other sources where that may help. *ret_again: the test has to be
 * repeated. 0 or -errno.
 */
static int prepare_again(struct programs *p, const struct repeat *r, bool *ret_again,
                         struct offsets_error *error)
{
	const struct selftest_result *result = &r->result;

	*ret_again = result->failed && !signals_end();
	if (!*ret_again || r->lost)
		return 0;
	*ret_again = result->missing && result->missing == result->failed;
	if (result->missing & r->reached) {
		*ret_again &= r->runs == 1;
		return 0;
	}
	return *ret_again ? other_sources(p, result->missing, r->level, error) : 0;
}

/* What to do about a kernel entry that is wrong. */
static const char *next_step(enum choice_how how)
{
	static const char *const steps[] = {
		[CHOICE_OVERRIDE] = "correct --kernel-override, or add this kernel's package with "
				    "'lkccb add'",
		[CHOICE_BUILD_ID] = "read this kernel's package again with 'lkccb add'",
		[CHOICE_VERSION] = "read this kernel's package again with 'lkccb add'",
		[CHOICE_BTF] = "add this kernel's package with 'lkccb add', and report this",
	};

	return steps[how];
}

static int entry_refuse(const struct programs *p, const struct selftest *test, unsigned int wrong,
                        struct offsets_error *error)
{
	char facts[256];

	selftest_facts(test, wrong, facts, sizeof(facts));
	offsets_fail(
		error, -EINVAL,
		"refused: the kernel entry %.64s (by %s) is not this kernel's: in the self-test "
		"%s differ by %s; nothing of it is used: %s",
		offsets_kernel_key(p->choice.row, OFFSETS_KEY_RELEASE),
		choice_how_text(p->choice.how),
		wrong == ENTRY_PROVERS        ? "exec and fork"
		: wrong == (1U << EVENT_EXEC) ? "exec"
					      : "fork",
		facts, next_step(p->choice.how));
	return EXIT_REFUSED;
}

static void report_failed(unsigned int failed)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (failed & (1U << type))
			log_line(LEVEL_WARNING,
			         "%s is disabled: self-test failed: wrong offsets, or the hook was "
			         "not reached; try another --attach method",
			         event_type_name(type));
}

/*
 * Repeats the test with records->test; its last run is there at the end. What was lost
 * may have been a part of an event, which proves nothing. An enum exit_code.
 */
static int test_repeat(struct programs *p, struct records *records, struct repeat *r,
                       struct offsets_error *error)
{
	bool again = true;

	for (r->runs = 1; again; r->runs++) {
		selftest_free(records->test);
		records->test = selftest_new();
		if (!records->test) {
			offsets_fail(error, -ENOMEM, "out of memory");
			return EXIT_FAILED;
		}
		if (test_once(p, records->test, &r->result, &r->lost, error))
			return EXIT_FAILED;
		if (r->runs == TRIES)
			break;
		r->err = prepare_again(p, r, &again, error);
		if (r->err)
			return EXIT_NO_PROBES;
	}
	r->result.wrong &= r->lost ? 0 : ENTRY_PROVERS;
	return EXIT_DONE;
}

int startup_test(struct programs *p, struct records *records, struct startup_result *ret,
                 struct offsets_error *error)
{
	struct repeat r = { .level = LEVEL_WARNING };
	int code = test_repeat(p, records, &r, error);

	if (code == EXIT_DONE)
		selftest_explain(records->test);
	if (code == EXIT_DONE && r.result.wrong)
		code = entry_refuse(p, records->test, r.result.wrong, error);
	selftest_free(records->test);
	records->test = NULL;
	if (code != EXIT_DONE)
		return code;
	report_failed(r.result.failed);
	*ret = (struct startup_result){ .works = programs_classes(p) & ~r.result.failed,
		                        .passed = r.result.passed,
		                        .failed = r.result.failed,
		                        .lost = r.lost };
	return EXIT_DONE;
}

int startup_try(struct programs *p, struct records *records, unsigned int reached,
                struct startup_trial *ret, struct offsets_error *error)
{
	struct repeat r = { .reached = reached, .level = LEVEL_DEBUG };
	int code = test_repeat(p, records, &r, error);

	/* No source reports: the events of the last run are missing. */
	if (code == EXIT_NO_PROBES && r.err == -ENOTSUP)
		code = EXIT_DONE;
	if (code == EXIT_DONE) {
		ret->result = r.result;
		ret->lost = r.lost;
		selftest_facts(records->test, r.result.failed, ret->facts, sizeof(ret->facts));
	}
	selftest_free(records->test);
	records->test = NULL;
	return code == EXIT_DONE ? 0 : r.err ? r.err : -EIO;
}
