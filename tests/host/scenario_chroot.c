/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Root directories: chroot to a directory, from inside of it, and through a symbolic
 * link. A call that fails is no event, nor is entering a mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static char root[1200]; /* of this process, from the real root; empty: that one */

/* path: as the caller names it; full: where that is, from the real root. */
static void chroot_record(const char *path, const char *full)
{
	struct stat st;

	require(!stat(path, &st), path);
	put("chroot\tcase=chroot-class\tpid=%d\tinode=%llu\tmode=%o", getpid(),
	    (unsigned long long)st.st_ino, st.st_mode & 07777);
	put_hex("path", full, strlen(full));
	put_hex("other", root, strlen(root));
	record_end();
}

static void root_change(const char *path, const char *full)
{
	chroot_record(path, full);
	require(!chroot(path), path);
	snprintf(root, sizeof(root), "%s", full);
}

static void root_refuse(const char *path, int error)
{
	require(chroot(path) && errno == error, path);
}

/* It may be there since an earlier run in the same place. */
static void directory_make(const char *path, mode_t mode)
{
	require(!mkdir(path, mode) || errno == EEXIST, path);
	require(!chmod(path, mode), path);
}

static void change_roots(void)
{
	char jail[1100], inner[1200];
	int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	snprintf(jail, sizeof(jail), "%s/jail", directory);
	snprintf(inner, sizeof(inner), "%s/inner", jail);
	directory_make(jail, 0711);
	directory_make(inner, 0750);
	require(!symlink("jail", "jail-link") || errno == EEXIST, "jail-link");
	root_refuse("nowhere", ENOENT);
	root_refuse("/proc/self/exe", ENOTDIR);
	mounts_unshare();
	require(own >= 0 && !setns(own, CLONE_NEWNS) && !chdir(directory), "setns");
	root_change("jail-link", jail);
	root_change("/inner", inner);
	root_change("/", inner);
	require(!setresuid(OTHER_UID, OTHER_UID, OTHER_UID), "setresuid");
	root_refuse("/", EPERM);
}

static void roots(void)
{
	in_child("chroot-class", change_roots);
}

PART(.name = "chroot", .run = roots);
