/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/magic.h>

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
		enum { UPPER_UNKNOWN, UPPER_ON_DISK, UPPER_IN_MEMORY } upper; /* of overlayfs */
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
	l->list[l->count].upper = UPPER_UNKNOWN;
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

/* The first one of that device in the host's; their number: there is none. */
static size_t host_find(unsigned int device)
{
	size_t i = 0;

	mounts_read(&host);
	while (i < host.count && host.list[i].device != device)
		i++;
	return i;
}

/* Users may mount those that are stacked in a namespace of their own, over any other one. */
static enum place place_of_theirs(const struct mountinfo *mount)
{
	if (!mount->is_stacked)
		return place_of(mount);
	return host_find(mount->device) < host.count ? place_of(mount) : PLACE_REMOTE;
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
static enum place place_there(uint32_t pid, int id, unsigned int *ret_device)
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
		if (mountinfo_parse(line, &mount) && mount.id == id) {
			*ret_device = mount.device;
			return place_of_theirs(&mount);
		}
	}
	return size == THERE_BYTES ? PLACE_REMOTE : PLACE_UNKNOWN;
}

/* Of a mount, by its id. pid: of a process that can reach it. */
static enum place mount_place(int id, uint32_t pid, unsigned int *ret_device)
{
	size_t i;

	*ret_device = 0;
	if (id == memory_mount)
		return PLACE_LOCAL;
	mounts_read(&own);
	for (i = 0; i < own.count; i++)
		if (own.list[i].id == id) {
			*ret_device = own.list[i].device;
			return own.list[i].place;
		}
	return place_there(pid, id, ret_device);
}

enum place place_open(struct opened above, const char *name, int flags, uint32_t pid,
                      struct opened *ret)
{
	enum place place = PLACE_UNKNOWN;

	ret->fd = openat(above.fd, name, O_PATH | O_CLOEXEC | flags);
	if (ret->fd < 0)
		return PLACE_UNKNOWN;
	ret->mount = mount_of(ret->fd);
	ret->device = above.device;
	if (ret->mount >= 0)
		place = ret->mount == above.mount ? PLACE_LOCAL
		                                  : mount_place(ret->mount, pid, &ret->device);
	if (place != PLACE_LOCAL) {
		close(ret->fd);
		ret->fd = -1;
	}
	return place;
}

/* ---- times --------------------------------------------------------------- */

/* The kernel's headers lack them. */
#define AUFS_MAGIC    0x61756673
#define SHIFTFS_MAGIC 0x6a656a62

/* mount: it is in that directory; *size: bytes of the mount point of the one that is known. */
static bool is_nearer(const struct mountinfo *mount, const char *directory, size_t *size)
{
	size_t point = strcmp(mount->point, "/") ? strlen(mount->point) : 0;

	if (point < *size || strncmp(mount->point, directory, point) ||
	    (directory[point] && directory[point] != '/'))
		return false;
	*size = point;
	return true;
}

/* By the mount of the host under which that directory is. */
static bool directory_is_in_memory(const char *directory)
{
	static const char *const in_memory[] = { "tmpfs ", "devtmpfs ", "rootfs ", "hugetlbfs " };
	struct mountinfo mount;
	char *line = NULL;
	size_t size = 0, near = 0, i;
	bool ret = true;
	FILE *file = fopen(host.path, "re");

	while (file && getline(&line, &size, file) > 0) {
		if (!mountinfo_parse(line, &mount) || !is_nearer(&mount, directory, &near))
			continue;
		for (ret = false, i = 0; i < sizeof(in_memory) / sizeof(in_memory[0]); i++)
			ret |= !strncmp(mount.type, in_memory[i], strlen(in_memory[i]));
	}
	if (file)
		fclose(file);
	free(line);
	return ret;
}

/* Without an upper layer nobody writes to it. What is not sure is in memory. */
static bool upper_is_in_memory(char *options)
{
	char *upper = strstr(options, ",upperdir=");

	if (!upper)
		return false;
	upper += strlen(",upperdir=");
	upper[strcspn(upper, ",\n")] = '\0';
	return *upper != '/' || strchr(upper, '\\') || directory_is_in_memory(upper);
}

/* Of the overlayfs of that device. */
static bool overlay_is_in_memory(unsigned int device)
{
	struct mountinfo mount;
	char *line = NULL;
	size_t size = 0;
	bool is_found = false, ret = true;
	FILE *file = fopen(host.path, "re");

	while (file && !is_found && getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &mount) && mount.device == device) {
			is_found = true;
			ret = !mount.options || upper_is_in_memory(mount.options);
		}
	if (file)
		fclose(file);
	free(line);
	return ret;
}

static bool overlay_is_untraced(unsigned int device)
{
	size_t i = host_find(device);

	if (i == host.count)
		return true;
	if (host.list[i].upper == UPPER_UNKNOWN)
		host.list[i].upper = overlay_is_in_memory(device) ? UPPER_IN_MEMORY : UPPER_ON_DISK;
	return host.list[i].upper == UPPER_IN_MEMORY;
}

/*
 * Who writes to tmpfs through mapped memory does not change the times of the file, if a page was
 * read before: shmem has no page_mkwrite(). hugetlbfs is like it.
 */
bool place_is_untraced(const struct opened *file)
{
	struct statfs fs;

	if (fstatfs(file->fd, &fs))
		return true;
	switch ((unsigned long)fs.f_type) {
	case TMPFS_MAGIC:
	case HUGETLBFS_MAGIC:
	case ECRYPTFS_SUPER_MAGIC:
	case AUFS_MAGIC:
	case SHIFTFS_MAGIC:
		return true;
	case OVERLAYFS_SUPER_MAGIC:
		return overlay_is_untraced(file->device);
	default:
		return false;
	}
}

bool place_is_memfd(const struct opened *file)
{
	return file->mount == memory_mount;
}
