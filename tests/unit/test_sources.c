/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of sources are held against themselves and against the BPF object. */
#include "tests/unit/unit.h"

#include <bpf/libbpf.h>

#include "loader/bpf/findings.h"
#include "loader/bpf/mapset.h"
#include "loader/bpf/sources.h"
#include "tests/unit/elf_maps.h"

extern const char probes_object[], probes_object_end[];

static struct bpf_object *object;

static int enter(void **state)
{
	(void)state;
	object = bpf_object__open_mem(probes_object, probes_object_end - probes_object, NULL);
	return !object;
}

static int leave(void **state)
{
	(void)state;
	bpf_object__close(object);
	return 0;
}

/* ---- walks over the tables -------------------------------------------- */

typedef void (*program_fn)(const struct source *source, const struct program *program,
                           const struct program *unit);

static void each_source(void (*fn)(const struct source *source))
{
	const struct source *source;
	size_t i;

	for (i = 0; i < class_sources_count; i++)
		for (source = class_sources[i].sources; source->tiers; source++)
			fn(source);
}

static void each_program_of(const struct source *source, program_fn fn)
{
	const struct program *program, *unit = source->programs;

	for (program = source->programs; program->name; program++) {
		if (program->need != PAIRED)
			unit = program;
		fn(source, program, unit);
	}
}

static program_fn of_each;

static void source_walk(const struct source *source)
{
	each_program_of(source, of_each);
}

static void each_program(program_fn fn)
{
	of_each = fn;
	each_source(source_walk);
}

/* ---- the tables alone ------------------------------------------------- */

static void every_class_has_sources_once(void **state)
{
	bool seen[EVENT_TYPES] = { false };
	size_t i;

	(void)state;
	assert_int_equal(class_sources_count, EVENT_TYPES);
	for (i = 0; i < class_sources_count; i++) {
		assert_false(seen[class_sources[i].type]);
		seen[class_sources[i].type] = true;
		assert_true(class_sources[i].sources->tiers);
	}
}

static void source_is_well_formed(const struct source *source)
{
	const struct program *program;
	size_t units = 0;

	assert_int_equal(source->tiers & ~(1U << 1 | 1U << 2 | 1U << 3), 0);
	assert_int_equal(source->programs->need, REQUIRED);
	for (program = source->programs; program->name; program++)
		units += program->need != PAIRED;
	assert_true(units <= FINDINGS_MAX);
}

static void a_source_begins_with_its_main_program(void **state)
{
	(void)state;
	each_source(source_is_well_formed);
}

static void program_says_what_it_gives(const struct source *source, const struct program *program,
                                       const struct program *unit)
{
	(void)source, (void)unit;
	if (program->need == REQUIRED || program->need == PAIRED || program[1].need == FALLBACK)
		return;
	/* With the tracepoint of states it reports what that reports. */
	if (!program->lacks && strcmp(program->name, "t1_listen_kprobe"))
		fail_msg("%s does not say what is lacking without it", program->hook.text);
}

static void what_can_be_missing_says_what_is_lacking_then(void **state)
{
	(void)state;
	each_program(program_says_what_it_gives);
}

static const struct program *wanted;

static bool facts_equal(const enum layout_id *a, const enum layout_id *b)
{
	if (!a || !b)
		return a == b;
	while (*a == *b && *a != FACTS_END)
		a++, b++;
	return *a == *b;
}

static void program_is_like_wanted(const struct source *source, const struct program *program,
                                   const struct program *unit)
{
	(void)source, (void)unit;
	if (strcmp(program->name, wanted->name) || strcmp(program->hook.text, wanted->hook.text))
		return;
	if (!facts_equal(program->facts, wanted->facts) || program->attempts != wanted->attempts)
		fail_msg("%s at %s differs between sources", program->name, program->hook.text);
}

/* The plan has one entry for all sources that name a program at a hook. */
static void a_program_that_sources_share_is_the_same_in_each(void **state)
{
	const struct source *source;
	size_t i;

	(void)state;
	for (i = 0; i < class_sources_count; i++)
		for (source = class_sources[i].sources; source->tiers; source++)
			for (wanted = source->programs; wanted->name; wanted++)
				each_program(program_is_like_wanted);
}

static size_t pairs;

/* Of these classes a return reports nothing without what its entry has kept. */
static void return_is_paired(const struct source *source, const struct program *program,
                             const struct program *unit)
{
	(void)source, (void)unit;
	if (program->hook.kind != HOOK_KRETPROBE)
		return;
	if (program[1].need != PAIRED || program[1].hook.kind != HOOK_KPROBE ||
	    strcmp(program[1].hook.name, program->hook.name))
		fail_msg("%s has no entry of the same function", program->hook.text);
	pairs++;
}

static void returns_are_paired_with_the_entry_of_their_function(void **state)
{
	static const enum event_type types[] = { EVENT_PTRACE, EVENT_PROCESS_ACCESS, EVENT_SIGNAL,
		                                 EVENT_BPF, EVENT_EXEC_FAILED };
	const struct source *source;
	size_t i, j;

	(void)state;
	pairs = 0;
	for (i = 0; i < class_sources_count; i++)
		for (j = 0; j < sizeof(types) / sizeof(types[0]); j++)
			for (source = class_sources[i].sources;
			     class_sources[i].type == types[j] && source->tiers; source++)
				each_program_of(source, return_is_paired);
	assert_true(pairs > 10);
}

/* ---- the tables and the object ---------------------------------------- */

static enum bpf_prog_type type_of(enum hook_kind kind)
{
	switch (kind) {
	case HOOK_TRACEPOINT:
		return BPF_PROG_TYPE_TRACEPOINT;
	case HOOK_RAW_TRACEPOINT:
		return BPF_PROG_TYPE_RAW_TRACEPOINT;
	case HOOK_KPROBE:
	case HOOK_KRETPROBE:
		return BPF_PROG_TYPE_KPROBE;
	case HOOK_FENTRY:
	case HOOK_FEXIT:
		break;
	}
	return BPF_PROG_TYPE_TRACING;
}

static void program_is_in_the_object(const struct source *source, const struct program *program,
                                     const struct program *unit)
{
	const struct bpf_program *found = bpf_object__find_program_by_name(object, program->name);

	(void)source, (void)unit;
	if (!found)
		fail_msg("the object has no program %s", program->name);
	if (bpf_program__type(found) != type_of(program->hook.kind))
		fail_msg("%s is no program for a %s", program->name, program->hook.text);
}

static void source_tails_are_in_the_object(const struct source *source)
{
	const struct tail *tail;

	if (!source->tails)
		return;
	if (!bpf_object__find_map_by_name(object, source->tails->map))
		fail_msg("the object has no map %s", source->tails->map);
	for (tail = source->tails->list; tail->program; tail++)
		if (!bpf_object__find_program_by_name(object, tail->program))
			fail_msg("the object has no program %s", tail->program);
}

static void programs_of_sources_are_in_the_object(void **state)
{
	(void)state;
	each_program(program_is_in_the_object);
	each_source(source_tails_are_in_the_object);
}

static const char *name;
static bool named;

static void program_has_the_name(const struct source *source, const struct program *program,
                                 const struct program *unit)
{
	(void)source, (void)unit;
	named |= !strcmp(program->name, name);
}

static void source_tail_has_the_name(const struct source *source)
{
	const struct tail *tail;

	for (tail = source->tails ? source->tails->list : NULL; tail && tail->program; tail++)
		named |= !strcmp(tail->program, name);
}

static void programs_of_the_object_are_in_a_source(void **state)
{
	struct bpf_program *program;

	(void)state;
	bpf_object__for_each_program (program, object) {
		name = bpf_program__name(program);
		named = false;
		each_program(program_has_the_name);
		each_source(source_tail_has_the_name);
		if (!named)
			fail_msg("%s is in no source", name);
	}
}

static void maps_are_in_the_object(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; mapset_name(i); i++)
		if (!bpf_object__find_map_by_name(object, mapset_name(i)))
			fail_msg("the object has no map %s", mapset_name(i));
	assert_true(i > 10);
}

static unsigned int needed, used;

static void program_has_its_maps(const struct source *source, const struct program *program,
                                 const struct program *unit)
{
	if (strcmp(program->name, name))
		return;
	if (!(needed & (source->maps | unit->maps)))
		fail_msg("%s at %s uses a map that its source does not have", name,
		         program->hook.text);
	used++;
}

static void source_has_the_maps_of_its_tails(const struct source *source)
{
	const struct tail *tail;

	for (tail = source->tails ? source->tails->list : NULL; tail && tail->program; tail++)
		if (!strcmp(tail->program, name)) {
			if (!(needed & source->maps))
				fail_msg("%s uses a map that its source does not have", name);
			used++;
		}
}

static void on_reference(const char *program, const char *map)
{
	name = program;
	needed = mapset_groups(map);
	if (!needed)
		return;
	each_program(program_has_its_maps);
	each_source(source_has_the_maps_of_its_tails);
}

/* A map that is not created makes the kernel refuse the programs that refer to it. */
static void programs_have_the_maps_that_they_use(void **state)
{
	(void)state;
	used = 0;
	assert_true(elf_maps_each(probes_object, probes_object_end - probes_object, on_reference));
	assert_true(used > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_has_sources_once),
		cmocka_unit_test(a_source_begins_with_its_main_program),
		cmocka_unit_test(what_can_be_missing_says_what_is_lacking_then),
		cmocka_unit_test(a_program_that_sources_share_is_the_same_in_each),
		cmocka_unit_test(returns_are_paired_with_the_entry_of_their_function),
		cmocka_unit_test(programs_of_sources_are_in_the_object),
		cmocka_unit_test(programs_of_the_object_are_in_a_source),
		cmocka_unit_test(maps_are_in_the_object),
		cmocka_unit_test(programs_have_the_maps_that_they_use),
	};

	return cmocka_run_group_tests_name("sources", tests, enter, leave);
}
