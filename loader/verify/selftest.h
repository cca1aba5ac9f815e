/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The self-test, before the sensor is ready: some processes (workload.h) and the sensor
 * itself (own_actions.h) do what the event classes report. The events that the probes
 * report of it are compared with what /proc, wait(), stat() and getsockname() say.
 */
#ifndef LOADER_VERIFY_SELFTEST_H
#define LOADER_VERIFY_SELFTEST_H

#include "loader/stream/decode.h"
#include "loader/bpf/probes.h"

struct selftest; /* its own memory */

struct selftest *selftest_new(void); /* NULL: no memory */
void selftest_free(struct selftest *test);

/* The name of the file that the test will make; valid until selftest_free(). */
const char *selftest_file(const struct selftest *test);

/* Takes every record that comes in while selftest_run() polls. */
void selftest_record(struct selftest *test, const void *data, size_t size);

/* Sets of event classes: 1 << enum event_type. */
struct selftest_result {
	unsigned int passed;  /* their events equal what the system says */
	unsigned int failed;  /* their events differ, or none came */
	unsigned int missing; /* of the failed ones, those of which no event came */
	unsigned int wrong;   /* of the failed ones, those that prove the facts wrong */
};

/*
 * Runs the workload and compares. classes: those that are attached; a class that
 * the test does not cover is in no set of *ret. -errno: the test could not be
 * done.
 */
int selftest_run(struct selftest *test, struct probes *probes, unsigned int classes,
                 const struct layout *layout, struct selftest_result *ret,
                 struct offsets_error *error);

/* Reports each difference as a line on standard error. */
void selftest_explain(const struct selftest *test);

/* The facts in question where these classes differ: differences_facts(). */
void selftest_facts(const struct selftest *test, unsigned int classes, char *ret, size_t ret_size);

#endif
