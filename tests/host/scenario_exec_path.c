/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs by their paths: working directories, deep and long ones, a root directory of their own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static int path_depth;
static size_t path_name;

/* Makes the directories on its way down, and stays in the last one. */
static void descend(void)
{
	char name[256];
	int i;

	memset(name, 'd', path_name);
	name[path_name] = '\0';
	require(!chdir(directory), directory);
	for (i = 0; i < path_depth; i++) {
		require(!mkdir(name, 0755) || errno == EEXIST, "mkdir");
		require(!chdir(name), "chdir");
	}
}

static void cwd_of(const char *name, int depth, size_t length)
{
	path_depth = depth;
	path_name = length;
	run_plain(name, "code 0", descend);
}

static void into_proc(void)
{
	require(!chdir("/proc/sys/kernel"), "/proc/sys/kernel");
}

static void into_root(void)
{
	require(!chdir("/"), "/");
}

static void into_invalid_name(void)
{
	require(!chdir(directory), directory);
	require(!mkdir("bad\xff name", 0755) || errno == EEXIST, "mkdir");
	require(!chdir("bad\xff name"), "chdir");
}

static void working_directories(void)
{
	run_plain("cwd-root", "code 0", into_root);
	run_plain("cwd-mount", "code 0", into_proc);
	run_plain("cwd-invalid-utf8", "code 0", into_invalid_name);
	cwd_of("cwd-deep", 100, 1);
	cwd_of("cwd-long-names", 12, 255);
	cwd_of("cwd-over-4096", 20, 250);
	cwd_of("cwd-too-deep", 900, 1);
}

static void deep_executable(void)
{
	char deep[2048];

	path_depth = 40;
	path_name = 20;
	descend();
	require(getcwd(deep, sizeof(deep) - 16) != NULL, "getcwd");
	require(!chdir(directory), directory);
	strcat(deep, "/program");
	file_copy(program, deep, 0755);
	run("executable-deep", deep, plain_argv, "code 0", NULL);
}

#define AWKWARD "new\nline \"quote\" back\\slash \x01\x1b[31m"

static void awkward_names(void)
{
	static const char path[] = AWKWARD "/" AWKWARD;

	require(!mkdir(AWKWARD, 0755) || errno == EEXIST, "awkward");
	file_copy(program, path, 0755);
	run("names-awkward", path, plain_argv, "code 0", NULL);
}

/* The longest path that the kernel accepts, of many directories. */
static void longest_path(void)
{
	char path[4096], name[256];
	size_t left, n;

	require(!chdir(directory) && getcwd(path, sizeof(path)), directory);
	memset(name, 'p', sizeof(name));
	for (;;) {
		left = sizeof(path) - 1 - strlen(path);
		n = left > 60 ? 19 : left - sizeof("/program");
		name[n] = '\0';
		require(!mkdir(name, 0755) || errno == EEXIST, "mkdir");
		require(!chdir(name), "chdir");
		sprintf(path + strlen(path), "/%s", name);
		name[n] = 'p';
		if (left <= 60)
			break;
	}
	file_copy(program, "program", 0755);
	strcat(path, "/program");
	require(strlen(path) == sizeof(path) - 1 && !chdir(directory), "longest path");
	run("path-longest", path, plain_argv, "code 0", NULL);
}

/* ---- mounts and root directories ---------------------------------------- */

/* A working directory below two mounts: a tmpfs, and a bind mount in it. */
static void into_own_mounts(void)
{
	char path[1100];

	mounts_unshare();
	snprintf(path, sizeof(path), "%s/mounted", directory);
	require(!mkdir(path, 0755) || errno == EEXIST, path);
	require(!mount("scenario", path, "tmpfs", 0, NULL), "tmpfs");
	require(!chdir(path) && !mkdir("inside", 0755), path);
	require(!mkdir("bound", 0755) && !mount("/proc/sys", "bound", NULL, MS_BIND, NULL), "bind");
	require(!chdir("bound/kernel"), "bound/kernel");
}

/* A root directory that is not that of its mounts, with /proc in it. */
static void into_own_root(void)
{
	mounts_unshare();
	require(!chdir(directory), directory);
	require(!mkdir("rooted", 0755) || errno == EEXIST, "rooted");
	require(!mkdir("rooted/proc", 0755) || errno == EEXIST, "rooted/proc");
	file_copy(program, "rooted/program", 0755);
	require(!mount("proc", "rooted/proc", "proc", 0, NULL), "rooted/proc");
	require(!chroot("rooted") && !chdir("/"), "chroot");
}

/* A file system over another one at the same path, each with a program of its own. */
static void onto_own_tmpfs(void)
{
	mounts_unshare();
	require(!chdir(directory), directory);
	require(!mkdir("same", 0755) || errno == EEXIST, "same");
	require(!mount("scenario", "same", "tmpfs", 0, NULL), "same");
	file_copy(program, "same/program", 0755);
}

static void one_path_for_two_programs(void)
{
	char path[1100];

	snprintf(path, sizeof(path), "%s/same/program", directory);
	run("same-path-1", path, plain_argv, "code 0", onto_own_tmpfs);
	run("same-path-2", path, plain_argv, "code 0", onto_own_tmpfs);
}

static void paths(void)
{
	working_directories();
	deep_executable();
	run_plain("mount-namespace", "code 0", into_own_mounts);
	run("chroot", "/program", plain_argv, "code 0", into_own_root);
	one_path_for_two_programs();
	awkward_names();
	longest_path();
}

PART(.name = "exec-path", .run = paths);
