/* SPDX-License-Identifier: BSD-2-Clause */
/* Identifies the kernel, chooses its offsets, loads and attaches the programs, as 'run' would. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/util/exit.h"
#include "loader/agent/in_use.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/tier.h"
#include "loader/cli/check_report.h"
#include "loader/host/sysfile.h"
#include "loader/util/log.h"
#include "loader/verify/covered.h"
#include "offsets/facts.h"

static void gather_system(struct report *r)
{
	if (!host_read_line("/proc/sys/net/core/bpf_jit_enable", r->jit, sizeof(r->jit)))
		snprintf(r->jit, sizeof(r->jit), "unknown");
	if (!host_read_line("/sys/kernel/security/lockdown", r->lockdown, sizeof(r->lockdown)))
		snprintf(r->lockdown, sizeof(r->lockdown), "none");
	getrlimit(RLIMIT_MEMLOCK, &r->memlock);
	r->memlock_needed = kernel_counts_memlock();
	r->version_code = kernel_version_code(&r->host);
}

static void gather_probes(struct report *r)
{
	struct probes_request request = {
		.host = &r->host,
		.layout = &r->layout,
		.classes = r->config->classes,
		.tiers = r->config->tiers,
		.measure = r->config->instructions,
		.verbose = r->config->verbose,
	};
	struct offsets_error error;
	bool is_private = hook_host_init(&request.hooks, r->config->attach_methods);

	snprintf(r->tracefs, sizeof(r->tracefs), "%s%s",
	         request.hooks.tracefs ? request.hooks.tracefs : request.hooks.no_tracefs,
	         is_private ? " (not mounted on the host; the sensor mounts its own)" : "");
	if (probes_load(&request, &r->probes, &error) || probes_try(r->probes, &error))
		snprintf(r->load_error, sizeof(r->load_error), "%s", error.text);
	if (r->probes)
		r->memory = probes_memory(r->probes);
}

static void gather_coverage(struct report *r)
{
	unsigned int works = report_tested(r, true) | report_tested(r, false);

	in_use_facts(r->probes, works, &r->layout, r->used, r->verified);
}

static int exit_code(const struct report *r)
{
	unsigned int type, works = 0, wanted = 0;

	if (*r->choice_error)
		return EXIT_NO_OFFSETS;
	if (*r->load_error)
		return EXIT_NO_PROBES;
	for (type = 0; type < EVENT_TYPES; type++) {
		wanted += probes_class(r->probes, type)->wanted;
		works += probes_class(r->probes, type)->source != NULL;
	}
	return works == wanted ? EXIT_DONE : works ? EXIT_DEGRADED : EXIT_NO_PROBES;
}

static int gather(struct report *r)
{
	struct offsets_error error;
	int err = host_identify(&r->host, &error);

	if (err) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return EXIT_FAILED;
	}
	gather_system(r);
	obstacles_find(&r->obstacles);
	err = choice_make(&r->host, &r->config->databases, r->config->override, &r->choice, &error);
	if (err && err != -ENOENT) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return exit_of_choice(err);
	}
	if (err) {
		snprintf(r->choice_error, sizeof(r->choice_error), "%s", error.text);
	} else {
		offsets_kernel_layout(r->choice.row, &r->layout);
		gather_probes(r);
		gather_coverage(r);
	}
	return exit_code(r);
}

int report_gather(const struct config *config, struct report *ret)
{
	*ret = (struct report){ .config = config };
	ret->code = gather(ret);
	return ret->code;
}

void report_deinit(struct report *r)
{
	probes_free(r->probes);
	choice_deinit(&r->choice);
}

/* ---- classes and facts ------------------------------------------------ */

const char *report_class_why(const struct report *r, enum event_type type)
{
	const struct class_state *c = r->probes ? probes_class(r->probes, type) : NULL;

	if (c && *c->reason)
		return c->reason;
	return *r->choice_error ? "no offsets" : r->load_error;
}

const char *report_class_source(const struct report *r, enum event_type type)
{
	return r->probes && !*r->load_error ? probes_class(r->probes, type)->source : NULL;
}

unsigned int report_tested(const struct report *r, bool covered)
{
	unsigned int type, classes = 0;

	for (type = 0; type < EVENT_TYPES; type++)
		if (r->config->classes & (1U << type) && report_class_source(r, type))
			classes |= 1U << type;
	return classes & (covered ? coverage_classes() : ~coverage_classes());
}

size_t report_facts_count(const bool facts[LAYOUT_MAX])
{
	size_t i, count = 0;

	for (i = 0; i < LAYOUT_MAX; i++)
		count += facts[i];
	return count;
}

bool report_fact_absent(const struct report *r, size_t id)
{
	return r->layout.facts[id].offset == LAYOUT_ABSENT;
}

/* ---- fields that are null --------------------------------------------- */

/* The first fact that this kernel's entry lacks for a field; NULL: none. */
static const char *field_lacks(const struct report *r, const struct field *f)
{
	unsigned int i;

	for (i = 0; i < f->count; i++)
		if (report_fact_absent(r, f->facts[i]))
			return offsets_fact_name(f->facts[i]);
	return NULL;
}

/* Has an earlier class, or an earlier field of this one, a member of that path? */
static bool null_before(const struct report *r, unsigned int type, unsigned int field,
                        const char *path)
{
	const struct field_name *name;
	unsigned int t, i;

	for (t = 0; t <= type; t++)
		for (i = 0; i < (t == type ? field : fields_count(t)); i++)
			for (name = field_name_next(t, i, NULL); name;
			     name = field_name_next(t, i, name))
				if (!strcmp(name->path, path) && field_lacks(r, field_get(t, i)))
					return true;
	return false;
}

static void nulls_of_field(const struct report *r, unsigned int type, unsigned int i,
                           report_null_fn null, void *arg)
{
	const struct field *field = field_get(type, i);
	const char *fact = field_lacks(r, field);
	const struct field_name *name;

	if (!fact)
		return;
	for (name = field_name_next(type, i, NULL); name; name = field_name_next(type, i, name))
		if (!null_before(r, type, i, name->path))
			null(arg, name->path, field, fact);
}

void report_nulls(const struct report *r, report_null_fn null, void *arg)
{
	unsigned int type, i;

	for (type = 0; type < EVENT_TYPES; type++)
		for (i = 0; i < fields_count(type); i++)
			nulls_of_field(r, type, i, null, arg);
}
