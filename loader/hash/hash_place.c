/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/hash/hash_place.h"
#include "loader/util/mountinfo.h"
#include "offsets/util/cleanup.h"

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

void place_init(void)
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

/* Of a mount, by its id. pid: of a process that can reach it. */
static enum place mount_place(int id, uint32_t pid)
{
	size_t i;

	if (id == memory_mount)
		return PLACE_LOCAL;
	mounts_read(&own);
	for (i = 0; i < own.count; i++)
		if (own.list[i].id == id)
			return own.list[i].place;
	return place_there(pid, id);
}

enum place place_open(struct opened above, const char *name, int flags, uint32_t pid,
                      struct opened *ret)
{
	enum place place = PLACE_UNKNOWN;

	ret->fd = openat(above.fd, name, O_PATH | O_CLOEXEC | flags);
	if (ret->fd < 0)
		return PLACE_UNKNOWN;
	ret->mount = mount_of(ret->fd);
	if (ret->mount >= 0)
		place = ret->mount == above.mount ? PLACE_LOCAL : mount_place(ret->mount, pid);
	if (place != PLACE_LOCAL) {
		close(ret->fd);
		ret->fd = -1;
	}
	return place;
}
