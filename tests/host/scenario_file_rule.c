/* SPDX-License-Identifier: BSD-2-Clause */
/* Watch rules by the ends of a path: names and endings of each length, on both sides of a rename.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

/* Around a word, two words, and the part of a name that is compared: one less, equal, one more. */
static const int lengths[] = { 1, 7, 8, 9, 15, 16, 17, 31, 32, 33 };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static const char *const endings[] = { "%", ".w", "-watched" };
#define ENDINGS (sizeof(endings) / sizeof(endings[0]))

static char *name_of_length(int length)
{
	static char name[64];
	int i;

	for (i = 0; i < length; i++)
		name[i] = 'a' + (i + length) % 26;
	name[i] = 0;
	return name;
}

static void rules_print(void)
{
	size_t i;

	for (i = 0; i < LENGTHS; i++)
		printf("watch .../%s\n", name_of_length(lengths[i]));
	for (i = 0; i < ENDINGS; i++)
		printf("watch *%s\n", endings[i]);
	puts("watch .../sub/second\nwatch .../sub/below/third");
}

/* In the dentry the rest of the longer name lies behind the new one. */
static void make_from_longer(const char *name)
{
	file_make("plain-and-of-thirty-one-bytes--");
	rename_matched("plain-and-of-thirty-one-bytes--", name);
	file_record("unlink", name);
	require(!unlink(name), name);
}

static void by_names(void)
{
	size_t i;
	char *name;

	for (i = 0; i < LENGTHS; i++) {
		name = name_of_length(lengths[i]);
		make_matched(name);
		make_from_longer(name);
		if (lengths[i] > 32) /* compared so far */
			continue;
		strcat(name, "+");
		if (lengths[i] < 32)
			make_unmatched(name);
		name[lengths[i] - 1] = '+';
		name[lengths[i]] = 0;
		make_unmatched(name);
	}
}

static void by_endings(void)
{
	size_t i, ending, size;
	char name[64];

	for (i = 0; i < LENGTHS; i++)
		for (ending = 0; ending < ENDINGS; ending++) {
			size = strlen(endings[ending]);
			if (size > (size_t)lengths[i])
				continue;
			memset(name, '-', sizeof(name));
			strcpy(name + lengths[i] - size, endings[ending]);
			make_matched(name);
			name[lengths[i] - size] = '+';
			if (size > 1)
				make_unmatched(name);
		}
}

/* A rule matches the old name or the new one, in one directory or in two. */
static void by_renames(void)
{
	char below[1200];

	snprintf(below, sizeof(below), "%s/from-elsewhere", directory);
	file_make("plain");
	rename_matched("plain", "new.w");
	rename_matched("new.w", "plain");
	rename_unmatched("plain", "plainer");
	rename_matched("plainer", "sub/new.w");
	rename_matched("sub/new.w", "sub/plain");
	rename_unmatched("sub/plain", "sub/plainer");
	rename_matched("sub/plainer", "sub/second");
	rename_matched("sub/second", "second");
	rename_unmatched("second", "sub/below/plain");
	rename_matched("sub/below/plain", "sub/below/third");
	rename_matched("sub/below/third", "sub/third");
	rename_unmatched("sub/third", "plain");
	rename_matched("plain", "sub/second");
	rename_matched("sub/second", "sub/plain");
	rename_unmatched("sub/plain", "second");
	rename_matched("second", below);
	rename_matched(below, "plain");
}

/* A path of more names than the probe keeps. */
static void in_deep_directories(void)
{
	char deep[256] = "deep", plain[300], other[300];
	int i;

	for (i = 0; i < 30; i++) {
		require(!mkdir(deep, 0755), deep);
		strcat(deep, i < 29 ? "/deep" : "/sub");
	}
	require(!mkdir(deep, 0755), deep);
	file_record("mkdir", deep); /* its name begins those of a rule */
	snprintf(plain, sizeof(plain), "%s/plain", deep);
	file_make(plain);
	snprintf(other, sizeof(other), "%s/plainer", deep);
	rename_unmatched(plain, other);
	snprintf(plain, sizeof(plain), "%s/second", deep);
	rename_matched(other, plain);
	rename_matched(plain, other);
}

/* The memory of a file that a rule matched is used again for one that no rule matches. */
static void memory_used_again(void)
{
	int i, fd;

	for (i = 0; i < 10; i++) {
		make_matched("not-written.w");
		usleep(30000); /* memory is free a grace period later */
		fd = open("written", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		require(fd >= 0 && write(fd, "text", 4) == 4 && !close(fd), "written");
		require(!unlink("written"), "written");
	}
}

/* In a directory that no rule matches. */
static void in_a_directory(void)
{
	snprintf(base, sizeof(base), "%s.unwatched-%d", directory, getpid());
	require(!mkdir(base, 0755) && !chdir(base), base);
	require(!mkdir("sub", 0755), "sub");
	file_record("mkdir", "sub");
	require(!mkdir("sub/below", 0755), "sub/below");
	file_record("mkdir", "sub/below");
	by_names();
	by_endings();
	by_renames();
	in_deep_directories();
	memory_used_again();
}

static void files_by_rules(void)
{
	file_case = "rules";
	require(!in_child(file_case, in_a_directory), file_case);
}

PART(.name = "file-rule", .run = files_by_rules, .rules = rules_print);
