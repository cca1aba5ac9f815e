/* SPDX-License-Identifier: BSD-2-Clause */
/* What 'sextant check' finds out about this host, and its two forms of output. */
#ifndef LOADER_CLI_CHECK_REPORT_H
#define LOADER_CLI_CHECK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "loader/config/config.h"
#include "loader/bpf/obstacles.h"
#include "loader/bpf/probes.h"
#include "loader/host/choice.h"
#include "loader/host/host.h"
#include "loader/stream/fields.h"
#include "offsets/layout.h"

/* All that both forms of output show. A class without a source has its reason in its state. */
struct report {
	const struct config *config;
	struct host host;
	uint32_t version_code; /* 0: the kernel accepts no kprobe programs */
	struct choice choice;
	struct layout layout;
	char choice_error[512]; /* empty: there is a kernel entry */
	struct probes *probes;  /* NULL: not tried */
	char load_error[512];   /* empty: at least one class loads */
	struct obstacles obstacles;
	char jit[16], lockdown[128], tracefs[512];
	/* Of the facts that this kernel's entry has: what the classes that work read by. */
	bool used[LAYOUT_MAX];
	bool verified[LAYOUT_MAX]; /* of these, the ones that the self-test verifies */
	struct rlimit memlock;
	bool memlock_needed;
	size_t memory;
	int code;
};

/* What it attaches reports nothing and is detached. Returns the exit code, which is also in the
 * report; the config must stay. */
int report_gather(const struct config *config, struct report *ret);
void report_deinit(struct report *report);

/* The source of a class that would work; NULL: none would. */
const char *report_class_source(const struct report *report, enum event_type type);

/* The classes that would work and that the self-test covers, or does not: 1 << enum event_type. */
unsigned int report_tested(const struct report *report, bool covered);

/* How many of LAYOUT_MAX facts are set. */
size_t report_facts_count(const bool facts[LAYOUT_MAX]);

/* Why none would. */
const char *report_class_why(const struct report *report, enum event_type type);

/* Whether this kernel's entry lacks the fact. */
bool report_fact_absent(const struct report *report, size_t id);

/* Called for each member of events that is null because this kernel's entry lacks a fact, once. */
typedef void (*report_null_fn)(void *arg, const char *path, const struct field *field,
                               const char *fact);
void report_nulls(const struct report *report, report_null_fn null, void *arg);

/* On standard output. */
void report_text(const struct report *report);
int report_json(const struct report *report); /* 0 or -errno */

#endif
