/* SPDX-License-Identifier: BSD-2-Clause */
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/state/names.h"

/* A file with more entries is read so far. */
#define ENTRIES_MAX 65536

struct name {
	uint32_t id;
	uint32_t line; /* the first of several names for an id counts */
	char *text;
};

struct list {
	const char *path;
	struct stat seen; /* st_ino 0: never */
	struct name *names;
	size_t count;
};

struct names {
	struct list lists[NAME_TYPES];
};

static void list_clear(struct list *l)
{
	while (l->count)
		free(l->names[--l->count].text);
	free(l->names);
	l->names = NULL;
}

static bool list_add(struct list *l, uint32_t id, const char *text)
{
	if (!(l->count & (l->count - 1))) {
		size_t room = l->count ? 2 * l->count : 1;
		struct name *names = realloc(l->names, room * sizeof(*names));

		if (!names)
			return false;
		l->names = names;
	}
	l->names[l->count] = (struct name){ id, l->count, strdup(text) };
	return l->names[l->count].text && ++l->count < ENTRIES_MAX;
}

static int compare(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static bool next_read(FILE *file, enum name_type type, struct list *l)
{
	const struct passwd *user = type == NAME_USER ? fgetpwent(file) : NULL;
	const struct group *group = type == NAME_GROUP ? fgetgrent(file) : NULL;

	if (user)
		return list_add(l, user->pw_uid, user->pw_name);
	return group && list_add(l, group->gr_gid, group->gr_name);
}

static void list_read(struct list *l, enum name_type type)
{
	FILE *file = fopen(l->path, "re");

	list_clear(l);
	if (!file)
		return;
	while (next_read(file, type, l))
		continue;
	fclose(file);
	if (l->count)
		qsort(l->names, l->count, sizeof(*l->names), compare);
}

void names_refresh(struct names *n)
{
	enum name_type type;

	for (type = 0; n && type < NAME_TYPES; type++) {
		struct list *l = &n->lists[type];
		struct stat st = { 0 };

		/* Editors and useradd put a new file in the place of the old one. */
		stat(l->path, &st);
		if (st.st_ino == l->seen.st_ino && st.st_size == l->seen.st_size &&
		    st.st_mtim.tv_sec == l->seen.st_mtim.tv_sec &&
		    st.st_mtim.tv_nsec == l->seen.st_mtim.tv_nsec)
			continue;
		l->seen = st;
		list_read(l, type);
	}
}

struct names *names_new(const char *passwd, const char *group)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->lists[NAME_USER].path = passwd;
	n->lists[NAME_GROUP].path = group;
	names_refresh(n);
	return n;
}

void names_free(struct names *n)
{
	enum name_type type;

	for (type = 0; n && type < NAME_TYPES; type++)
		list_clear(&n->lists[type]);
	free(n);
}

const char *names_find(const struct names *n, enum name_type type, uint32_t id)
{
	const struct list *l = &n->lists[type];
	size_t low = 0, high = l->count;

	while (low < high) { /* the first with that id */
		size_t middle = low + (high - low) / 2;

		if (l->names[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->count && l->names[low].id == id ? l->names[low].text : NULL;
}
