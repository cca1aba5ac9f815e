/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for people. */
#include <inttypes.h>
#include <stdio.h>

#include "loader/bpf/hook.h"
#include "loader/cli/check_report.h"
#include "loader/cli/print.h"
#include "loader/verify/covered.h"
#include "offsets/facts.h"
#include "offsets/util/escape.h"

static const char *key(const struct report *r, enum offsets_key k)
{
	const char *value = offsets_kernel_key(r->choice.row, k);

	return value ? value : "unknown";
}

static void text_offsets(const struct report *r)
{
	size_t i, absent = 0;

	if (*r->choice_error) {
		printf("offsets:    none: %s\n", r->choice_error);
		return;
	}
	printf("offsets:    %s %s, by %s\n", key(r, OFFSETS_KEY_RELEASE),
	       key(r, OFFSETS_KEY_MACHINE), choice_how_text(r->choice.how));
	printf("            from %s%s%s\n", key(r, OFFSETS_KEY_SOURCE),
	       offsets_kernel_key(r->choice.row, OFFSETS_KEY_ORIGIN) ? ": " : "",
	       offsets_kernel_key(r->choice.row, OFFSETS_KEY_ORIGIN)
	               ? offsets_kernel_key(r->choice.row, OFFSETS_KEY_ORIGIN)
	               : "");
	if (r->choice.serial)
		printf("            the database is signed, number %" PRIu64 "\n",
		       r->choice.serial);
	for (i = 0; i < LAYOUT_MAX; i++)
		absent += report_fact_absent(r, i);
	printf("            %u of %u facts\n", (unsigned int)(LAYOUT_MAX - absent), LAYOUT_MAX);
}

static void text_null(void *arg, const char *path, const struct field *field, const char *fact)
{
	(void)arg;
	printf("field:      %s %s%s: the kernel entry lacks %s\n", path,
	       *field->of ? "may be null, of " : "will be null", field->of, fact);
}

static void text_fields(const struct report *r)
{
	if (r->choice.row)
		report_nulls(r, text_null, NULL);
}

static void text_classes(const struct report *r)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const char *source = report_class_source(r, type);

		if (!(r->config->classes & (1U << type)))
			continue;
		if (source)
			printf("%-11s %s (attached by %s, tier %u)\n", event_type_name(type),
			       source, probes_class(r->probes, type)->method,
			       probes_class(r->probes, type)->tier);
		if (source && *probes_class(r->probes, type)->lacks)
			escape_print(stdout, "%-11s without %s\n", "",
			             probes_class(r->probes, type)->lacks);
		if (!source)
			escape_print(stdout, "%-11s OFF: %s\n", event_type_name(type),
			             report_class_why(r, type));
	}
}

static void text_self_test(const struct report *r)
{
	unsigned int covered = report_tested(r, true), others = report_tested(r, false);
	size_t i;

	if (!covered && !others)
		return;
	printf("self-test:  covers %s", covered ? "" : "no class");
	print_classes(covered);
	printf("%s", others ? "; not " : "");
	print_classes(others);
	printf("\n            verifies %zu of %zu facts in use%s\n",
	       report_facts_count(r->verified), report_facts_count(r->used),
	       r->config->verbose ? ", not these:" : " (--verbose lists the others)");
	for (i = 0; r->config->verbose && i < LAYOUT_MAX; i++)
		if (r->used[i] && !r->verified[i])
			printf("            %s: %s\n", offsets_fact_name(i),
			       coverage_limit(i) ? coverage_limit(i)
			                         : "no class that uses it is covered");
}

static void text_programs(const struct report *r)
{
	size_t count = 0, i;
	const struct program_state *programs =
		r->probes ? probes_programs(r->probes, &count) : NULL;

	for (i = 0; i < count; i++)
		printf("program:    %s: the verifier walked %u instructions\n", programs[i].name,
		       programs[i].walked);
}

void report_text(const struct report *r)
{
	char limit[32];
	size_t i;

	snprintf(limit, sizeof(limit), "%llu KiB", (unsigned long long)r->memlock.rlim_cur / 1024);
	print_kernel(&r->host);
	if (r->version_code)
		printf("version:    %u.%u.%u as programs must name it\n", r->version_code >> 16,
		       r->version_code >> 8 & 0xff, r->version_code & 0xff);
	else
		printf("version:    kprobe programs cannot be loaded\n");
	text_offsets(r);
	text_classes(r);
	text_fields(r);
	text_self_test(r);
	text_programs(r);
	for (i = 0; i < r->obstacles.count; i++)
		escape_print(stdout, "obstacle:   %s\n", r->obstacles.text[i]);
	escape_print(stdout, "jit:        %s\n", r->jit);
	escape_print(stdout, "lockdown:   %s\n", r->lockdown);
	escape_print(stdout, "tracefs:    %s\n", *r->tracefs ? r->tracefs : "not looked at");
	printf("memlock:    %s, %s by this kernel\n",
	       r->memlock.rlim_cur == RLIM_INFINITY ? "unlimited" : limit,
	       r->memlock_needed ? "needed" : "not needed");
	if (r->memory)
		printf("memory:     %zu KiB in the kernel, for %d possible and %d online CPUs\n",
		       r->memory / 1024, r->host.possible_cpus, r->host.online_cpus);
}
