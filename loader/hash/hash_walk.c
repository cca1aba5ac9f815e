/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/hash/hash_walk.h"

static const struct opened nowhere = { AT_FDCWD, -1, 0 };

/* ---- folders ------------------------------------------------------------- */

static struct opened root = { -1, -1, 0 };

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

void known_open(const char *path, uint32_t pid, struct opened *ret)
{
	const struct folder *folder = folder_find(path);

	ret->fd = -1;
	if (folder)
		place_open((struct opened){ folder->fd, root.mount, root.device },
		           path + folder_size(path) + 1, O_NOFOLLOW, pid, ret);
}

/* ---- names in turn ------------------------------------------------------- */

/* A path may lead through so many links, and then names. */
#define LINKS_MAX 40 /* as in the kernel */
#define NAMES_MAX 256

/*
 * A path is opened name by name, so that no link leads to what must not be touched. Links are
 * followed here, if at all.
 */
struct walk {
	uint32_t pid;
	bool follows;      /* links */
	struct opened top; /* the caller's: where a slash leads */
	struct opened at;  /* the walk's own, unless it is top */
	unsigned int names, links;
	const char *folder; /* the path whose folder is to be kept; NULL: none */
	char rest[PATH_MAX];
};

static void walk_close(struct walk *w)
{
	if (w->at.fd >= 0 && w->at.fd != w->top.fd)
		close(w->at.fd);
	w->at = w->top;
}

/* Takes fd, which is that of a link. False: it leads nowhere. */
static bool link_follow(struct walk *w, int fd)
{
	char link[PATH_MAX];
	size_t left = strlen(w->rest);
	ssize_t size = readlinkat(fd, "", link, sizeof(link));

	close(fd);
	if (size <= 0 || size + 1 + left >= sizeof(w->rest) || ++w->links > LINKS_MAX)
		return false;
	if (!left)
		w->folder = NULL; /* what it leads to is in another one */
	memmove(w->rest + size + 1, w->rest, left + 1);
	memcpy(w->rest, link, size);
	w->rest[size] = left ? '/' : '\0';
	if (*link == '/')
		walk_close(w);
	return true;
}

/* The next name; it has the rest of the path without it. */
static enum place name_open(struct walk *w, const char *name)
{
	struct opened next;
	struct stat st;
	enum place place = place_open(w->at, name, O_NOFOLLOW, w->pid, &next);

	if (place != PLACE_LOCAL)
		return place;
	if (w->follows && (fstat(next.fd, &st) || S_ISLNK(st.st_mode)))
		return link_follow(w, next.fd) ? PLACE_LOCAL : PLACE_UNKNOWN;
	if (!*w->rest && w->folder && w->at.fd != w->top.fd && w->at.mount == root.mount)
		folder_keep(w->folder, w->at.fd);
	else
		walk_close(w);
	w->at = next;
	return PLACE_LOCAL;
}

/* Takes the first name out of the rest of the path. False: there is none. */
static bool name_take(struct walk *w, char *ret, size_t room)
{
	size_t begin = strspn(w->rest, "/"), size = strcspn(w->rest + begin, "/");

	snprintf(ret, room, "%.*s", (int)size, w->rest + begin);
	memmove(w->rest, w->rest + begin + size, strlen(w->rest + begin + size) + 1);
	return size;
}

/* *ret: the caller's; -1 if it is not there. */
static enum place walk_do(struct walk *w, const char *path, struct opened *ret)
{
	enum place place = PLACE_LOCAL;
	char name[NAME_MAX + 2]; /* one that is too long stays too long */

	ret->fd = -1;
	if (strlen(path) >= sizeof(w->rest))
		return PLACE_UNKNOWN;
	strcpy(w->rest, path);
	while (place == PLACE_LOCAL && name_take(w, name, sizeof(name))) {
		if (!strcmp(name, "."))
			continue;
		place = w->follows && ++w->names > NAMES_MAX ? PLACE_UNKNOWN : name_open(w, name);
	}
	if (place == PLACE_LOCAL && w->at.fd != w->top.fd)
		*ret = w->at;
	else
		walk_close(w);
	return place;
}

enum place path_open(const char *path, bool follows, uint32_t pid, struct opened *ret)
{
	static struct walk w;
	enum place place = PLACE_LOCAL;

	ret->fd = -1;
	if (*path != '/')
		return PLACE_UNKNOWN;
	if (root.fd < 0)
		place = place_open(nowhere, "/", 0, pid, &root);
	if (place != PLACE_LOCAL)
		return place;
	w = (struct walk){ pid, follows, root, root, 0, 0, path, "" };
	return walk_do(&w, path, ret);
}

/* ---- as a process sees it ------------------------------------------------ */

/*
 * Of execveat(2) the kernel makes a name of the descriptor, which the interpreter has, too:
 * "/dev/fd/3", or "/dev/fd/3/name". fexecve(3) may do the same. ret: the number. NULL: it is no
 * such name; else what follows.
 */
static const char *descriptor_name(const char *name, char *ret, size_t room)
{
	static const char *const begins[] = { "/dev/fd/", "/proc/self/fd/" };
	size_t i, size;

	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		if (strncmp(name, begins[i], strlen(begins[i])))
			continue;
		name += strlen(begins[i]);
		size = strspn(name, "0123456789");
		if (!size || size >= room || (name[size] && name[size] != '/'))
			return NULL;
		snprintf(ret, room, "%.*s", (int)size, name);
		return name + size;
	}
	return NULL;
}

enum place process_open(const char *name, uint32_t pid, struct opened *ret)
{
	static struct walk w;
	char path[64], number[16];
	const char *rest = descriptor_name(name, number, sizeof(number));
	struct opened top;
	enum place place;

	ret->fd = -1;
	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	place = place_open(nowhere, path, 0, pid, &top);
	if (place != PLACE_LOCAL)
		return place;
	w = (struct walk){ pid, true, top, top, 0, 0, NULL, "" };
	if (rest)
		snprintf(path, sizeof(path), "/proc/%u/fd/%s", pid, number);
	else
		snprintf(path, sizeof(path), "/proc/%u/cwd", pid);
	if (rest || *name != '/')
		place = place_open(nowhere, path, 0, pid, &w.at);
	if (place == PLACE_LOCAL)
		place = walk_do(&w, rest ? rest : name, ret);
	close(top.fd);
	return place;
}
