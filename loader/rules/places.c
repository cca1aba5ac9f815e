/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "loader/rules/places.h"
#include "loader/rules/watch_rules.h"
#include "loader/util/mountinfo.h"
#include "offsets/util/cleanup.h"

/* More mounts are not looked at. */
#define MOUNTS_MAX 8192
#define LINKS_MAX  40 /* MAXSYMLINKS, include/linux/namei.h */

struct mount_table {
	const char *prefix;
	size_t count;
	struct mountinfo mounts[MOUNTS_MAX]; /* root and point are on the heap */
};

/* ---- reading ---------------------------------------------------------- */

/* False: it is no such line, or there is no memory. */
static bool line_keep(char *line, struct mountinfo *ret)
{
	struct mountinfo mount;

	if (!mountinfo_parse(line, &mount))
		return false;
	*ret = mount;
	ret->root = strdup(mount.root);
	ret->point = strdup(mount.point);
	if (ret->root && ret->point)
		return true;
	free(ret->root);
	free(ret->point);
	return false;
}

int mount_table_read(const char *mountinfo, const char *root, struct mount_table **ret)
{
	FILE *file = fopen(mountinfo, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	struct mount_table *t;
	size_t size = 0;

	if (!file)
		return -errno;
	t = calloc(1, sizeof(*t));
	while (t && t->count < MOUNTS_MAX && getline(&line, &size, file) > 0)
		t->count += line_keep(line, &t->mounts[t->count]);
	fclose(file);
	if (!t)
		return -ENOMEM;
	t->prefix = root;
	*ret = t;
	return 0;
}

void mount_table_free(struct mount_table *t)
{
	size_t i;

	for (i = 0; t && i < t->count; i++) {
		free(t->mounts[i].root);
		free(t->mounts[i].point);
	}
	free(t);
}

/* ---- finding ---------------------------------------------------------- */

/* The mount on that path, if it is on this one: the uppermost of several. */
static const struct mountinfo *mount_on(const struct mount_table *t, const struct mountinfo *below,
                                        const char *path)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		const struct mountinfo *m = &t->mounts[i];

		if (m->parent == below->id && m->id != below->id && !strcmp(m->point, path)) {
			below = m;
			i = (size_t)-1;
		}
	}
	return below;
}

/* The one whose parent is in no line, and what is mounted on it. NULL: there is none. */
static const struct mountinfo *root_find(const struct mount_table *t)
{
	size_t i, j;

	for (i = 0; i < t->count; i++) {
		const struct mountinfo *m = &t->mounts[i];

		if (strcmp(m->point, "/"))
			continue;
		for (j = 0; j < t->count; j++)
			if (t->mounts[j].id == m->parent && i != j)
				break;
		if (j == t->count)
			return mount_on(t, m, "/");
	}
	return NULL;
}

/* The way along a path. */
struct way {
	const struct mount_table *table;
	const struct mountinfo *mount;
	char at[PATH_MAX];   /* so far, without symbolic links */
	char rest[PATH_MAX]; /* what is left of the path */
	unsigned int links;
	bool by_names; /* no symbolic link is followed */
	bool is_gone;  /* from here on it does not exist, or must not be looked at */
};

/* Adds a name. False: the path is too long. */
static bool name_add(struct way *w, const char *name)
{
	size_t size = strlen(w->at);

	if (size + 1 + strlen(name) >= sizeof(w->at))
		return false;
	w->at[size] = '/';
	strcpy(w->at + size + 1, name);
	return true;
}

static void last_name_cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* The mount at the end of the way, from the root on. */
static void mount_find(struct way *w)
{
	char *end = w->at, kept;

	w->mount = root_find(w->table);
	while (*end) {
		end += 1 + strcspn(end + 1, "/");
		kept = *end;
		*end = '\0';
		w->mount = mount_on(w->table, w->mount, w->at);
		*end = kept;
	}
}

/* Where a symbolic link leads stands before the rest. False: too long, or too many. */
static bool link_follow(struct way *w, const char *target)
{
	char rest[PATH_MAX];

	if (++w->links > LINKS_MAX ||
	    (size_t)snprintf(rest, sizeof(rest), "%s/%s", target, w->rest) >= sizeof(rest))
		return false;
	strcpy(w->rest, rest);
	if (*target == '/')
		*w->at = '\0';
	else
		last_name_cut(w->at);
	mount_find(w);
	return true;
}

static bool step(struct way *w, const char *name)
{
	char path[2 * PATH_MAX], target[PATH_MAX];
	const struct mountinfo *on;
	ssize_t size;

	if (!strcmp(name, "."))
		return true;
	if (!strcmp(name, "..")) {
		last_name_cut(w->at);
		mount_find(w);
		return true;
	}
	if (!name_add(w, name))
		return false;
	on = mount_on(w->table, w->mount, w->at);
	w->is_gone |= on->is_remote;
	if (on != w->mount || w->is_gone || w->by_names) {
		w->mount = on;
		return true;
	}
	snprintf(path, sizeof(path), "%s%s", w->table->prefix, w->at);
	size = readlink(path, target, sizeof(target) - 1);
	if (size < 0) {
		w->is_gone = errno != EINVAL; /* that it is no symbolic link */
		return true;
	}
	target[size] = '\0';
	return link_follow(w, target);
}

/* The next name of the rest, cut off; NULL: the end. */
static const char *name_cut(struct way *w, char *ret)
{
	char *at = w->rest + strspn(w->rest, "/");
	size_t size = strcspn(at, "/");

	if (!size)
		return NULL;
	memcpy(ret, at, size);
	ret[size] = '\0';
	memmove(w->rest, at + size, strlen(at + size) + 1);
	return ret;
}

/* From the root of the file system: of the mount's own root, and from there on. */
static int names_of(const struct way *w, struct place *ret)
{
	const char *root = strcmp(w->mount->root, "/") ? w->mount->root : "";
	const char *below = w->at;

	if (strcmp(w->mount->point, "/"))
		below += strlen(w->mount->point);
	if ((size_t)snprintf(ret->names, sizeof(ret->names), "%s%s", root, below) >=
	    sizeof(ret->names))
		return -ENAMETOOLONG;
	if (!*ret->names)
		strcpy(ret->names, "/");
	ret->device = w->mount->device;
	snprintf(ret->path, sizeof(ret->path), "%s%s", w->table->prefix, w->at);
	ret->is_there = !w->is_gone;
	return 0;
}

static int way_go(const struct mount_table *t, const char *path, bool by_names, struct place *ret)
{
	struct way w = { .table = t, .mount = root_find(t), .by_names = by_names };
	char name[PATH_MAX];

	if (!w.mount)
		return -ENOENT;
	if (strlen(path) >= sizeof(w.rest))
		return -ENAMETOOLONG;
	strcpy(w.rest, path);
	while (name_cut(&w, name))
		if (!step(&w, name))
			return -ELOOP;
	return names_of(&w, ret);
}

int place_find(const struct mount_table *t, const char *path, struct place *ret)
{
	return way_go(t, path, false, ret);
}

static bool place_add(const struct mount_table *t, const char *path, bool by_names,
                      struct filter *ret)
{
	struct place place;

	return !way_go(t, path, by_names, &place) &&
	       !watch_rules_add_place(ret, place.device, place.names);
}

unsigned int places_add(const struct filter *filter, const struct mount_table *t,
                        struct filter *ret)
{
	unsigned int failed = 0;
	const char *path;

	*ret = *filter;
	for (path = ret->paths; path < ret->paths + ret->paths_size; path += strlen(path) + 1)
		if (*path == '/')
			failed += !place_add(t, path, true, ret) | !place_add(t, path, false, ret);
	return failed;
}

/* ---- links ------------------------------------------------------------- */

/* So many home directories are looked at. */
#define HOMES_MAX 256

struct links {
	const struct mount_table *table;
	void (*found)(void *arg, const struct linked_file *file);
	void *arg;
};

static void link_look(const struct links *l, const char *home, const char *path)
{
	struct linked_file file = { 0 };
	char whole[PATH_MAX];
	struct place place;
	struct stat st;

	if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", home, path) >= sizeof(whole) ||
	    place_find(l->table, whole, &place) || !place.is_there || lstat(place.path, &st) ||
	    !S_ISREG(st.st_mode) || st.st_nlink < 2)
		return;
	file.number = st.st_ino;
	file.device = place.device;
	l->found(l->arg, &file);
}

/* What the rules name below a home directory; "": what they name by a whole path. */
static void links_look(const struct links *l, const struct filter *filter, const char *home)
{
	const char *path, *end = filter->paths + filter->paths_size;

	for (path = filter->paths; path < end; path += strlen(path) + 1)
		if ((*path == '/') == !*home)
			link_look(l, home, path);
}

void places_links(const struct filter *filter, const struct mount_table *t, const char *passwd,
                  void (*found)(void *arg, const struct linked_file *file), void *arg)
{
	const struct links l = { .table = t, .found = found, .arg = arg };
	FILE *file = fopen(passwd, "re");
	struct passwd *user;
	int homes = 0;

	links_look(&l, filter, "");
	while (file && homes < HOMES_MAX && (user = fgetpwent(file))) {
		if (user->pw_dir[0] != '/' || !user->pw_dir[1])
			continue;
		homes++;
		links_look(&l, filter, user->pw_dir);
	}
	if (file)
		fclose(file);
}

/* ---- executables ------------------------------------------------------ */

static bool executable_find(struct event_rule *rule, const struct mount_table *table)
{
	uint64_t inode = 0;
	uint32_t device = 0;
	struct place place;
	struct stat st;
	bool is_new;

	if (!place_find(table, rule->name, &place) && place.is_there && !lstat(place.path, &st) &&
	    S_ISREG(st.st_mode)) {
		inode = st.st_ino;
		device = major(st.st_dev) << 20 | minor(st.st_dev);
	}
	is_new = rule->inode != inode || rule->device != device;
	rule->inode = inode;
	rule->device = device;
	return is_new;
}

bool places_executables(struct event_rules *rules, const struct mount_table *table)
{
	bool is_new = false;
	size_t i;

	for (i = 0; i < rules->count; i++)
		if (event_rule_names_file(&rules->list[i]))
			is_new |= executable_find(&rules->list[i], table);
	return is_new;
}
