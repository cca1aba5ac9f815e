/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "loader/verify/compare.h"
#include "loader/verify/selftest.h"

/* So long events may take. */
#define DEADLINE_NS 2000000000ULL

struct selftest {
	struct child child;
	struct own_actions actions;
	struct sample sample;
	struct differences differences;
};

struct selftest *selftest_new(void)
{
	struct selftest *t = calloc(1, sizeof(*t));

	if (t)
		own_actions_init(&t->actions);
	return t;
}

void selftest_free(struct selftest *t)
{
	if (!t)
		return;
	sample_deinit(&t->sample);
	jsonw_deinit(&t->differences.lines);
	free(t);
}

const char *selftest_file(const struct selftest *t)
{
	return t->actions.name;
}

void selftest_record(struct selftest *t, const void *data, size_t size)
{
	sample_take(&t->sample, &t->child, &t->actions, data, size);
}

/* ---- running ---------------------------------------------------------- */

static int events_wait(const struct selftest *t, struct probes *probes, unsigned int wanted)
{
	uint64_t deadline = clock_monotonic_ns() + DEADLINE_NS;
	int err = 0;

	while (!err && (t->sample.seen & wanted) != wanted && clock_monotonic_ns() < deadline &&
	       !signals_end())
		err = probes_poll(probes, 20);
	/* What else was reported meanwhile is compared as well. */
	return err ? err : probes_poll(probes, 0);
}

/* Those that the processes cause; some only where it was possible. */
static unsigned int child_caused(const struct child *c)
{
	return 1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT | 1U << EVENT_CREDENTIALS |
	       c->did | (c->thread ? 1U << EVENT_THREAD : 0) |
	       (c->files.is_rooted ? 1U << EVENT_CHROOT : 0) |
	       (c->files.is_mounted ? 1U << EVENT_MOUNT : 0);
}

int selftest_run(struct selftest *t, struct probes *probes, unsigned int classes,
                 const struct layout *layout, struct selftest_result *ret,
                 struct offsets_error *error)
{
	const struct comparison comparison = { &t->sample, &t->child, &t->actions, layout,
		                               &t->differences };
	unsigned int tested = 0;
	int err = child_start(&t->child, t->actions.name, error);

	if (!err)
		tested = own_actions_do(&t->actions, classes, t->child.other);
	err = child_finish(&t->child, err, error);
	if (err)
		return err;
	tested |= classes & child_caused(&t->child);
	err = events_wait(t, probes, tested);
	if (err)
		return offsets_fail(error, err, "the self-test was interrupted: %s",
		                    strerror(-err));
	ret->missing = compare_run(&comparison, tested);
	ret->failed = t->differences.failed;
	ret->wrong = t->differences.wrong;
	ret->passed = tested & ~ret->failed;
	return 0;
}

void selftest_explain(const struct selftest *t)
{
	differences_report(&t->differences);
}

void selftest_facts(const struct selftest *t, unsigned int classes, char *ret, size_t ret_size)
{
	differences_facts(&t->differences, classes, ret, ret_size);
}
