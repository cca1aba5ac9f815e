/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
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

/* Those of a mount namespace. */
struct mount_list {
	const char *path;
	int watch; /* of the same file, which says when it has changed; -1: not open yet */
	struct {
		int id;
		unsigned int device;
		enum place place;
	} * list;
	size_t count, room;
};

static struct mount_list own = { .path = "/proc/self/mountinfo", .watch = -1 };
static struct mount_list host = { .path = "/proc/1/mountinfo", .watch = -1 };

static bool mount_keep(struct mount_list *l, const struct mountinfo *mount)
{
	size_t room = l->room ? 2 * l->room : 64;
	void *larger;

	if (l->count == l->room) {
		larger = realloc(l->list, room * sizeof(*l->list));
		if (!larger)
			return false;
		l->list = larger;
		l->room = room;
	}
	l->list[l->count].id = mount->id;
	l->list[l->count].device = mount->device;
	l->list[l->count++].place = place_of(mount);
	return true;
}

/* Since the call before. */
static bool mounts_have_changed(struct mount_list *l)
{
	struct pollfd fd = { .fd = l->watch, .events = POLLPRI };

	if (l->watch < 0) {
		l->watch = open(l->path, O_RDONLY | O_CLOEXEC);
		return true;
	}
	return poll(&fd, 1, 0) != 0;
}

/*
 * As they are now. A mount that a descriptor leads to has an id that no other one gets meanwhile,
 * so one that was opened before is found as what it is.
 */
static void mounts_read(struct mount_list *l)
{
	struct mountinfo mount;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (!mounts_have_changed(l))
		return;
	l->count = 0;
	file = fopen(l->path, "re");
	while (file && getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &mount) && !mount_keep(l, &mount))
			break;
	if (file)
		fclose(file);
	free(line);
}

/* Users may mount those that are stacked in a namespace of their own, over any other one. */
static enum place place_of_theirs(const struct mountinfo *mount)
{
	size_t i = 0;

	if (!mount->is_stacked)
		return place_of(mount);
	mounts_read(&host);
	while (i < host.count && host.list[i].device != mount->device)
		i++;
	return i < host.count ? place_of(mount) : PLACE_REMOTE;
}

/* A process may have 100,000 mounts, and what is looked for may be the last one. */
#define THERE_BYTES (64 * 1024)

/* As much as there is room for. */
static size_t beginning_read(const char *path, char *ret, size_t room)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n = fd < 0 ? 0 : 1;

	while (n > 0 && size < room) {
		n = read(fd, ret + size, room - size);
		size += n > 0 ? n : 0;
	}
	return size;
}

/* In the mount namespace of a process, as it is now. */
static enum place place_there(uint32_t pid, int id)
{
	static char text[THERE_BYTES + 1];
	struct mountinfo mount;
	char path[64], *line = text, *end;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	size = beginning_read(path, text, THERE_BYTES);
	text[size] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (mountinfo_parse(line, &mount) && mount.id == id)
			return place_of_theirs(&mount);
	}
	return size == THERE_BYTES ? PLACE_REMOTE : PLACE_UNKNOWN;
}

/* pid: of a process that can reach it. *ret_mount: the mount's id, or -1. */
static enum place descriptor_place(int fd, uint32_t pid, int *ret_mount)
{
	int id = mount_of(fd);
	size_t i;

	*ret_mount = id;

	if (id < 0)
		return PLACE_UNKNOWN;
	if (id == memory_mount)
		return PLACE_LOCAL;
	mounts_read(&own);
	for (i = 0; i < own.count; i++)
		if (own.list[i].id == id)
			return own.list[i].place;
	return place_there(pid, id);
}

/* What was opened (O_PATH). */
struct opened {
	int fd;    /* -1: nothing */
	int mount; /* its id */
};

/*
 * Opens without asking a file system that may never answer: a place other than PLACE_LOCAL is left
 * at once. Without O_DIRECTORY nothing is mounted by it (autofs).
 */
static enum place local_open(int above, const char *name, int flags, uint32_t pid,
                             struct opened *ret)
{
	enum place place = PLACE_UNKNOWN;

	ret->fd = openat(above, name, O_PATH | O_CLOEXEC | flags);
	if (ret->fd >= 0)
		place = descriptor_place(ret->fd, pid, &ret->mount);
	if (ret->fd >= 0 && place != PLACE_LOCAL) {
		close(ret->fd);
		ret->fd = -1;
	}
	return place;
}

static struct opened root = { -1, -1 };

/*
 * Folders in which files were found, so that the names on the way need not be opened for each file
 * there. Those of the root's mount alone: others could not be unmounted. What stands at the path by
 * now may be another folder; then the file is not the one that is looked for.
 */
#define FOLDERS 16

struct folder {
	char path[256];
	int fd;
	uint64_t used; /* 0: it is free */
};

static struct folder folders[FOLDERS];
static uint64_t folder_uses;

/* Bytes of what is before the last slash. */
static size_t folder_size(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash - path : 0;
}

/* That of the file at that path. NULL: it is not known. */
static struct folder *folder_find(const char *path)
{
	size_t size = folder_size(path);
	struct folder *f;

	for (f = folders; f < folders + FOLDERS; f++)
		if (f->used && strlen(f->path) == size && !memcmp(f->path, path, size)) {
			f->used = ++folder_uses;
			return f;
		}
	return NULL;
}

/* Takes fd, which is the folder of the file at that path. */
static void folder_keep(const char *path, int fd)
{
	struct folder *f = folder_find(path), *other;
	size_t size = folder_size(path);

	if (size >= sizeof(f->path)) {
		close(fd);
		return;
	}
	if (!f)
		for (f = other = folders; other < folders + FOLDERS; other++)
			if (other->used < f->used)
				f = other;
	if (f->used)
		close(f->fd);
	memcpy(f->path, path, size);
	f->path[size] = '\0';
	f->fd = fd;
	f->used = ++folder_uses;
}

/* In a folder that is known. *ret: -1 if it is not there. */
static void known_open(const char *path, uint32_t pid, struct opened *ret)
{
	const struct folder *folder = folder_find(path);

	ret->fd = -1;
	if (folder)
		local_open(folder->fd, path + folder_size(path) + 1, O_NOFOLLOW, pid, ret);
}

/* Each name in turn, so that no link leads elsewhere. */
static enum place path_open(const char *path, uint32_t pid, struct opened *ret)
{
	const char *rest = path;
	enum place place = PLACE_LOCAL;
	char name[256];

	ret->fd = -1;
	if (*path != '/')
		return PLACE_UNKNOWN;
	if (root.fd < 0)
		place = local_open(AT_FDCWD, "/", 0, pid, &root);
	*ret = root;
	while (place == PLACE_LOCAL && *rest == '/') {
		size_t size = strcspn(++rest, "/");
		struct opened above = *ret;

		snprintf(name, sizeof(name), "%.*s", (int)size, rest);
		rest += size;
		place = local_open(above.fd, name, O_NOFOLLOW, pid, ret);
		if (above.fd == root.fd)
			continue;
		if (!*rest && above.mount == root.mount)
			folder_keep(path, above.fd);
		else
			close(above.fd);
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

static bool opened_is_it(struct opened *opened, const struct hash_request *r, struct stat *ret)
{
	if (is_it(opened->fd, r, ret))
		return true;
	if (opened->fd >= 0)
		close(opened->fd);
	opened->fd = -1;
	return false;
}

/* By its path. running: where what the process runs by now is. */
static enum hash_state named_find(const struct hash_request *r, enum place running,
                                  struct opened *opened, struct stat *ret)
{
	enum place named;

	known_open(r->path, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	named = path_open(r->path, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	return named == PLACE_REMOTE || (named == PLACE_UNKNOWN && running == PLACE_REMOTE)
	               ? HASH_REMOTE
	               : HASH_GONE;
}

enum hash_state hash_file_find(const struct hash_request *r, int *ret_fd, struct stat *ret)
{
	struct opened opened;
	enum hash_state state;
	enum place running;
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%u/exe", r->pid);
	running = local_open(AT_FDCWD, exe, 0, r->pid, &opened);
	state = opened_is_it(&opened, r, ret) ? running_judge(ret, r->time_ns)
	                                      : named_find(r, running, &opened, ret);
	if (state != HASH_DONE && opened.fd >= 0) {
		close(opened.fd);
		opened.fd = -1;
	}
	*ret_fd = opened.fd;
	return state;
}

int hash_file_open(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}
