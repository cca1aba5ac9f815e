/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways by mounts in a user and mount namespace of the user's own. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/scenario_ways.h"

#define OPEN_TREE       428 /* from 5.2 */
#define OPEN_TREE_CLONE 1

static void map_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	can(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd));
}

static void own_space(void)
{
	char map[64];

	can(!unshare(CLONE_NEWUSER | CLONE_NEWNS));
	snprintf(map, sizeof(map), "0 %d 1", WAYS_UID);
	map_write("/proc/self/setgroups", "deny");
	map_write("/proc/self/uid_map", map);
	map_write("/proc/self/gid_map", map);
}

static void bound(const char *what, const char *at)
{
	can(!mount(what, at, NULL, MS_BIND, NULL));
}

static void directory_bound(void)
{
	own_space();
	can(!mkdir("m", 0700));
	bound(".ssh", "m");
}

static void by_directory(void)
{
	directory_bound();
	text_write("m/authorized_keys");
}

static void by_rename_there(void)
{
	directory_bound();
	text_write("m/x");
	can(!rename("m/x", "m/authorized_keys"));
}

static void by_link_there(void)
{
	directory_bound();
	can(!link("m/authorized_keys", "m/x"));
	text_write("m/x");
}

static void by_file(void)
{
	own_space();
	text_write("m");
	bound(KEYS, "m");
	text_write("m");
}

static void by_bashrc(void)
{
	own_space();
	text_write("m");
	bound(BASHRC, "m");
	text_write("m");
}

/* Deeper than the probes walk; there the file is opened, and nothing else is done. */
static void go_deep(void)
{
	int i;

	can(!mkdir("m", 0700) && !mount("m", "m", "tmpfs", 0, NULL) && !chdir("m"));
	for (i = 0; i < 500; i++)
		can(!mkdir("d", 0700) && !chdir("d"));
}

static void deep_directory(void)
{
	own_space();
	go_deep();
	can(!mkdir("m", 0700));
	bound(WAYS_HOME "/.ssh", "m");
}

static void by_deep_directory(void)
{
	text_put(open("m/authorized_keys", O_WRONLY | O_CLOEXEC));
}

static void deep_file(void)
{
	own_space();
	go_deep();
	text_write("m");
	bound(WAYS_HOME "/" KEYS, "m");
}

static void by_deep_file(void)
{
	text_put(open("m", O_WRONLY | O_CLOEXEC));
}

/* Many mounts on each other, where each leads to the same directory. */
static void by_stack(void)
{
	int i;

	own_space();
	for (i = 0; i < 12; i++)
		bound(".ssh", ".ssh");
	text_write(KEYS);
}

/* Mounts in mounts: a long way from the file to the root. */
static void by_nested_mounts(void)
{
	int i;

	own_space();
	for (i = 0; i < 100; i++) {
		can(!mkdir("m", 0700) && !mount("m", "m", "tmpfs", 0, "size=64k") && !chdir("m"));
	}
	can(!mkdir("m", 0700));
	bound(WAYS_HOME "/.ssh", "m");
	text_write("m/authorized_keys");
}

static void by_moved_mount(void)
{
	directory_bound();
	can(!mkdir("n", 0700) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("m", "n", NULL, MS_MOVE, NULL));
	text_write("n/authorized_keys");
}

/* The home directory elsewhere, and what is renamed there. */
static void by_home(void)
{
	own_space();
	bound(".", "/tmp");
	can(!rename("/tmp/.ssh", "/tmp/s"));
	text_write("/tmp/s/authorized_keys");
	can(!rename("/tmp/s", "/tmp/.ssh"));
}

static void by_unmounted(void)
{
	int dir;

	directory_bound();
	dir = open("m", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	can(dir >= 0 && !umount2("m", MNT_DETACH));
	text_put(openat(dir, "authorized_keys", O_WRONLY | O_CLOEXEC));
}

/* A mount that is nowhere. */
static int tree_of(const char *path)
{
	int fd = syscall(OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);

	can(fd >= 0);
	return fd;
}

static void by_tree(void)
{
	own_space();
	text_put(openat(tree_of(".ssh"), "authorized_keys", O_WRONLY | O_CLOEXEC));
}

static void by_tree_of_file(void)
{
	char path[64];

	own_space();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", tree_of(KEYS));
	text_put(open(path, O_WRONLY | O_CLOEXEC));
}

/* The directory becomes the root of the mount namespace. Not in place of the initramfs. */
static void by_pivot(void)
{
	own_space();
	can(!mkdir("m", 0700) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL) && !chroot("/tmp") &&
	    !chdir(WAYS_HOME));
	bound(".ssh", "m");
	can(!chdir("m") && !syscall(SYS_pivot_root, ".", "."));
	text_write("/authorized_keys");
}

static void by_chroot(void)
{
	own_space();
	can(!chroot(".ssh") && !chdir("/"));
	text_write("authorized_keys");
}

static void by_root_of_other_space(void)
{
	int ready[2];
	char path[64], byte;
	pid_t child;

	can(!pipe(ready));
	child = fork();
	can(child >= 0);
	if (!child) {
		directory_bound();
		can(!chroot("m") && write(ready[1], "", 1) == 1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	can(read(ready[0], &byte, 1) == 1);
	snprintf(path, sizeof(path), "/proc/%d/root/authorized_keys", child);
	text_put(open(path, O_WRONLY | O_CLOEXEC));
}

/* ---- handles ---------------------------------------------------------- */

static void put_by_handle(void)
{
	union {
		struct file_handle head;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	can(!name_to_handle_at(AT_FDCWD, KEYS, &handle.head, &mount_id, 0));
	text_put(open_by_handle_at(dir, &handle.head, O_WRONLY | O_CLOEXEC));
}

static void by_handle_there(void)
{
	own_space();
	bound(".", "/tmp");
	can(!chdir("/tmp"));
	put_by_handle();
}

/* ---- overlayfs -------------------------------------------------------- */

static void overlaid(const char *lower, const char *upper)
{
	char options[256];

	own_space();
	can(!mkdir("lower", 0700) && !mkdir("upper", 0700) && !mkdir("work", 0700) &&
	    !mkdir("m", 0700));
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=work", lower, upper);
	can(!mount("m", "m", "overlay", 0, options));
}

static void by_upper(void)
{
	overlaid("lower", ".ssh");
	text_write("m/authorized_keys");
}

static void by_upper_rename(void)
{
	overlaid("lower", ".ssh");
	text_write("m/x");
	can(!rename("m/x", "m/authorized_keys"));
}

static void by_upper_unlink(void)
{
	overlaid("lower", ".ssh");
	can(!unlink("m/authorized_keys"));
}

/* The file is in the layer below alone, and is copied up when it is opened. */
static void copied_up(void)
{
	own_space();
	can(!mkdir("lower", 0700) && !mkdir("work", 0700) && !mkdir("m", 0700));
	text_write("lower/authorized_keys");
	can(!unlink(KEYS) &&
	    !mount("m", "m", "overlay", 0, "lowerdir=lower,upperdir=.ssh,workdir=work"));
}

static void by_copy_up(void)
{
	can(!truncate("m/authorized_keys", 5));
}

static void by_copy_up_open(void)
{
	text_write("m/authorized_keys");
}

static void by_lower(void)
{
	overlaid(".ssh", "upper");
	text_write("m/authorized_keys");
}

/* Nobody else sees it. */
static void by_tmpfs(void)
{
	own_space();
	can(!mount("m", ".ssh", "tmpfs", 0, NULL));
	text_write(KEYS);
}

const struct way ways_by_space[] = {
	{ "ns-directory", by_directory, NULL, AS_USER },
	{ "ns-rename", by_rename_there, NULL, AS_USER },
	{ "ns-link", by_link_there, NULL, AS_USER },
	{ "ns-file", by_file, NULL, AS_USER },
	{ "ns-bashrc", by_bashrc, NULL, AS_USER },
	{ "ns-deep", by_deep_directory, deep_directory, AS_USER },
	{ "ns-deep-file", by_deep_file, deep_file, AS_USER },
	{ "ns-stack", by_stack, NULL, AS_USER },
	{ "ns-nested", by_nested_mounts, NULL, AS_USER },
	{ "ns-moved", by_moved_mount, NULL, AS_USER },
	{ "ns-home", by_home, NULL, AS_USER },
	{ "ns-unmounted", by_unmounted, NULL, AS_USER },
	{ "ns-tree", by_tree, NULL, AS_USER },
	{ "ns-tree-file", by_tree_of_file, NULL, AS_USER },
	{ "ns-pivot", by_pivot, NULL, AS_USER },
	{ "ns-chroot", by_chroot, NULL, AS_USER },
	{ "ns-proc-root", by_root_of_other_space, NULL, AS_USER },
	{ "handle", put_by_handle, NULL, AS_USER },
	{ "ns-handle", by_handle_there, NULL, AS_USER },
	{ "overlay-write", by_upper, NULL, AS_USER },
	{ "overlay-rename", by_upper_rename, NULL, AS_USER },
	{ "overlay-unlink", by_upper_unlink, NULL, AS_USER },
	{ "overlay-copied", by_copy_up, copied_up, AS_USER },
	{ "overlay-open", by_copy_up_open, copied_up, AS_USER },
	{ "overlay-lower", by_lower, NULL, AS_USER },
	{ "ns-tmpfs", by_tmpfs, NULL, AS_USER },
	{ 0 },
};
