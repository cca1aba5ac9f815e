/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints docs/sources.md, which is the tables of sources for people. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/bpf/sources.h"
#include "loader/stream/fields.h"

static const char head[] =
	"# Sources\n"
	"\n"
	"<!-- Generated: make docs. From loader/bpf/source_*.c; do not edit. -->\n"
	"\n"
	"How `sextant` gets the events of each class. A class has one or more *sources*, in the "
	"order of\n"
	"preference. The first one is used that works on the host: its required hooks exist and "
	"the kernel\n"
	"accepts its programs. `sextant check` prints which one that is, and what the class lacks "
	"by it.\n"
	"\n"
	"A source is named after its main hook. *Required* hooks are used together or not at all. "
	"Without an\n"
	"*optional* hook the class lacks what follows the colon. Hooks with (¹) do not exist on "
	"all kernels;\n"
	"a kernel without one has nothing to report there. `+` joins hooks that work only "
	"together. Tiers are\n"
	"groups of kernels: tier 1 is RHEL 7 and Linux 4.11 and later, tier 2 Linux 4.7 to 4.10, "
	"tier 3\n"
	"Linux 4.4 to 4.6.\n";

/* ---- equal sources of several tiers ----------------------------------- */

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool program_equal(const struct program *a, const struct program *b)
{
	return a->need == b->need && text_equal(a->hook.text, b->hook.text) &&
	       text_equal(a->lacks, b->lacks);
}

static bool source_equal(const struct source *a, const struct source *b)
{
	const struct program *p = a->programs, *q = b->programs;

	while (p->name && q->name && program_equal(p, q))
		p++, q++;
	return !p->name && !q->name && text_equal(a->lacks, b->lacks);
}

static bool printed_before(const struct source *list, const struct source *source)
{
	const struct source *before;

	for (before = list; before < source; before++)
		if (source_equal(before, source))
			return true;
	return false;
}

static unsigned int tiers_of(const struct source *list, const struct source *source)
{
	const struct source *other;
	unsigned int tiers = 0;

	for (other = list; other->tiers; other++)
		if (source_equal(other, source))
			tiers |= other->tiers;
	return tiers;
}

/* ---- print ------------------------------------------------------------ */

static void tiers_print(unsigned int tiers)
{
	const char *between = tiers & (tiers - 1) ? "tiers " : "tier ";
	unsigned int tier;

	for (tier = 1; tier <= 3; tier++)
		if (tiers & (1U << tier)) {
			printf("%s%u", between, tier);
			between = ", ";
		}
}

/* A program and those that are PAIRED with it. */
static void unit_print(const struct program *unit)
{
	const struct program *program = unit;

	printf("`%s`", program->hook.text);
	for (program++; program->name && program->need == PAIRED; program++)
		printf(" + `%s`", program->hook.text);
	if (unit->need == IF_HOOK_EXISTS)
		printf(" (¹)");
}

static void required_print(const struct source *source)
{
	const struct program *program;
	const char *between = "- Required: ";

	for (program = source->programs; program->name; program++)
		if (program->need == REQUIRED) {
			fputs(between, stdout);
			unit_print(program);
			between = ", ";
		}
	puts("");
}

static bool is_optional(const struct program *program)
{
	return program->need != REQUIRED && program->need != PAIRED;
}

static const struct program *unit_next(const struct program *program)
{
	do
		program++;
	while (program->name && program->need == PAIRED);
	return program;
}

/* A unit and its fallbacks; the last one says what the class lacks without all of them. */
static const struct program *optional_unit_print(const struct program *unit)
{
	const struct program *next = unit_next(unit);

	printf("- Optional: ");
	unit_print(unit);
	for (; next->name && next->need == FALLBACK; next = unit_next(next)) {
		printf(", else ");
		unit_print(next);
		unit = next;
	}
	printf(": %s\n", unit->lacks ? unit->lacks : "nothing");
	return next;
}

static void optional_print(const struct source *source)
{
	const struct program *program = source->programs;

	while (program->name)
		program = is_optional(program) ? optional_unit_print(program) : unit_next(program);
}

static void class_print(const struct class_sources *class)
{
	const struct source *source;

	printf("\n## %s\n", event_type_name(class->type));
	for (source = class->sources; source->tiers; source++) {
		if (printed_before(class->sources, source))
			continue;
		printf("\n**%s** (", source->programs->hook.text);
		tiers_print(tiers_of(class->sources, source));
		puts(")\n");
		required_print(source);
		optional_print(source);
		if (source->lacks)
			printf("- Lacks: %s\n", source->lacks);
	}
}

int main(void)
{
	size_t i;

	fputs(head, stdout);
	for (i = 0; i < class_sources_count; i++)
		class_print(&class_sources[i]);
	return 0;
}
