/* SPDX-License-Identifier: BSD-2-Clause */
/* Watch rules by the beginning of a path: in the root directory, and on a mount that is moved. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

/*
 * In the root directory: a rule of one name, one of three names, and several
 * rules of one and of two names (any single one may end as another rule does).
 */
#define ROOT_ONE   "/sextant-scenario-one"
#define ROOT_TWO   "/sextant-scenario-two"
#define ROOT_FILES "/sextant-scenario-files"
#define FILES      6
#define LONG_NAME  "a-name-of-more-than-forty-bytes-lies-outside-of-its-dentry"

static void rules_print(void)
{
	int i;

	puts("watch " ROOT_ONE "\nwatch " ROOT_TWO "/" LONG_NAME "/inside");
	for (i = 0; i < FILES; i++)
		printf("watch %s-%d\nwatch %s/%d\n", ROOT_FILES, i, ROOT_FILES, i);
}

static void directory_make(const char *name)
{
	require(!mkdir(name, 0755), name);
	file_record("mkdir", name);
}

/* By the first names of a path. */
static void by_first_names(void)
{
	strcpy(base, ROOT_ONE);
	require(!mkdir(base, 0755) && !chdir(base), base);
	file_record("mkdir", base);
	make_matched("plain");
	file_record("rmdir", base);
	require(!rmdir(base), base);

	strcpy(base, ROOT_TWO);
	directory_make(base); /* above a rule's path */
	require(!chdir(base), base);
	directory_make(LONG_NAME);
	make_unmatched("inside");
	make_unmatched(LONG_NAME "/second");
	make_matched(LONG_NAME "/inside");
	file_remove("rmdir", LONG_NAME, rmdir);
	require(!chdir("/"), "/");
	file_remove("rmdir", base, rmdir);
}

static void by_new_names(const char *plain, const char *watched)
{
	char from[64], to[64];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(from, sizeof(from), "%s%d", plain, i);
		snprintf(to, sizeof(to), "%s%d", watched, i);
		file_make(from);
		rename_matched(from, to);
		rename_matched(to, from);
		require(!unlink(from), from);
	}
}

/* The last name is one of the first two; and a directory that is renamed back and forth. */
static void by_last_and_first_names(void)
{
	char name[16];
	int i;

	strcpy(base, ROOT_FILES);
	by_new_names(ROOT_FILES "-plain-", ROOT_FILES "-");
	directory_make(base);
	require(!chdir(base), base);
	by_new_names("plain-", "");
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		rename_matched(base, ROOT_FILES "-other");
		make_unmatched(name);
		rename_matched(ROOT_FILES "-other", base);
		make_matched(name);
	}
	require(!chdir("/"), "/");
	file_remove("rmdir", base, rmdir);
}

/* On a mount that is moved to a path that a rule matches. */
static void by_a_moved_mount(void)
{
	static const char from[] = ROOT_FILES "-mount";

	mounts_unshare();
	strcpy(base, ROOT_ONE);
	require(!mkdir(from, 0755) && !mkdir(base, 0755), base);
	file_record("mkdir", base);
	require(!mount("moved", from, "tmpfs", 0, NULL) && !chdir(from), from);
	make_unmatched("name");
	require(!mount(from, base, NULL, MS_MOVE, NULL), base);
	usleep(20000); /* the new path counts from the next tick on */
	make_matched("name");
	require(!chdir("/") && !umount2(base, MNT_DETACH), base);
	file_record("rmdir", base);
	require(!rmdir(base) && !rmdir(from), base);
}

static void at_the_root(void)
{
	by_first_names();
	by_last_and_first_names();
	by_a_moved_mount();
}

static void files_at_the_root(void)
{
	file_case = "first-names";
	require(!in_child(file_case, at_the_root), file_case);
}

PART(.name = "file-root", .run = files_at_the_root, .rules = rules_print);
