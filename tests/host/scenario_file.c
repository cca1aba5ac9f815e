/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files: each operation on each file system of this kernel, reached in each way
 * that leads to a file.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

const char *file_case;
char base[1200];
int file_by_descriptor;

/* ---- records ---------------------------------------------------------- */

static void full_path(char *ret, size_t size, const char *name)
{
	if (*name == '/')
		snprintf(ret, size, "%s", name);
	else
		snprintf(ret, size, "%s/%s", base, name);
}

void put_path(const char *key, const char *name)
{
	char path[PATH_MAX];

	full_path(path, sizeof(path), name);
	put_hex(key, path, strlen(path));
}

static void put_stat(const struct stat *st)
{
	put("\tinode=%llu\tdevice=%u:%u\tmode=%o\tuid=%u\tgid=%u", (unsigned long long)st->st_ino,
	    major(st->st_dev), minor(st->st_dev), st->st_mode, st->st_uid, st->st_gid);
	if (S_ISREG(st->st_mode))
		put("\tsize=%llu", (unsigned long long)st->st_size);
	if (S_ISCHR(st->st_mode))
		put("\tspecial=%u:%u", major(st->st_rdev), minor(st->st_rdev));
}

void file_begin(const char *action, const char *name, const struct stat *st)
{
	put("file\tcase=%s\tpid=%d\taction=%s", file_case, getpid(), action);
	put_path("path", name);
	if (file_by_descriptor)
		put("\tdescriptor=1");
	if (st)
		put_stat(st);
}

struct stat file_stat(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	full_path(path, sizeof(path), name);
	require(!lstat(path, &st), path);
	return st;
}

void file_begin_of(const char *action, const char *name)
{
	struct stat st = file_stat(name);

	file_begin(action, name, &st);
}

void file_record(const char *action, const char *name)
{
	file_begin_of(action, name);
	record_end();
}

void rename_record(const char *action, const char *name, const char *other,
                   const struct stat *replaced)
{
	file_begin_of(action, name);
	put_path("other", other);
	if (replaced)
		put("\treplaced=%llu", (unsigned long long)replaced->st_ino);
	record_end();
}

void file_remove(const char *action, const char *name, int (*remove_it)(const char *))
{
	struct stat st = file_stat(name);

	st.st_nlink--;
	require(!remove_it(name), name);
	file_begin(action, name, &st);
	record_end();
}

/* ---- files that watch rules match, or do not ------------------------------ */

void file_make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	require(fd >= 0 && !close(fd), name);
}

void make_matched(const char *name)
{
	file_make(name);
	file_record("create", name);
	file_record("unlink", name);
	require(!unlink(name), name);
}

void make_unmatched(const char *name)
{
	file_make(name);
	require(!unlink(name), name);
}

void rename_matched(const char *from, const char *to)
{
	require(!rename(from, to), to);
	rename_record("rename", to, from, NULL);
}

void rename_unmatched(const char *from, const char *to)
{
	require(!rename(from, to), to);
}

/* ---- file systems ------------------------------------------------------- */

static const struct file_system *file_system;

static void on_file_system(void)
{
	char path[1100], copy[1200], name[32];

	snprintf(path, sizeof(path), "%s/%s", directory, file_case);
	snprintf(base, sizeof(base), "%s/operations", path);
	mounts_unshare();
	if (!file_system->mount(path))
		return;
	snprintf(name, sizeof(name), "exec-on-%s", file_case);
	snprintf(copy, sizeof(copy), "%s/program", path);
	run_copy(name, copy);
	if (!mkdir(base, 0755))
		file_record("mkdir", base);
	require(!chdir(base), base);
	file_operations();
	file_other_ways();
	mount_in_steps(path);
	require(!chdir("/"), "/");
	unmount(path);
}

static void files(void)
{
	for (file_system = file_systems; file_system->name; file_system++) {
		file_case = file_system->name;
		require(!in_child(file_case, on_file_system), file_case);
	}
}

/* Makes, renames and removes so many files, as fast as one CPU can. */
static void storm(int count)
{
	int i, fd;

	for (i = 0; i < count; i++) {
		fd = open("storm", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		require(fd >= 0 && !close(fd), "create");
		require(!rename("storm", "storm-renamed") && !unlink("storm-renamed"), "rename");
	}
}

static const struct command commands[] = { { "file-storm", storm }, { 0 } };

PART(.name = "file", .run = files, .commands = commands);
