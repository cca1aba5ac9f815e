/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "loader/hash/hash_file.h"
#include "loader/util/mountinfo.h"
#include "offsets/util/cleanup.h"

/* ---- where a file is ----------------------------------------------------- */

enum place { PLACE_UNKNOWN, PLACE_LOCAL, PLACE_REMOTE };

/*
 * By the mount that a descriptor leads to, as even stat() may wait for a server. -1: not known.
 * Since 3.15, and in RHEL 7's 3.10.
 */
static int mount_of(int fd)
{
	CLEANUP(cleanup_fd) int info = -1;
	char path[64], text[512], *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	n = info >= 0 ? read(info, text, sizeof(text) - 1) : 0;
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "\nmnt_id:");
	return at ? atoi(at + strlen("\nmnt_id:")) : -1;
}

/* Of the files that memfd_create(2) makes, which is in no mountinfo; -1: the kernel has none. */
static int memory_mount = -1;

void hash_file_init(void)
{
	int fd = memfd_create("sextant", MFD_CLOEXEC);

	if (fd < 0)
		return;
	memory_mount = mount_of(fd);
	close(fd);
}

static enum place place_of(const struct mountinfo *mount)
{
	return mount->is_remote ? PLACE_REMOTE : PLACE_LOCAL;
}

/* Those of this mount namespace, as they were less than a second ago. */
static struct {
	struct {
		int id;
		enum place place;
	} * list;
	size_t count, room;
	time_t read_s;
} mounts;

static bool mount_keep(const struct mountinfo *mount)
{
	size_t room = mounts.room ? 2 * mounts.room : 64;
	void *larger = mounts.list;

	if (mounts.count == mounts.room) {
		larger = realloc(mounts.list, room * sizeof(*mounts.list));
		if (!larger)
			return false;
		mounts.list = larger;
		mounts.room = room;
	}
	mounts.list[mounts.count].id = mount->id;
	mounts.list[mounts.count++].place = place_of(mount);
	return true;
}

static void mounts_read(void)
{
	struct mountinfo mount;
	struct timespec now;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (mounts.read_s == now.tv_sec)
		return;
	mounts.count = 0;
	file = fopen("/proc/self/mountinfo", "re");
	while (file && getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &mount) && !mount_keep(&mount))
			break;
	if (file)
		fclose(file);
	free(line);
	mounts.read_s = now.tv_sec;
}

/* In the mount namespace of a process, as it is now: ids of mounts are used again. */
static enum place place_there(uint32_t pid, int id)
{
	enum place place = PLACE_UNKNOWN;
	struct mountinfo mount;
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	file = fopen(path, "re");
	while (file && place == PLACE_UNKNOWN && getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &mount) && mount.id == id)
			place = place_of(&mount);
	if (file)
		fclose(file);
	free(line);
	return place;
}

/* pid: of a process that can reach it. */
static enum place place_find(int fd, uint32_t pid)
{
	int id = mount_of(fd);
	size_t i;

	if (id < 0)
		return PLACE_UNKNOWN;
	if (id == memory_mount)
		return PLACE_LOCAL;
	mounts_read();
	for (i = 0; i < mounts.count; i++)
		if (mounts.list[i].id == id)
			return mounts.list[i].place;
	return place_there(pid, id);
}

/*
 * Opens without asking a file system that may never answer: a place other than PLACE_LOCAL is left
 * at once. *ret: -1 then. Without O_DIRECTORY nothing is mounted by it (autofs).
 */
static enum place local_open(int above, const char *name, int flags, uint32_t pid, int *ret)
{
	enum place place = PLACE_UNKNOWN;

	*ret = openat(above, name, O_PATH | O_CLOEXEC | flags);
	if (*ret >= 0)
		place = place_find(*ret, pid);
	if (*ret >= 0 && place != PLACE_LOCAL) {
		close(*ret);
		*ret = -1;
	}
	return place;
}

/* Each name in turn, so that no link leads elsewhere. */
static enum place path_open(const char *path, uint32_t pid, int *ret)
{
	enum place place = local_open(AT_FDCWD, "/", 0, pid, ret);
	char name[256];

	while (place == PLACE_LOCAL && *path == '/') {
		size_t size = strcspn(++path, "/");
		int above = *ret;

		snprintf(name, sizeof(name), "%.*s", (int)size, path);
		place = local_open(above, name, O_NOFOLLOW, pid, ret);
		close(above);
		path += size;
	}
	return place;
}

/* ---- the file ------------------------------------------------------------ */

static bool is_it(int fd, const struct hash_request *r, struct stat *ret)
{
	return fd >= 0 && !fstat(fd, ret) && S_ISREG(ret->st_mode) && ret->st_ino == r->inode &&
	       ret->st_dev == makedev(r->device >> 20, r->device & 0xfffff);
}

/* The times of files are those of the last tick, up to 10 ms before (HZ is 100 or more). */
#define TICK_NS 10000000ULL

static uint64_t changed_ns(const struct stat *st)
{
	return st->st_ctim.tv_sec * 1000000000ULL + st->st_ctim.tv_nsec;
}

/*
 * While it runs nobody can write to it, but it may run again: the process may have executed
 * another file, written to this one, and executed it anew. So its time counts, without the tick:
 * many files are written just before they are executed.
 */
static enum hash_state running_judge(const struct stat *st, uint64_t exec_ns)
{
	return changed_ns(st) > exec_ns ? HASH_CHANGED : HASH_DONE;
}

/* Between the exec and now anybody may have written to it. */
static enum hash_state named_judge(const struct stat *st, uint64_t exec_ns)
{
	return changed_ns(st) + TICK_NS > exec_ns ? HASH_CHANGED : HASH_DONE;
}

enum hash_state hash_file_find(const struct hash_request *r, int *ret_fd, struct stat *ret)
{
	enum hash_state state = HASH_GONE;
	enum place running, named;
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%u/exe", r->pid);
	running = local_open(AT_FDCWD, exe, 0, r->pid, ret_fd);
	if (is_it(*ret_fd, r, ret)) {
		state = running_judge(ret, r->time_ns);
	} else {
		if (*ret_fd >= 0)
			close(*ret_fd);
		named = path_open(r->path, r->pid, ret_fd);
		if (is_it(*ret_fd, r, ret))
			state = named_judge(ret, r->time_ns);
		else if (named == PLACE_REMOTE ||
		         (named == PLACE_UNKNOWN && running == PLACE_REMOTE))
			state = HASH_REMOTE;
	}
	if (state != HASH_DONE && *ret_fd >= 0) {
		close(*ret_fd);
		*ret_fd = -1;
	}
	return state;
}

int hash_file_open(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}
