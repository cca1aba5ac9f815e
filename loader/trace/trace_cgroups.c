/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "loader/state/cgroups.h"
#include "loader/state/container.h"
#include "loader/trace/trace_cgroups.h"
#include "loader/util/mountinfo.h"
#include "offsets/util/cleanup.h"

#define DEPTH       64   /* of cgroups below each other */
#define LOOK_GROUPS 4096 /* that are read in a look */
#define HIERARCHIES 32

struct trace_cgroups {
	char **paths; /* of directories */
	size_t count;
};

/* ---- directories --------------------------------------------------------------- */

/* A walk down from a directory. Whoever may make cgroups chooses their names. */
struct walk_down {
	char path[PATH_MAX];
	size_t root; /* bytes of the path where it begins */
	/* Called for each directory; size: of the path. *ret_deeper: also what is below it. */
	int (*visit)(struct walk_down *w, size_t size, bool *ret_deeper);
	void *arg;
};

static int walk_from(struct walk_down *w, size_t size, unsigned int depth);

/* An entry of the directory that the path names. */
static int walk_entry(struct walk_down *w, size_t size, const struct dirent *entry,
                      unsigned int depth)
{
	size_t name = strlen(entry->d_name);

	if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
	    size + 1 + name >= sizeof(w->path))
		return 0;
	w->path[size] = '/';
	memcpy(w->path + size + 1, entry->d_name, name + 1);
	return walk_from(w, size + 1 + name, depth + 1);
}

static int walk_from(struct walk_down *w, size_t size, unsigned int depth)
{
	bool is_deeper = false;
	struct dirent *entry;
	int err = w->visit(w, size, &is_deeper);
	DIR *dir;

	if (err || !is_deeper || depth == DEPTH)
		return err;
	dir = opendir(w->path);
	while (dir && !err && (entry = readdir(dir))) {
		err = walk_entry(w, size, entry, depth);
		w->path[size] = '\0';
	}
	if (dir)
		closedir(dir);
	return err;
}

static int walk_down(struct walk_down *w, const char *path)
{
	size_t size = strlen(path);

	if (size >= sizeof(w->path))
		return -ENAMETOOLONG;
	memcpy(w->path, path, size + 1);
	w->root = size;
	return walk_from(w, size, 0);
}

/* ---- which ones ---------------------------------------------------------------- */

static int path_add(struct trace_cgroups *c, const char *path)
{
	char **larger = realloc(c->paths, (c->count + 1) * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	c->paths = larger;
	c->paths[c->count] = strdup(path);
	return c->paths[c->count++] ? 0 : -ENOMEM;
}

static bool span_is(struct span span, const char *text, size_t size)
{
	return span.size == size && !memcmp(span.text, text, size);
}

/* Endings that names of units have: systemd.unit(5). Others are services. */
static bool has_unit_ending(const char *name)
{
	static const char *const endings[] = { ".service", ".scope", ".slice",
		                               ".socket",  ".mount", ".swap" };
	const char *ending = strrchr(name, '.');
	size_t i;

	for (i = 0; ending && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(ending, endings[i]))
			return true;
	return false;
}

/* path: from the root of the hierarchy. */
static bool is_unit(const char *name, struct span path, bool *ret_deeper)
{
	struct span unit = cgroups_unit(path);
	const char *slash = strrchr(path.text, '/');
	size_t size = strlen(name);

	*ret_deeper = !unit.text;
	if (!slash || (unit.text && unit.text != slash + 1))
		return false;
	if (!unit.text) /* a slice */
		return !strcmp(slash + 1, name);
	if (has_unit_ending(name))
		return span_is(unit, name, size);
	return unit.size == size + strlen(".service") && !memcmp(unit.text, name, size) &&
	       !strcmp(unit.text + size, ".service");
}

static bool is_container(const char *id, struct span path, bool *ret_deeper)
{
	struct container_id found = container_id(path.text, path.size);
	size_t size = strlen(id);

	*ret_deeper = !found.text;
	return found.text && found.size >= size && !memcmp(found.text, id, size);
}

struct search {
	const struct trace_group *group;
	struct trace_cgroups *found;
};

static int search_visit(struct walk_down *w, size_t size, bool *ret_deeper)
{
	const struct search *s = w->arg;
	struct span path = { w->path + w->root, size - w->root };
	bool is_it;

	if (s->group->kind == GROUP_UNIT)
		is_it = is_unit(s->group->name, path, ret_deeper);
	else
		is_it = is_container(s->group->name, path, ret_deeper);
	if (!is_it)
		return 0;
	*ret_deeper = false;
	return path_add(s->found, w->path);
}

static bool is_cgroup(const char *path)
{
	struct statfs fs;
	struct stat st;

	return !statfs(path, &fs) && !stat(path, &st) && S_ISDIR(st.st_mode) &&
	       (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
}

/* A group in the hierarchy that is mounted there. */
static int group_find(const struct search *s, const char *point)
{
	struct walk_down w = { .visit = search_visit, .arg = (void *)s };
	char path[PATH_MAX];
	int size;

	if (s->group->kind != GROUP_PATH)
		return walk_down(&w, point);
	size = snprintf(path, sizeof(path), "%s/%s", point, s->group->name);
	if (size >= (int)sizeof(path) || !is_cgroup(path))
		return 0;
	return path_add(s->found, path);
}

/* Where a hierarchy is mounted as a whole. False: the line is about another mount. */
static bool hierarchy_parse(char *line, struct mountinfo *ret)
{
	bool is_cgroups = strstr(line, " - cgroup ") || strstr(line, " - cgroup2 ");

	return is_cgroups && mountinfo_parse(line, ret) && !strcmp(ret->root, "/");
}

static bool has_device(const unsigned int *devices, size_t count, unsigned int device)
{
	while (count--)
		if (devices[count] == device)
			return true;
	return false;
}

/* In each hierarchy once. */
static int hierarchies_search(const struct search *s)
{
	CLEANUP(cleanup_file) FILE *file = fopen("/proc/self/mountinfo", "re");
	CLEANUP(cleanup_free) char *line = NULL;
	unsigned int devices[HIERARCHIES];
	struct mountinfo mount;
	size_t room = 0, count = 0;
	int err = file ? 0 : -errno;

	while (!err && count < HIERARCHIES && getline(&line, &room, file) > 0) {
		if (!hierarchy_parse(line, &mount) || has_device(devices, count, mount.device) ||
		    !is_cgroup(mount.point))
			continue;
		devices[count++] = mount.device;
		err = group_find(s, mount.point);
	}
	return err;
}

static int group_search(const struct trace_group *group, struct trace_cgroups *c,
                        struct offsets_error *error)
{
	static const char *const what[] = { "cgroup", "cgroup of a unit", "cgroup of a container" };
	const struct search s = { group, c };
	size_t before = c->count;
	int err;

	if (group->kind == GROUP_PATH && *group->name == '/' && is_cgroup(group->name))
		err = path_add(c, group->name);
	else
		err = hierarchies_search(&s);
	if (err)
		return offsets_fail(error, err, "cgroups cannot be read: %s", strerror(-err));
	if (c->count == before)
		return offsets_fail(error, -ENOENT, "there is no %s %s: is it running?",
		                    what[group->kind], group->name);
	return 0;
}

int trace_cgroups_open(const struct trace_group *groups, size_t count, struct trace_cgroups **ret,
                       struct offsets_error *error)
{
	struct trace_cgroups *c = calloc(1, sizeof(*c));
	size_t i;
	int err = 0;

	*ret = c;
	if (!c)
		return offsets_fail(error, -ENOMEM, "out of memory");
	for (i = 0; !err && i < count; i++)
		err = group_search(&groups[i], c, error);
	return err;
}

void trace_cgroups_free(struct trace_cgroups *c)
{
	if (!c)
		return;
	while (c->count)
		free(c->paths[--c->count]);
	free(c->paths);
	free(c);
}

/* ---- processes ----------------------------------------------------------------- */

struct look {
	int (*fn)(void *arg, pid_t pid);
	void *arg;
	unsigned int groups;
};

/* A cgroup that ends meanwhile has none; nor has one of threads (of version 2). */
static int procs_read(const char *path, const struct look *look)
{
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	int pid, err = 0;

	while (file && !err && fscanf(file, "%d", &pid) == 1)
		if (pid > 0) /* 0: of another pid namespace */
			err = look->fn(look->arg, pid);
	return err;
}

static int look_visit(struct walk_down *w, size_t size, bool *ret_deeper)
{
	static const char file[] = "/cgroup.procs";
	struct look *look = w->arg;
	int err;

	if (look->groups++ == LOOK_GROUPS)
		return -E2BIG;
	*ret_deeper = true;
	if (size + sizeof(file) > sizeof(w->path))
		return 0;
	memcpy(w->path + size, file, sizeof(file));
	err = procs_read(w->path, look);
	w->path[size] = '\0';
	return err;
}

int trace_cgroups_look(struct trace_cgroups *c, int (*fn)(void *arg, pid_t pid), void *arg)
{
	struct look look = { fn, arg, 0 };
	struct walk_down w = { .visit = look_visit, .arg = &look };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < c->count; i++)
		err = walk_down(&w, c->paths[i]);
	return err;
}
