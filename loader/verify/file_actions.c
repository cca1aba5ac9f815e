/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "loader/verify/file_actions.h"
#include "offsets/util/cleanup.h"

/* Nobody has these ids (systemd's UIDS-GIDS), and all numbers below are different. */
#define OWNER     0x70000011U
#define GROUP     0x70000022U
#define SIZE      4097
#define ATTRIBUTE "security.sextant"

/* ---- mounts ----------------------------------------------------------- */

static bool tmpfs_on(const char *source, const char *directory)
{
	return !mount(source, directory, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0700");
}

/* In its own mount namespace nobody else sees what is mounted here. */
void file_actions_mount(const char *source, struct file_actions *ret)
{
	static const char *const places[] = { "/tmp", "/run", "/dev/shm" };
	char inner[32];
	size_t i = 0;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	while (i < sizeof(places) / sizeof(places[0]) && !tmpfs_on(source, places[i]))
		i++;
	if (i == sizeof(places) / sizeof(places[0]))
		return;
	snprintf(inner, sizeof(inner), "%s/on", places[i]);
	snprintf(ret->directory, sizeof(ret->directory), "%s/in", inner);
	ret->is_mounted = !mkdir(inner, 0700) && tmpfs_on(source, inner) &&
	                  !mkdir(ret->directory, 0700) && !chdir(ret->directory);
}

/* ---- files ------------------------------------------------------------ */

static struct file_state state_of(const struct stat *st)
{
	return (struct file_state){
		.inode = st->st_ino,
		.size = st->st_size,
		.device = major(st->st_dev) << 20 | minor(st->st_dev),
		.rdev = major(st->st_rdev) << 20 | minor(st->st_rdev),
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.links = st->st_nlink,
	};
}

/* What the operation has left. failed: of the call. */
static void done(struct file_actions *a, enum file_action action, int failed, const char *path)
{
	struct stat st;

	if (failed || lstat(path, &st))
		return;
	a->states[action] = state_of(&st);
	a->done |= 1U << action;
}

static void descriptor_do(struct file_actions *a, const char *path)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	done(a, ACTION_FILE_CREATE, fd < 0, path);
	done(a, ACTION_FILE_CHOWN, fchown(fd, OWNER, GROUP), path);
	done(a, ACTION_FILE_CHMOD, fchmod(fd, 0604), path);
	done(a, ACTION_FILE_TRUNCATE, ftruncate(fd, SIZE), path);
}

static void names_do(struct file_actions *a, const char *name)
{
	char one[96], two[96], three[96];

	snprintf(one, sizeof(one), "a/%s", name);
	snprintf(two, sizeof(two), "b/%s", name);
	snprintf(three, sizeof(three), "c/%s", name);
	if (mkdir("a", 0700) || mkdir("b", 0700) || mkdir("c", 0700))
		return;
	descriptor_do(a, one);
	done(a, ACTION_FILE_LINK, link(one, two), two);
	done(a, ACTION_FILE_SETXATTR, setxattr(two, ATTRIBUTE, "", 0, 0), two);
	done(a, ACTION_FILE_RENAME, rename(two, three), three);
	/* The mount refuses to open it; to make it is permitted. */
	done(a, ACTION_FILE_MKNOD, mknod(two, S_IFCHR | 0600, makedev(1, 3)), two);
}

void file_actions_do(const char *name, struct file_actions *a)
{
	const char *root = a->is_mounted ? "." : "/";
	struct stat st;

	if (a->is_mounted)
		names_do(a, name);
	if (stat(root, &st))
		return;
	a->root = state_of(&st);
	a->is_rooted = !chroot(root);
}
