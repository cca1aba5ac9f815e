/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways to a file that a rule matches, past its path: directories above it that are
 * renamed or replaced, handles, bind mounts, other mount namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

#define PLACE   "/sextant-scenario-place"
#define MOUNTED "/sextant-scenario-mounted"

#define LOOK_US 1500000 /* the sensor looks for mounts once a second at least */

static void rules_print(void)
{
	puts("watch " PLACE "/deep/above/b/target\n"
	     "watch " MOUNTED "\n"
	     "watch .../.scenario-ssh/keys\n"
	     "watch .../.scenario-a/.scenario-b/third");
}

/* ---- records ---------------------------------------------------------- */

static void place_begin(const char *action, const char *name)
{
	put("place\tcase=%s\tpid=%d\taction=%s", file_case, getpid(), action);
	put_path("path", name);
}

static void place_record(const char *action, const char *name)
{
	place_begin(action, name);
	record_end();
}

static void moved(const char *from, const char *to)
{
	require(!rename(from, to), to);
	place_begin("rename", to);
	put_path("other", from);
	record_end();
}

static void directory_make(const char *name)
{
	require(!mkdir(name, 0755), name);
	place_record("mkdir", name);
}

static void directory_remove(const char *name)
{
	require(!rmdir(name), name);
	place_record("rmdir", name);
}

static void file_make_here(const char *name)
{
	file_make(name);
	place_record("create", name);
}

static void file_open_here(const char *name)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && !close(fd), name);
	place_record("open", name);
}

static void file_open_unmatched(const char *name)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && !close(fd), name);
}

static void unlink_here(const char *name)
{
	require(!unlink(name), name);
	place_record("unlink", name);
}

/* ---- above ------------------------------------------------------------ */

static void symlink_here(const char *target, const char *name)
{
	require(!symlink(target, name), name);
	place_record("symlink", name);
}

/* The directory is replaced by another one, by a symbolic link, and comes back. */
static void replaced(const char *name, const char *file)
{
	char aside[256], inside[300];

	snprintf(aside, sizeof(aside), "%s-aside", name);
	moved(name, aside);
	snprintf(inside, sizeof(inside), "%s/%s", aside, file);
	file_open_unmatched(inside);
	symlink_here(aside, name);
	unlink_here(name);
	directory_make(name);
	if (!syscall(SYS_renameat2, AT_FDCWD, aside, AT_FDCWD, name, 2 /* EXCHANGE */)) {
		place_begin("exchange", name);
		put_path("other", aside);
		record_end();
		if (!syscall(SYS_renameat2, AT_FDCWD, aside, AT_FDCWD, name, 2)) {
			place_begin("exchange", name);
			put_path("other", aside);
			record_end();
		}
	}
	directory_remove(name);
	moved(aside, name);
	require(!chmod(name, 0750), name); /* not reported: it is the same directory */
}

/* A symbolic link stands there for so long that the sensor looks at it. */
static void linked_for_a_look(const char *name)
{
	char aside[256];

	snprintf(aside, sizeof(aside), "%s-aside", name);
	moved(name, aside);
	symlink_here(aside, name);
	usleep(LOOK_US);
	unlink_here(name);
	moved(aside, name);
}

static void tree_make(void)
{
	strcpy(base, PLACE);
	require(!mkdir(base, 0755) && !chdir(base), base);
	place_record("mkdir", base);
	directory_make("deep");
	directory_make("deep/above");
	directory_make("deep/above/b");
	file_make_here("deep/above/b/target");
}

static void tree_remove(void)
{
	strcpy(base, PLACE);
	require(!chdir(base), base);
	unlink_here("deep/above/b/target");
	directory_remove("deep/above/b");
	directory_remove("deep/above");
	directory_remove("deep");
	require(!chdir("/") && !rmdir(base), base);
	place_record("rmdir", base);
}

static void above_a_path(void)
{
	tree_make();
	require(!mkdir("deep/beside", 0755) && !rename("deep/beside", "deep/other"), "beside");
	require(!mkdir("deep/above/b/plain", 0755) && !rmdir("deep/above/b/plain"), "plain");
	replaced("deep/above", "b/target");
	file_open_here("deep/above/b/target");
	require(!rmdir("deep/other"), "other");
	tree_remove();
}

static void above_a_tail(void)
{
	directory_make(".scenario-ssh");
	file_make_here(".scenario-ssh/keys");
	replaced(".scenario-ssh", "keys");
	file_open_here(".scenario-ssh/keys");
	directory_make(".scenario-a");
	require(!mkdir(".scenario-b", 0755), ".scenario-b");
	moved(".scenario-b", ".scenario-a/.scenario-b");
	file_make_here(".scenario-a/.scenario-b/third");
	moved(".scenario-a/.scenario-b", "aside");
	moved("aside", ".scenario-a/.scenario-b");
	unlink_here(".scenario-a/.scenario-b/third");
}

static void in_a_new_directory(const char *name, uid_t uid)
{
	snprintf(base, sizeof(base), "%s.%s-%d", directory, name, getpid());
	require(!mkdir(base, 0755) && !chown(base, uid, uid) && !chdir(base), base);
}

static void above_a_tail_as_root(void)
{
	in_a_new_directory("above-tail", 0);
	above_a_tail();
}

static void above_a_tail_as_user(void)
{
	in_a_new_directory("above-tail-user", OTHER_UID);
	require(!setresuid(OTHER_UID, OTHER_UID, OTHER_UID), "setresuid");
	above_a_tail();
}

/* ---- links ------------------------------------------------------------ */

/* A file with two names, of which a rule matches one, and that one goes. */
static void by_a_hard_link(void)
{
	directory_make(".scenario-ssh");
	file_make_here(".scenario-ssh/keys");
	require(!link(".scenario-ssh/keys", "other-name"), "link");
	place_begin("link", "other-name");
	put_path("other", ".scenario-ssh/keys");
	record_end();
	file_open_here("other-name");
	unlink_here(".scenario-ssh/keys");
	file_open_here("other-name");
	moved("other-name", "new-name");
	file_make("beside");
	rename_unmatched("beside", "aside");
	unlink_here("new-name");
	directory_remove(".scenario-ssh");
}

static void by_a_hard_link_as_user(void)
{
	in_a_new_directory("hard-link", OTHER_UID);
	require(!setresuid(OTHER_UID, OTHER_UID, OTHER_UID), "setresuid");
	by_a_hard_link();
}

/* ---- handles ---------------------------------------------------------- */

/* Of the file system that is mounted there. */
static void device_find(const char *path, char ret[64])
{
	FILE *file = fopen("/proc/self/mounts", "re");
	char device[64], at[1300];

	require(!!file, "/proc/self/mounts");
	while (fscanf(file, "%63s %1299s%*[^\n]", device, at) == 2)
		if (!strcmp(at, path))
			strcpy(ret, device);
	fclose(file);
}

/* Mounted anew elsewhere, so that the kernel knows no names of it. */
static void mount_anew(const char *path, const char *to)
{
	char device[64] = "";
	int loop;

	device_find(path, device);
	loop = open(device, O_RDONLY | O_CLOEXEC); /* else it goes with the mount */
	require(loop >= 0 && !umount2(path, 0), device);
	require(!mkdir(to, 0755) || errno == EEXIST, to);
	require(!mount(device, to, "ext4", 0, NULL), device);
	close(loop);
}

static const struct file_system *file_system_of(const char *name)
{
	const struct file_system *fs = file_systems;

	while (fs->name && strcmp(fs->name, name))
		fs++;
	return fs;
}

/* Opened, written and changed without a path: the kernel does not know its directory. */
static void by_handle(void)
{
	union {
		struct file_handle head;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	char path[1200], anew[1300], file[1300];
	int mount_id, dir, fd;

	snprintf(path, sizeof(path), "%s.handle", directory);
	mounts_unshare();
	if (!file_system_of("ext4")->mount(path))
		return;
	snprintf(file, sizeof(file), "%s/by-handle", path);
	file_make(file);
	require(!name_to_handle_at(AT_FDCWD, file, &handle.head, &mount_id, 0), file);
	snprintf(anew, sizeof(anew), "%s-anew", path);
	mount_anew(path, anew);
	dir = open(anew, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open_by_handle_at(dir, &handle.head, O_WRONLY | O_CLOEXEC);
	require(dir >= 0 && fd >= 0, "open_by_handle_at");
	put("handle\tcase=%s\tpid=%d\tactions=open,chmod,truncate,write", file_case, getpid());
	record_end();
	require(!fchmod(fd, 0640) && !ftruncate(fd, 4) && write(fd, "text", 4) == 4, "by-handle");
	close(fd);
	close(dir);
	require(!umount2(anew, MNT_DETACH), anew);
}

/* ---- operations that fail ---------------------------------------------- */

/* What another process does, as root. */
static void by_root(void (*does)(void))
{
	pid_t other = fork();
	int status;

	require(other >= 0, "fork");
	if (!other) {
		require(!seteuid(0), "seteuid");
		does();
		_exit(0);
	}
	require(waitpid(other, &status, 0) == other && !status, "root");
}

static void keys_directory(void)
{
	require(!mkdir(".scenario-ssh/keys", 0755), "keys");
}

static void keys_file(void)
{
	require(!rmdir(".scenario-ssh/keys"), "keys");
	file_make(".scenario-ssh/keys");
	require(!chmod(".scenario-ssh/keys", 0666), "keys");
}

/*
 * Another process makes what this one was not allowed to: that is none of its events. On
 * ext4 if it is there, which keeps the dentry of a name that does not exist.
 */
static void after_a_failure(void)
{
	const char *keys = ".scenario-ssh/keys";
	char path[1200];
	int fd;

	mounts_unshare();
	snprintf(path, sizeof(path), "%s.failure", directory);
	in_a_new_directory("after-failure", 0);
	if (file_system_of("ext4")->mount(path)) {
		strcpy(base, path);
		require(!chdir(base), base);
	}
	directory_make(".scenario-ssh");
	require(!mkdir("own", 0755) && !chown("own", OTHER_UID, OTHER_UID), "own");
	require(!seteuid(OTHER_UID), "seteuid");
	require(mkdir(keys, 0755) && errno == EACCES, keys);
	by_root(keys_directory);
	require(!mkdir("own/plain", 0755), "plain");
	by_root(keys_file);
	fd = open(keys, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* it is there: not created */
	require(fd >= 0 && !close(fd), keys);
	place_record("open", keys);
	directory_make("own/.scenario-ssh");
}

/* ---- mounts ----------------------------------------------------------- */

static char elsewhere[1200];

static void bind_elsewhere(const char *what, const char *name, int flags)
{
	snprintf(elsewhere, sizeof(elsewhere), "%s.%s-%d", directory, name, getpid());
	if (flags & O_DIRECTORY)
		require(!mkdir(elsewhere, 0755), elsewhere);
	else
		file_make(elsewhere);
	require(!mount(what, elsewhere, NULL, MS_BIND, NULL), elsewhere);
}

static void by_a_bind_mount(void)
{
	char keys[1300];
	int dir, fd;

	mounts_unshare();
	tree_make();
	bind_elsewhere(PLACE "/deep", "bound", O_DIRECTORY);
	strcpy(base, elsewhere);
	require(!chdir(base), base);
	file_open_here("above/b/target");
	replaced("above", "b/target");
	linked_for_a_look("above");
	file_open_here("above/b/target");
	/* A directory that is kept open, when it is in no namespace any more. */
	dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(!chdir("/") && !umount2(base, MNT_DETACH), base);
	fd = openat(dir, "above/b/target", O_WRONLY | O_CLOEXEC);
	require(fd >= 0 && !close(fd) && !close(dir), "kept");
	place_record("open", "/above/b/target");
	bind_elsewhere(PLACE "/deep/above/b/target", "bound-file", 0);
	file_open_here(elsewhere);
	in_a_new_directory("bound-tail", 0);
	directory_make(".scenario-ssh");
	file_make_here(".scenario-ssh/keys");
	bind_elsewhere(".scenario-ssh", "bound-keys", O_DIRECTORY);
	snprintf(keys, sizeof(keys), "%s/keys", elsewhere);
	file_open_here(keys);
	tree_remove();
}

/* The root of the mount namespace is another one. Not where it is the initramfs. */
static void below_another_root(void)
{
	char old[1300];

	file_case = "pivot-root";
	mounts_unshare();
	snprintf(base, sizeof(base), "%s.new-root-%d", directory, getpid());
	require(!mkdir(base, 0755) && !mount("new-root", base, "tmpfs", 0, NULL), base);
	snprintf(old, sizeof(old), "%s/old", base);
	require(!mkdir(old, 0755), old);
	if (!syscall(SYS_pivot_root, base, old))
		file_open_here("/old" PLACE "/deep/above/b/target");
}

static void in_another_root(void)
{
	tree_make();
	require(!in_child(file_case, below_another_root), file_case);
	tree_remove();
}

/* In namespaces of the user: a directory is also mounted at /tmp, and a file in it opened. */
static void opened_in_own_namespaces(const char *what, const char *file)
{
	require(!setresgid(OTHER_UID, OTHER_UID, OTHER_UID) &&
	                !setresuid(OTHER_UID, OTHER_UID, OTHER_UID),
	        "setresuid");
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) || mount(what, "/tmp", NULL, MS_BIND, NULL))
		return; /* not allowed here */
	file_open_here(file);
}

static void in_a_namespace_of_the_user(void)
{
	file_case = "user-namespace";
	opened_in_own_namespaces(PLACE "/deep", "/tmp/above/b/target");
}

static void by_a_user(void)
{
	tree_make();
	require(!chmod("deep/above/b/target", 0666), "target");
	place_record("chmod", "deep/above/b/target");
	require(!in_child(file_case, in_a_namespace_of_the_user), file_case);
	tree_remove();
}

static void on_a_bind_mount(void)
{
	char file[1300], other[1300];

	mounts_unshare();
	bind_elsewhere(MOUNTED, file_case, O_DIRECTORY);
	snprintf(file, sizeof(file), "%s/file", elsewhere);
	snprintf(other, sizeof(other), "%s/other", elsewhere);
	file_make_here(file);
	moved(file, other);
	unlink_here(other);
}

static void in_a_mount_of_the_user(void)
{
	opened_in_own_namespaces(MOUNTED, "/tmp/shared");
}

static void case_in_child(const char *prefix, const char *name, void (*run_it)(void))
{
	char own_case[64];
	const char *before = file_case;

	snprintf(own_case, sizeof(own_case), "%s-%s", prefix, name);
	file_case = own_case;
	require(!in_child(own_case, run_it), own_case);
	file_case = before;
}

static void mounted_remove(void)
{
	require(!umount2(MOUNTED, MNT_DETACH), MOUNTED);
	directory_remove(MOUNTED);
	umount2(MOUNTED ".layers", MNT_DETACH); /* what the file system was made of */
	rmdir(MOUNTED ".layers");
	unlink(MOUNTED ".image");
	usleep(LOOK_US); /* the next file system may get its device number */
}

/* A rule for a whole file system, which is mounted while the sensor runs. */
static void on_each_file_system(void)
{
	const struct file_system *fs;
	char path[] = MOUNTED;

	for (fs = file_systems; fs->name; fs++) {
		directory_make(MOUNTED);
		if (!fs->mount(path)) {
			directory_remove(MOUNTED);
			continue;
		}
		usleep(LOOK_US);
		file_make_here(MOUNTED "/shared");
		require(!chmod(MOUNTED "/shared", 0666), "shared");
		place_record("chmod", MOUNTED "/shared");
		case_in_child("bound", fs->name, on_a_bind_mount);
		case_in_child("user", fs->name, in_a_mount_of_the_user);
		mounted_remove();
	}
}

/* ----------------------------------------------------------------------- */

static void places(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "above-path", above_a_path },
		{ "above-tail", above_a_tail_as_root },
		{ "above-tail-user", above_a_tail_as_user },
		{ "hard-link", by_a_hard_link_as_user },
		{ "after-failure", after_a_failure },
		{ "by-handle", by_handle },
		{ "bind-mount", by_a_bind_mount },
		{ "other-root", in_another_root },
		{ "user", by_a_user },
		{ "mounted", on_each_file_system },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file_case = cases[i].name;
		require(!in_child(file_case, cases[i].run), file_case);
	}
}

PART(.name = "file-place", .run = places, .rules = rules_print);
