/* SPDX-License-Identifier: BSD-2-Clause */
/* What trials prove: layouts that agree, lack facts, contradict each other. Nothing is loaded. */
#include <errno.h>

#include "tests/unit/unit.h"

#include "loader/agent/proof.h"
#include "loader/stream/fields.h"
#include "offsets/facts.h"

#define LAYOUTS 3

static struct candidate candidates[LAYOUTS];
static struct trial list[LAYOUTS];
static struct trials trials = { .list = list };
static struct proof proof;
static struct offsets_error error;

static const struct config config;
static const struct host host = {
	.release = "4.15.0-99-generic", .version = "#100", .machine = "x86_64", .build_id = "aa01"
};

/* A layout that passes, with these facts; offset 0: it lacks the fact. */
static void layout_add(uint32_t pid, uint32_t comm, uint32_t umask)
{
	const struct offsets_fact facts[] = { { "task_struct", "pid", pid, 4, 0, 0 },
		                              { "task_struct", "comm", comm, 16, 0, 0 },
		                              { "fs_struct", "umask", umask, 4, 0, 0 } };
	struct candidate *c = &candidates[trials.count];
	struct trial *t = &list[trials.count++];
	size_t i;

	c->kernel = offsets_kernel_new();
	assert_int_equal(offsets_kernel_set(c->kernel, OFFSETS_KEY_RELEASE, "4.15.0-1"), 0);
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].offset)
			assert_int_equal(offsets_kernel_add_fact(c->kernel, &facts[i]), 0);
	offsets_kernel_sort(c->kernel);
	offsets_kernel_layout(c->kernel, &c->layout);
	*t = (struct trial){ .candidate = c, .verdict = TRIAL_PASSES };
	t->used[LAYOUT_TASK_PID] = pid;
	t->used[LAYOUT_TASK_COMM] = comm;
	t->verified[LAYOUT_TASK_COMM] = comm;
}

static int clear(void **state)
{
	(void)state;
	proof_deinit(&proof);
	while (trials.count)
		offsets_kernel_free(candidates[--trials.count].kernel);
	trials.reference = 1U << EVENT_EXEC | 1U << EVENT_FORK;
	return 0;
}

static void make(enum proof_outcome outcome)
{
	assert_int_equal(proof_make(&config, &host, &trials, &proof, &error), 0);
	assert_int_equal(proof.outcome, outcome);
	assert_true(!proof.row == (outcome != PROOF_FOUND));
}

static bool has(const char *member)
{
	const struct offsets_fact *fact;
	size_t i;

	for (i = 0; (fact = offsets_kernel_fact_at(proof.row, i)); i++)
		if (!strcmp(fact->member, member))
			return true;
	return false;
}

static void one_layout(void **state)
{
	(void)state;
	layout_add(8, 16, 24);
	make(PROOF_FOUND);
	assert_int_equal(proof.passing, 1);
	assert_true(has("pid") && has("comm") && has("umask"));
	assert_string_equal(offsets_kernel_key(proof.row, OFFSETS_KEY_SOURCE), "proven");
	assert_string_equal(offsets_kernel_key(proof.row, OFFSETS_KEY_BUILD_ID), "aa01");
	assert_string_equal(offsets_kernel_key(proof.row, OFFSETS_KEY_RELEASE), host.release);
	assert_string_equal(offsets_kernel_key(proof.row, OFFSETS_KEY_ORIGIN),
	                    "proven on this host: the self-test of exec, fork passed with the "
	                    "layout of 4.15.0-1 (unknown source)");
}

static void no_layout(void **state)
{
	(void)state;
	layout_add(8, 16, 24);
	list[0].verdict = TRIAL_FAILS;
	make(PROOF_NONE);
	list[0].verdict = TRIAL_UNUSABLE;
	make(PROOF_NONE);
}

/* One that was not decided might pass, and differ. */
static void a_layout_that_is_undecided(void **state)
{
	(void)state;
	layout_add(8, 16, 24);
	layout_add(8, 16, 24);
	list[1].verdict = TRIAL_UNDECIDED;
	make(PROOF_UNDECIDED);
}

static void a_fact_that_all_layouts_lack_or_share(void **state)
{
	(void)state;
	layout_add(8, 16, 0);
	layout_add(8, 16, 0);
	list[0].works = 1U << EVENT_EXEC;
	make(PROOF_FOUND);
	assert_true(has("pid") && has("comm") && !has("umask"));
	assert_int_equal(proof.works, 1U << EVENT_EXEC);
}

static void a_contradiction(void **state)
{
	size_t i, count = 0;

	(void)state;
	layout_add(8, 16, 24);
	layout_add(8, 20, 24);
	layout_add(8, 0, 24); /* it lacks the fact, and contradicts nobody */
	make(PROOF_CONTRADICTED);
	for (i = 0; i < LAYOUT_MAX; i++)
		count += proof.differing[i];
	assert_int_equal(count, 1);
	assert_true(proof.differing[LAYOUT_TASK_COMM]);
}

/* The entry is the first layout then, which was tried. */
static void a_fact_that_is_not_used(void **state)
{
	(void)state;
	layout_add(8, 16, 0);
	layout_add(8, 16, 24);
	layout_add(8, 16, 28);
	make(PROOF_FOUND);
	assert_true(proof.left_out[LAYOUT_FS_UMASK]);
	assert_true(!has("umask") && has("comm"));
}

/* The entry is again a layout that was tried. */
static void a_fact_that_one_lacks(void **state)
{
	(void)state;
	layout_add(8, 16, 24);
	layout_add(8, 0, 24);
	make(PROOF_FOUND);
	assert_true(has("comm")); /* verified */
	clear(NULL);
	layout_add(8, 16, 24);
	layout_add(0, 16, 24);
	make(PROOF_FOUND);
	assert_true(!has("pid") && proof.left_out[LAYOUT_TASK_PID]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_layout, clear, clear),
		cmocka_unit_test_setup_teardown(no_layout, clear, clear),
		cmocka_unit_test_setup_teardown(a_layout_that_is_undecided, clear, clear),
		cmocka_unit_test_setup_teardown(a_fact_that_all_layouts_lack_or_share, clear,
		                                clear),
		cmocka_unit_test_setup_teardown(a_contradiction, clear, clear),
		cmocka_unit_test_setup_teardown(a_fact_that_is_not_used, clear, clear),
		cmocka_unit_test_setup_teardown(a_fact_that_one_lacks, clear, clear),
	};

	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
