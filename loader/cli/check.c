/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant check: what would work on this host, and why something would not. Attaches nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "offsets/facts.h"
#include "loader/host/choice.h"
#include "loader/host/sysfile.h"
#include "loader/cli/commands.h"
#include "offsets/util/escape.h"
#include "loader/agent/exit.h"
#include "loader/stream/fields.h"
#include "loader/bpf/hook.h"
#include "offsets/util/jsonw.h"
#include "loader/bpf/probes.h"
#include "loader/bpf/tier.h"
#include "loader/util/log.h"

/* All that both forms of output show. */
struct report {
	const struct config *config;
	struct host host;
	uint32_t version_code; /* 0: the kernel takes no kprobe programs */
	struct choice choice;
	struct layout layout;
	char choice_error[512]; /* empty: there is a row */
	struct probes *probes;
	char load_error[512]; /* empty: at least one class loads */
	char jit[16], lockdown[128], tracefs[512];
	struct rlimit memlock;
	bool memlock_needed;
	size_t memory;
	int code;
};

/* ---- gathering -------------------------------------------------------- */

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
	if (probes_load(&request, &r->probes, &error))
		snprintf(r->load_error, sizeof(r->load_error), "%s", error.text);
	if (r->probes)
		r->memory = probes_memory(r->probes);
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
	err = choice_make(&r->host, r->config->db, r->config->override, &r->choice, &error);
	if (err && err != -ENOENT) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return EXIT_FAILED;
	}
	if (err) {
		snprintf(r->choice_error, sizeof(r->choice_error), "%s", error.text);
	} else {
		offsets_kernel_layout(r->choice.row, &r->layout);
		gather_probes(r);
	}
	return exit_code(r);
}

/* ---- showing ---------------------------------------------------------- */

static const char *class_why(const struct report *r, enum event_type type)
{
	const struct class_state *c = r->probes ? probes_class(r->probes, type) : NULL;

	if (c && *c->reason)
		return c->reason;
	return *r->choice_error ? "no offsets" : r->load_error;
}

static const char *class_source(const struct report *r, enum event_type type)
{
	return r->probes && !*r->load_error ? probes_class(r->probes, type)->source : NULL;
}

static const char *key(const struct report *r, enum offsets_key k)
{
	const char *value = offsets_kernel_key(r->choice.row, k);

	return value ? value : "unknown";
}

static bool fact_absent(const struct report *r, size_t id)
{
	return r->layout.facts[id].offset == LAYOUT_ABSENT;
}

static void text_row(const struct report *r)
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
	for (i = 0; i < LAYOUT_MAX; i++)
		absent += fact_absent(r, i);
	printf("            %u of %u facts\n", (unsigned int)(LAYOUT_MAX - absent), LAYOUT_MAX);
}

/* The first fact that this kernel's row lacks for a field; NULL: none. */
static const char *field_lacks(const struct report *r, const struct field *f)
{
	unsigned int i;

	for (i = 0; i < f->count; i++)
		if (fact_absent(r, f->facts[i]))
			return offsets_fact_name(f->facts[i]);
	return NULL;
}

/* Called for each member that is null by this kernel's row, once. */
typedef void (*null_fn)(void *arg, const char *path, const struct field *field, const char *fact);

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

static void nulls_of_field(const struct report *r, unsigned int type, unsigned int i, null_fn null,
                           void *arg)
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

static void nulls_find(const struct report *r, null_fn null, void *arg)
{
	unsigned int type, i;

	for (type = 0; type < EVENT_TYPES; type++)
		for (i = 0; i < fields_count(type); i++)
			nulls_of_field(r, type, i, null, arg);
}

static void text_null(void *arg, const char *path, const struct field *field, const char *fact)
{
	(void)arg;
	printf("field:      %s %s%s: the row lacks %s\n", path,
	       *field->of ? "may be null, of " : "will be null", field->of, fact);
}

static void text_fields(const struct report *r)
{
	if (r->choice.row)
		nulls_find(r, text_null, NULL);
}

static void text_classes(const struct report *r)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const char *source = class_source(r, type);

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
			             class_why(r, type));
	}
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

static void show_text(const struct report *r)
{
	char limit[32];

	snprintf(limit, sizeof(limit), "%llu KiB", (unsigned long long)r->memlock.rlim_cur / 1024);
	escape_print(stdout, "kernel:     %s %s\n", r->host.release, r->host.machine);
	escape_print(stdout, "            %s\n", r->host.version);
	printf("build-id:   %s\n", *r->host.build_id ? r->host.build_id : "unknown");
	if (r->version_code)
		printf("version:    %u.%u.%u as programs must name it\n", r->version_code >> 16,
		       r->version_code >> 8 & 0xff, r->version_code & 0xff);
	else
		printf("version:    kprobe programs cannot be loaded\n");
	text_row(r);
	text_classes(r);
	text_fields(r);
	text_programs(r);
	if (hook_switched_off())
		printf("switches:   %s\n", hook_switched_off());
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

static void classes_json(struct jsonw *json, const struct report *r)
{
	unsigned int type;

	jsonw_object_open(json, "classes");
	for (type = 0; type < EVENT_TYPES; type++) {
		const char *source = class_source(r, type);

		if (!(r->config->classes & (1U << type)))
			continue;
		jsonw_object_open(json, event_type_name(type));
		jsonw_bool(json, "works", source != NULL);
		jsonw_string(json, "variant", source);
		jsonw_string(json, "attach", source ? probes_class(r->probes, type)->method : NULL);
		if (source)
			jsonw_u64(json, "tier", probes_class(r->probes, type)->tier);
		jsonw_string(json, "reason", source ? NULL : class_why(r, type));
		if (source && *probes_class(r->probes, type)->lacks)
			jsonw_string(json, "without", probes_class(r->probes, type)->lacks);
		jsonw_object_close(json);
	}
	jsonw_object_close(json);
}

static void programs_json(struct jsonw *json, const struct report *r)
{
	size_t count = 0, i;
	const struct program_state *programs =
		r->probes ? probes_programs(r->probes, &count) : NULL;

	jsonw_object_open(json, "instructions_walked");
	for (i = 0; i < count; i++)
		jsonw_u64(json, programs[i].name, programs[i].walked);
	jsonw_object_close(json);
}

static void json_null(void *arg, const char *path, const struct field *field, const char *fact)
{
	(void)field;
	(void)fact;
	jsonw_string(arg, NULL, path);
}

static void offsets_json(struct jsonw *json, const struct report *r)
{
	size_t i;

	jsonw_object_open(json, "offsets");
	jsonw_string(json, "error", *r->choice_error ? r->choice_error : NULL);
	if (r->choice.row) {
		jsonw_string(json, "matched_by", choice_how_text(r->choice.how));
		for (i = 0; offsets_key_name(i); i++)
			jsonw_string(json, offsets_key_name(i),
			             offsets_kernel_key(r->choice.row, i));
		jsonw_array_open(json, "absent_facts");
		for (i = 0; i < LAYOUT_MAX; i++)
			if (fact_absent(r, i))
				jsonw_string(json, NULL, offsets_fact_name(i));
		jsonw_array_close(json);
		jsonw_array_open(json, "null_fields");
		nulls_find(r, json_null, json);
		jsonw_array_close(json);
	}
	jsonw_object_close(json);
}

static int show_json(const struct report *r)
{
	struct jsonw json;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_object_open(&json, "kernel");
	jsonw_string(&json, "release", r->host.release);
	jsonw_string(&json, "version", r->host.version);
	jsonw_string(&json, "machine", r->host.machine);
	jsonw_string(&json, "build_id", *r->host.build_id ? r->host.build_id : NULL);
	jsonw_u64(&json, "version_code", r->version_code);
	jsonw_object_close(&json);
	offsets_json(&json, r);
	classes_json(&json, r);
	if (r->config->instructions)
		programs_json(&json, r);
	jsonw_string(&json, "switched_off", hook_switched_off());
	jsonw_string(&json, "jit", r->jit);
	jsonw_string(&json, "lockdown", r->lockdown);
	jsonw_string(&json, "tracefs", *r->tracefs ? r->tracefs : NULL);
	jsonw_bool(&json, "memlock_needed", r->memlock_needed);
	jsonw_u64(&json, "kernel_memory_bytes", r->memory);
	jsonw_u64(&json, "exit_code", r->code);
	jsonw_object_close(&json);
	return jsonw_print(&json, stdout);
}

int command_check(const struct config *config)
{
	struct report *r = calloc(1, sizeof(*r));
	int code;

	if (!r) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	r->config = config;
	r->code = gather(r);
	code = r->code;
	if (code != EXIT_FAILED) {
		if (!config->json)
			show_text(r);
		else if (show_json(r))
			code = EXIT_FAILED;
	}
	probes_free(r->probes);
	choice_deinit(&r->choice);
	free(r);
	return code;
}
