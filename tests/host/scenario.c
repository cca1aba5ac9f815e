/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario makes each event happen in known ways and writes the truth about
 * them to a file: what it knows from its own calls, from wait() and from /proc.
 * tests/host/check.py compares the sensor's JSON with it.
 *
 * The work is done by parts, a file for each event class: scenario_CLASS.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/scenario.h"

char directory[1024];
char program[1200];

static struct part *parts; /* in the order of their names */

void part_add(struct part *part)
{
	struct part **at = &parts;

	while (*at && strcmp((*at)->name, part->name) < 0)
		at = &(*at)->next;
	part->next = *at;
	*at = part;
}

/* False: no part has a command of that name. */
static int command_run(const char *name, int count)
{
	const struct command *c;
	const struct part *p;

	for (p = parts; p; p = p->next)
		for (c = p->commands; c && c->name; c++)
			if (!strcmp(c->name, name)) {
				c->run(count);
				return 1;
			}
	return 0;
}

static void rules_print(void)
{
	const struct part *p;

	for (p = parts; p; p = p->next)
		if (p->rules)
			p->rules();
}

static void parts_run(const char *truth)
{
	const struct part *p;

	truth_open(truth);
	snprintf(program, sizeof(program), "%s/program", directory);
	file_copy("/proc/self/exe", program, 0755);
	require(!chmod(directory, 0755), directory);
	for (p = parts; p; p = p->next) {
		require(!chdir(directory), directory);
		if (p->run)
			p->run();
	}
}

static int usage(void)
{
	const struct command *c;
	const struct part *p;

	fprintf(stderr, "usage: scenario TRUTH DIRECTORY\n"
	                "       scenario rules\n");
	for (p = parts; p; p = p->next)
		for (c = p->commands; c && c->name; c++)
			fprintf(stderr, "       scenario %s COUNT\n", c->name);
	return 2;
}

int main(int argc, char **argv)
{
	const char *name = getenv("SCENARIO_CASE");
	const struct part *p;

	for (p = parts; p; p = p->next)
		if (p->resume)
			p->resume();
	if (name) {
		exec_record(name);
		return end_as_asked();
	}
	if (argc == 2 && !strcmp(argv[1], "rules")) {
		rules_print();
		return 0;
	}
	if (argc != 3)
		return usage();
	if (command_run(argv[1], atoi(argv[2])))
		return 0;
	if (!realpath(argv[2], directory))
		return usage();
	parts_run(argv[1]);
	return 0;
}
